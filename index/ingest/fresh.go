package ingest

import (
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// Reason says why a file was or was not looked into. Each file of a walk gets
// exactly one; the summary of a scan counts them.
type Reason string

const (
	Unchanged Reason = "unchanged" // size and times as stored: not opened
	Touched   Reason = "touched"   // times differ, the bytes do not: one hash
	Moved     Reason = "moved"     // the same inode, size and time as a file that is gone
	Copied    Reason = "copied"    // bytes that the index knows, under a name that did not have them
	Changed   Reason = "changed"   // a known name with new bytes: hash, decode, all stages
	New       Reason = "new"       // a new name with new bytes: hash, decode, all stages
	Stale     Reason = "stale"     // a stage has a new version: decode, that stage alone
	Retried   Reason = "retried"   // failed before, and the decoders or limits are others now
	Gone      Reason = "gone"      // no longer there, and its root is proven present
	Offline   Reason = "offline"   // not seen, and its root or mount point is not proven present
)

// Reasons lists all reasons in the order in which a summary prints them.
var Reasons = []Reason{Unchanged, Touched, Moved, Copied, Changed, New, Stale, Retried, Gone, Offline}

// RacyWindow is how young a modification may be when a file is read, for its
// time stamp to be trusted afterwards. Two seconds is the coarsest time stamp in
// use, that of FAT; a file written twice within it may keep size and time.
const RacyWindow = 2 * time.Second

// otherClocks is how far the clock of a disk may be ahead of ours: that of a server, or
// one that keeps local time, as FAT does.
const otherClocks = 24 * time.Hour

// Racy tells whether a file modified at mtime (Unix nanoseconds) and read at
// the given time could have been written again without its time stamp showing it. Time
// stamps from the near future are not trusted either. Those from farther ahead were set
// on purpose, or by a camera with a wrong clock: a disk writes others, and a library of
// such photos is not to be read again by each scan.
func Racy(mtime int64, read time.Time) bool {
	age := read.UnixNano() - mtime
	return age < int64(RacyWindow) && age > -int64(otherClocks)
}

// Need is what must be done to know a file's reason.
type Need int

const (
	Nothing Need = iota // unchanged
	Extract             // unchanged, but its features are stale or its failure may be tried again
	Hash                // its bytes must be read
)

// Fresh decides from the stored row (nil where the name is new) and what the
// disk says now. outdated tells that the stored content's features are of an
// older stage, or that its failure came from other decoders or limits.
func Fresh(stored *index.File, seen index.Stat, outdated bool) Need {
	switch {
	case stored == nil, stored.Racy, !Same(stored.Stat, seen):
		return Hash
	case stored.State == index.Failed && stored.Content == 0:
		return Hash // could not be read: a cheap try tells whether it can now
	case outdated:
		return Extract
	}
	return Nothing
}

// Known decides the reason of a file that was hashed.
//
// stored is the row of its name (nil where the name is new), same tells that
// the stored content has the hash just taken, known that any content has it.
func Known(stored *index.File, same, known bool) Reason {
	switch {
	case stored != nil && same:
		return Touched
	case stored != nil && stored.State == index.Failed && stored.Content == 0:
		return Retried
	case known:
		return Copied
	case stored != nil:
		return Changed
	}
	return New
}

// Same tells whether two stats speak of the same state of a file. The device is
// left out: its number may change when a drive is plugged in again.
func Same(a, b index.Stat) bool {
	return a.Size == b.Size && a.Mtime == b.Mtime && a.Ctime == b.Ctime && a.Inode == b.Inode
}
