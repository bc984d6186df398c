// What a Watcher says: where to look, and why.

package watch

import "time"

// Cause says why a place is due.
type Cause string

// The causes. All but CauseEvent are rescans of a folder and all below it.
const (
	CauseEvent     Cause = "event"     // the system told of a change
	CauseFolder    Cause = "folder"    // a folder is new, was moved in, or went
	CauseOverflow  Cause = "overflow"  // events were dropped
	CausePoll      Cause = "poll"      // the place cannot be watched, or tells nothing
	CauseMount     Cause = "mount"     // something was mounted or unmounted there
	CauseAway      Cause = "away"      // the root is not there any more
	CauseBack      Cause = "back"      // the root is there again, or another folder in its place
	CauseReconcile Cause = "reconcile" // the slow look at everything
	CauseAsked     Cause = "asked"     // Rescan was called
)

// Due is a place to look at. It is a hint: what is true is on the disk, and
// may be that nothing changed, or that nothing is there any more.
type Due struct {
	Root   string // Root.Path of the root
	Folder string // path from the root, parts joined by '/'; "" is the root itself
	// Names are the names in Folder to look at, in byte order; nil means the
	// whole folder. A name may be that of a folder that went: then what was
	// known below it went too.
	Names []string
	Deep  bool // the folder and all below it
	// Gone says that the last that was heard of the names or of the folder is
	// that they went. Such items come last, so that the new place of what was
	// moved is known before its old place is looked at.
	Gone  bool
	Cause Cause
	Since time.Time // when the first of the changes was heard of
}
