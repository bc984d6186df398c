// Package watch knows what lies on the disk: it walks the folders that the
// user named, leaves out what is excluded, and says what is proven present.
// It knows paths and their stat, never what a file holds, and opens nothing
// but folders.
//
// An index that deletes rows must tell "the photo is gone" from "the disk is
// not plugged in". Both look the same to a plain walk: an empty folder. So a
// walk reports a folder at a time, with its device and with its error, and
// [Presence] judges apart from it whether what is missing may be taken as gone.
//
// A [Watcher] says where to look while the disk changes. What the system tells
// is a hint and may be dropped, late or wrong, so it says places, never what
// happened there; the consumer looks with [WalkFolder], and what it finds is
// true. Whatever the Watcher cannot know (events dropped, folders that cannot
// be watched, file systems that tell nothing, a disk that came back) becomes a
// look at a whole folder and all below it, so that nothing is missed.
//
// Paths are bytes in a Go string: relative to their root, parts joined by '/'
// on every system, never normalized and never assumed to be UTF-8.
package watch
