// What a walk leaves out: the defaults, each with its reason, and the user's
// gitignore patterns.

package watch

import (
	"fmt"
	"runtime"
	"strings"
)

// DefaultExclude is a pattern that is left out unless the user says otherwise.
type DefaultExclude struct {
	Pattern string // gitignore syntax; letters of either case match
	Reason  string
}

// DefaultExcludes lists what is left out by default, for the user to read. Of
// those that match a path the last one gives the reason.
func DefaultExcludes() []DefaultExclude {
	return []DefaultExclude{
		{".*", "hidden: the name begins with a dot"},
		{".git/", "version control: git's own files"},
		{".Trash-*/", "trash of Linux desktops"},
		{".Trash/", "trash of macOS and Linux desktops"},
		{".Trashes/", "trash of macOS on other disks"},
		{".dtrash/", "trash of digiKam"},
		{".thumbnails/", "thumbnails of Linux and Android"},
		{".@__thumb/", "thumbnails of QNAP devices"},
		{".Spotlight-V100/", "search index of macOS"},
		{".fseventsd/", "event log of macOS"},
		{".DocumentRevisions-V100/", "document versions of macOS"},
		{".TemporaryItems/", "temporary files of macOS"},
		{".zfs/", "snapshots of ZFS: the same files again"},
		{".snapshots/", "snapshots of snapper: the same files again"},
		{"@eaDir/", "thumbnails and metadata of Synology devices"},
		{"#recycle/", "trash of Synology devices"},
		{"#snapshot/", "snapshots of Synology devices: the same files again"},
		{"@Recycle/", "trash of QNAP devices"},
		{"@Recently-Snapshot/", "snapshots of QNAP devices: the same files again"},
		{"$RECYCLE.BIN/", "trash of Windows"},
		{"RECYCLER/", "trash of old Windows"},
		{"System Volume Information/", "restore points and indexes of Windows"},
		{"lost+found/", "what a disk check put aside"},
		{"*.lrdata/", "previews of Lightroom"},
		{"*.lrcat-data/", "catalog data of Lightroom"},
		{"**/CaptureOne/Cache/", "previews of Capture One sessions"},
		{"**/*.cocatalog/Cache/", "previews of Capture One catalogs"},
		{"**/*.photoslibrary/resources/", "previews of Apple Photos; its originals are walked"},
		{"**/*.photoslibrary/database/", "database of Apple Photos"},
		{"**/*.photoslibrary/private/", "caches of Apple Photos"},
		{"**/*.photoslibrary/scopes/", "caches of shared albums of Apple Photos"},
		{"**/*.photoslibrary/Thumbnails/", "thumbnails of older Apple Photos"},
		{"**/*.photoslibrary/Previews/", "previews of older Apple Photos"},
		{"**/*.photolibrary/Thumbnails/", "thumbnails of iPhoto"},
		{"**/*.photolibrary/Previews/", "previews of iPhoto"},
		{"**/*.aplibrary/Thumbnails/", "thumbnails of Aperture"},
		{"**/*.aplibrary/Previews/", "previews of Aperture"},
	}
}

// Excludes decides what is left out. Of the patterns that match a path the last
// one counts; the defaults stand before the user's, so "!.git/" takes .git in
// again. As in git, nothing below a folder that is left out can be taken in.
type Excludes struct {
	patterns []pattern
	reasons  []string // of the first patterns, the defaults
	hidden   bool     // leave out what the system marks as hidden (Windows)
}

// NewExcludes reads the user's gitignore patterns, which are relative to the
// root of the walk, after the default ones unless noDefaults. Bytes are matched,
// so "?" is one byte. Letters of either case match where file names ignore case
// (Windows, macOS).
func NewExcludes(patterns []string, noDefaults bool) (*Excludes, error) {
	e := &Excludes{}
	if !noDefaults {
		e = defaultsOnly()
	}
	fold := runtime.GOOS == "windows" || runtime.GOOS == "darwin"
	for _, text := range patterns {
		p, err := parsePattern(text, fold)
		if err != nil {
			return nil, fmt.Errorf("exclude pattern %q: %w", text, err)
		}
		e.patterns = append(e.patterns, p)
	}
	return e, nil
}

func defaultsOnly() *Excludes {
	e := &Excludes{hidden: true}
	for _, d := range DefaultExcludes() {
		text := d.Pattern
		if strings.HasPrefix(text, "#") {
			text = `\` + text
		}
		p, err := parsePattern(text, true)
		if err != nil {
			panic(fmt.Sprintf("default exclude %s: %v", d.Pattern, err)) // a constant of ours
		}
		e.patterns = append(e.patterns, p)
		e.reasons = append(e.reasons, d.Reason)
	}
	return e
}

// Excluded says whether a path from the root, or a folder above it, is left
// out, and why. The root itself ("") never is. What Windows marks as hidden is
// seen by the walk alone: it is not in the path.
func (e *Excludes) Excluded(path string, isDir bool) (reason string, excluded bool) {
	for end := 0; end < len(path); {
		start := end
		if i := strings.IndexByte(path[start:], '/'); i >= 0 {
			end = start + i
		} else {
			end = len(path)
		}
		folder := strings.TrimSuffix(path[:start], "/")
		rule := e.match(folder, path[start:end], end < len(path) || isDir)
		if rule != nil && !rule.negate {
			return e.why(rule), true
		}
		end++ // over the slash
	}
	return "", false
}

// match is the last pattern that matches an entry of a folder, nil if none does.
func (e *Excludes) match(folder, name string, isDir bool) *pattern {
	for i := len(e.patterns) - 1; i >= 0; i-- {
		if e.patterns[i].match(folder, name, isDir) {
			return &e.patterns[i]
		}
	}
	return nil
}

func (e *Excludes) why(rule *pattern) string {
	for i := range e.reasons {
		if rule == &e.patterns[i] {
			return e.reasons[i]
		}
	}
	return "pattern " + rule.text
}
