// Settling: from events to places that are due. A pure function of events and
// of the time that is handed in.

package watch

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// place is a folder of a root.
type place struct {
	root   int
	folder string
}

// mark is what is remembered of changes to one thing.
type mark struct {
	first, last time.Time
	gone        bool
	urgent      bool // due at once
	cause       Cause
}

// waiting is what is due later in one place: names in it, or all of it. While
// all below a folder waits, as where one is being copied, names that are quiet
// before that need not wait with it.
type waiting struct {
	names map[string]mark // none when whole, unless deep
	whole bool
	deep  bool
	mark  mark // of the whole
}

// bounds of what is remembered one by one. They keep the set below some
// megabytes whatever happens; a listing that finds nothing new costs about
// 1 us a file (BenchmarkWalk), so looking at a folder is cheap beside 256 looks.
const (
	maxNamesOfFolder = 256
	maxNames         = 8192
	maxFolders       = 4096
)

// settle gathers changes until they are due: quiet after the last of them, or
// longest after the first, whichever is earlier.
type settle struct {
	quiet, longest time.Duration

	set   map[place]*waiting
	names int // in all
	deeps int
}

func newSettle(quiet, longest time.Duration) *settle {
	return &settle{quiet: quiet, longest: longest, set: map[place]*waiting{}}
}

// name notes a change to a name in a folder.
func (s *settle) name(p place, name string, gone bool, now time.Time) {
	if w := s.covering(p); w != nil {
		w.mark.touch(false, now)
	}
	w := s.at(p)
	if w.whole && !w.deep {
		w.mark.touch(false, now)
		return
	}
	m, known := w.names[name]
	if !known {
		if w.deep && len(w.names) == maxNamesOfFolder {
			return
		}
		m = mark{first: now, cause: CauseEvent}
		s.names++
	}
	m.touch(gone, now)
	w.names[name] = m
	if len(w.names) > maxNamesOfFolder {
		s.gather(w)
	}
	if s.names > maxNames {
		for _, w := range s.set {
			s.gather(w)
		}
	}
	s.bound()
}

// folder notes that a whole folder is to be looked at, with deep all below it.
func (s *settle) folder(p place, deep, gone, urgent bool, cause Cause, now time.Time) {
	w := s.covering(p)
	if w == nil {
		w = s.at(p)
		s.gather(w)
	}
	w.mark.touch(gone && w == s.set[p], now)
	w.mark.urgent = w.mark.urgent || urgent
	if cause != CauseEvent {
		w.mark.cause = cause
	}
	if deep && !w.deep {
		w.deep = true
		s.deeps++
	}
	s.bound()
}

func (m *mark) touch(gone bool, now time.Time) {
	if m.first.IsZero() {
		m.first = now
	}
	m.last, m.gone = now, gone
}

// at is the entry of a place.
func (s *settle) at(p place) *waiting {
	w := s.set[p]
	if w == nil {
		w = &waiting{names: map[string]mark{}}
		s.set[p] = w
	}
	return w
}

// covering is the entry that says to look at a place and all below, or nil.
func (s *settle) covering(p place) *waiting {
	if s.deeps == 0 {
		return nil
	}
	for {
		if w := s.set[p]; w != nil && w.deep {
			return w
		}
		if p.folder == "" {
			return nil
		}
		p.folder = above(p.folder)
	}
}

// gather makes one mark of a folder of its names.
func (s *settle) gather(w *waiting) {
	if !w.whole {
		w.whole, w.mark = true, mark{cause: CauseEvent}
	}
	for _, m := range w.names {
		if w.mark.first.IsZero() || m.first.Before(w.mark.first) {
			w.mark.first = m.first
		}
		if m.last.After(w.mark.last) {
			w.mark.last = m.last
		}
	}
	s.names -= len(w.names)
	w.names = map[string]mark{}
}

// bound makes one mark of a root of its folders, beginning with the root that
// has most, while there are too many.
func (s *settle) bound() {
	for len(s.set) > maxFolders {
		count := map[int]int{}
		most := -1
		for p := range s.set {
			count[p.root]++
			if most < 0 || count[p.root] > count[most] || count[p.root] == count[most] && p.root < most {
				most = p.root
			}
		}
		root := &waiting{whole: true, deep: true, mark: mark{cause: CauseEvent}}
		for p, w := range s.set {
			if p.root != most {
				continue
			}
			s.gather(w)
			if root.mark.first.IsZero() || w.mark.first.Before(root.mark.first) {
				root.mark.first = w.mark.first
			}
			if w.mark.last.After(root.mark.last) {
				root.mark.last = w.mark.last
			}
			root.mark.urgent = root.mark.urgent || w.mark.urgent
			if w.deep {
				s.deeps--
			}
			delete(s.set, p)
		}
		s.set[place{root: most}] = root
		s.deeps++
	}
}

// dueAt is when a mark is due.
func (s *settle) dueAt(m mark) time.Time {
	if m.urgent {
		return m.first
	}
	quiet, longest := m.last.Add(s.quiet), m.first.Add(s.longest)
	if quiet.Before(longest) {
		return quiet
	}
	return longest
}

// settled is a Due whose root is still a number.
type settled struct {
	place
	names      []string
	deep, gone bool
	cause      Cause
	since      time.Time
}

// order is what comes first: names that are there, then folders, then folders
// with all below, then what went.
func (d settled) order() int {
	switch {
	case d.gone:
		return 3
	case d.deep:
		return 2
	case d.names == nil:
		return 1
	}
	return 0
}

// take removes and returns what is due, in an order that depends on nothing
// but what is due.
func (s *settle) take(now time.Time) []settled {
	var due []settled
	deep := map[place]bool{}
	for p, w := range s.set {
		if w.whole && !s.dueAt(w.mark).After(now) {
			s.names -= len(w.names)
			due = append(due, settled{p, nil, w.deep, w.mark.gone, w.mark.cause, w.mark.first})
			if w.deep {
				deep[p] = true
				s.deeps--
			}
			delete(s.set, p)
			continue
		}
		var there, went settled
		for name, m := range w.names {
			if s.dueAt(m).After(now) {
				continue
			}
			d := &there
			if m.gone {
				d = &went
			}
			d.names = append(d.names, name)
			if d.since.IsZero() || m.first.Before(d.since) {
				d.since = m.first
			}
			delete(w.names, name)
			s.names--
		}
		for _, d := range [...]*settled{&there, &went} {
			if len(d.names) > 0 {
				slices.Sort(d.names)
				d.place, d.cause, d.gone = p, CauseEvent, d == &went
				due = append(due, *d)
			}
		}
		if len(w.names) == 0 && !w.whole {
			delete(s.set, p)
		}
	}
	due = slices.DeleteFunc(due, func(d settled) bool { return isBelow(d.place, d.deep, deep) })
	slices.SortFunc(due, func(a, b settled) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.root, b.root), cmp.Compare(a.folder, b.folder))
	})
	if len(s.set) == 0 {
		s.set = map[place]*waiting{} // a map keeps the room of its largest size
	}
	return due
}

// isBelow says whether one of the deep places covers another place.
func isBelow(p place, itself bool, deep map[place]bool) bool {
	if len(deep) == 0 {
		return false
	}
	if !itself && deep[p] {
		return true
	}
	for p.folder != "" {
		p.folder = above(p.folder)
		if deep[p] {
			return true
		}
	}
	return false
}

// next is when the next mark is due; it is not ok when none waits.
func (s *settle) next() (at time.Time, ok bool) {
	earlier := func(m mark) {
		if due := s.dueAt(m); !ok || due.Before(at) {
			at, ok = due, true
		}
	}
	for _, w := range s.set {
		if w.whole {
			earlier(w.mark)
		}
		for _, m := range w.names {
			earlier(m)
		}
	}
	return at, ok
}

// depth counts what waits, and since says since when the oldest does.
func (s *settle) depth() (depth int, since time.Time) {
	oldest := func(m mark) {
		depth++
		if since.IsZero() || m.first.Before(since) {
			since = m.first
		}
	}
	for _, w := range s.set {
		if w.whole {
			oldest(w.mark) // which covers its names
			continue
		}
		for _, m := range w.names {
			oldest(m)
		}
	}
	return depth, since
}

// above is the folder that holds a folder.
func above(folder string) string {
	return folder[:max(0, strings.LastIndexByte(folder, '/'))]
}
