// Package script writes a script that acts on duplicates: a program for a person
// to read, to run, and to run again. dedupidx itself touches no photo.
//
// [Propose] and [Decided] make a [Plan]: for each file that goes the one that stays in
// its place. A file goes only if it is its group's picture (not a part of it), and
// only if a file of the group stays that is at hand; who stays never goes. [Write] makes a
// script of it, for POSIX sh or for PowerShell.
//
// The script does nothing unless it is told to (--yes, -Yes). Then, before each step,
// it checks again that the file to go is an ordinary file of the size and time that
// the index knows, that the one to stay is, too, and can be read to its end, and that they
// are not one file by two names. Hard links and clones are made only of files that
// are equal byte by byte. Where anything is otherwise the file is left alone and
// named. Nothing is ever overwritten but by a link or a clone of the same bytes, and that by a
// rename, so that a script which is killed leaves either the old state or the new
// one; what it had begun it finishes, or begins anew, when it is run again.
//
//   - trash: the home trash, or that of the file's own disk, by the rules of the
//     FreeDesktop trash specification 1.0; on macOS the Trash; on Windows the recycle bin.
//   - move: below another folder, at the same path as before, with a script that
//     moves all back.
//   - hardlink, reflink: equal files become one on the disk.
//   - list: only names what would go.
//
// Names are bytes and hostile. In sh they stand in single quotes; in PowerShell in
// single quotes, too, but with what could end or hide there as character codes. What is
// printed has its control characters replaced.
package script
