package watch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// at is a moment of a clock that begins at 0.
func at(ms int) time.Time { return time.UnixMilli(int64(ms)) }

func plainSettle() *settle { return newSettle(700*time.Millisecond, 5*time.Second) }

// spell writes what is due in one line.
func spell(list []settled) string {
	var out []string
	for _, d := range list {
		s := fmt.Sprintf("%d:%s", d.root, d.folder)
		switch {
		case d.deep:
			s += "/**"
		case d.names == nil:
			s += "/*"
		case len(d.names) > 3:
			s += fmt.Sprintf("[%d]", len(d.names))
		default:
			s += fmt.Sprintf("%v", d.names)
		}
		if d.gone {
			s += "-"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestSettleQuietAndLongest(t *testing.T) {
	s := plainSettle()
	p := place{0, "a"}
	s.name(p, "x", false, at(0))
	if next, ok := s.next(); !ok || next != at(700) {
		t.Errorf("next %v, want 700 ms after the change", next)
	}
	if due := s.take(at(699)); len(due) != 0 {
		t.Errorf("due before its time: %s", spell(due))
	}
	s.name(p, "x", false, at(600))
	if due := s.take(at(1299)); len(due) != 0 {
		t.Errorf("due while it did not rest: %s", spell(due))
	}
	due := s.take(at(1300))
	if got := spell(due); got != "0:a[x]" || due[0].since != at(0) || due[0].cause != CauseEvent {
		t.Errorf("%s since %v", got, due[0].since)
	}
	if _, ok := s.next(); ok || len(s.set) != 0 || s.names != 0 {
		t.Error("something is left")
	}
	for ms := 0; ms < 5000; ms += 100 { // written all the time
		s.name(p, "x", false, at(ms))
		if due := s.take(at(ms)); len(due) != 0 {
			t.Fatalf("due after %d ms", ms)
		}
	}
	if got := spell(s.take(at(5000))); got != "0:a[x]" {
		t.Errorf("after the longest time: %q", got)
	}
}

func TestSettleOrder(t *testing.T) {
	s := plainSettle()
	s.name(place{1, "b"}, "old", true, at(0))
	s.folder(place{0, "went"}, true, true, false, CauseFolder, at(0))
	s.folder(place{0, "new"}, true, false, false, CauseFolder, at(0))
	s.folder(place{0, "look"}, false, false, false, CauseEvent, at(0))
	s.name(place{1, "b"}, "y", false, at(0))
	s.name(place{1, "b"}, "x", false, at(0))
	s.name(place{0, "z"}, "n", false, at(0))
	s.name(place{0, "a"}, "back", true, at(0))
	s.name(place{0, "a"}, "back", false, at(0))
	want := "0:a[back] 0:z[n] 1:b[x y] 0:look/* 0:new/** 0:went/**- 1:b[old]-"
	if got := spell(s.take(at(700))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSettleCovers(t *testing.T) {
	s := plainSettle()
	s.name(place{0, "a/b"}, "before", false, at(0))
	s.folder(place{0, "a"}, true, false, false, CauseFolder, at(0))
	s.name(place{0, "a/b"}, "x", true, at(100))
	s.name(place{0, "a"}, "y", false, at(100))
	s.folder(place{0, "a/c"}, true, true, false, CauseFolder, at(100))
	s.name(place{0, "ab"}, "z", false, at(0))
	s.name(place{1, "a"}, "z", false, at(0))
	if depth, since := s.depth(); depth != 5 || since != at(0) {
		t.Errorf("%d wait since %v, want 5 since 0", depth, since)
	}
	if got := spell(s.take(at(800))); got != "0:ab[z] 1:a[z] 0:a/**" {
		t.Errorf("got %s", got)
	}
	if s.deeps != 0 || s.names != 0 || len(s.set) != 0 {
		t.Errorf("left: %d deep, %d names, %d places", s.deeps, s.names, len(s.set))
	}
}

func TestSettleUrgent(t *testing.T) {
	s := plainSettle()
	s.name(place{0, ""}, "x", false, at(0))
	s.folder(place{0, ""}, true, false, true, CauseAsked, at(100))
	if got := s.take(at(100)); spell(got) != "0:/**" || got[0].cause != CauseAsked || got[0].since != at(0) {
		t.Errorf("got %+v", got)
	}
}

func TestSettleCollapses(t *testing.T) {
	t.Run("many names are a folder", func(t *testing.T) {
		s := plainSettle()
		for i := range maxNamesOfFolder {
			s.name(place{0, "a"}, fmt.Sprint(i), i%2 == 0, at(i))
		}
		if got := s.names; got != maxNamesOfFolder {
			t.Errorf("%d names", got)
		}
		s.name(place{0, "a"}, "one more", false, at(300))
		s.name(place{0, "a"}, "and more", true, at(400))
		due := s.take(at(1100))
		if spell(due) != "0:a/*" || due[0].since != at(0) || s.names != 0 {
			t.Errorf("%s since %v, %d names left", spell(due), due[0].since, s.names)
		}
	})
	t.Run("many names in all are folders", func(t *testing.T) {
		s := plainSettle()
		for i := range maxNames + 1 {
			s.name(place{0, fmt.Sprint(i % 100)}, fmt.Sprint(i), false, at(0))
		}
		due := s.take(at(700))
		if len(due) != 100 || s.names != 0 || due[0].names != nil {
			t.Errorf("%d due, %d names left", len(due), s.names)
		}
	})
	t.Run("many folders are a root", func(t *testing.T) {
		s := plainSettle()
		s.name(place{1, "other"}, "x", false, at(0))
		for i := range 3 * maxFolders {
			s.folder(place{0, fmt.Sprint(i)}, i%2 == 0, false, false, CauseFolder, at(i/100))
			if len(s.set) > maxFolders {
				t.Fatalf("%d places", len(s.set))
			}
		}
		due := s.take(at(2000))
		if got := spell(due); got != "1:other[x] 0:/**" || due[1].since != at(0) || s.deeps != 0 {
			t.Errorf("%s, %d deep left", got, s.deeps)
		}
	})
}

// A name in a folder that is being copied is due when it is quiet itself, not
// when the whole folder is.
func TestSettleOfACopiedFolder(t *testing.T) {
	s := plainSettle()
	s.folder(place{0, "new"}, true, false, false, CauseFolder, at(0))
	var got []string
	for ms := 0; ms <= 3000; ms += 100 {
		if ms <= 2000 {
			s.name(place{0, "new"}, fmt.Sprintf("%04d", ms), false, at(ms))
			s.name(place{0, "new/below"}, fmt.Sprintf("%04d", ms), false, at(ms))
		}
		for _, d := range s.take(at(ms)) {
			if got = append(got, spell([]settled{d})); !d.deep && len(d.names) != 1 {
				t.Errorf("at %d: %s", ms, got[len(got)-1])
			}
		}
	}
	if first, last := got[0], got[len(got)-1]; len(got) != 2*20+1 || first != "0:new[0000]" || last != "0:new/**" {
		t.Errorf("%d: %q", len(got), got)
	}
	if len(s.set) != 0 || s.names != 0 || s.deeps != 0 {
		t.Errorf("left: %d places, %d names, %d deep", len(s.set), s.names, s.deeps)
	}
}

// Whatever happens: all that changed is covered by something that is due, not
// before it rested and not after the longest time, and nothing stays behind.
func TestSettleLosesNothing(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := plainSettle()
		type change struct {
			p    place
			name string // "" for the folder
			deep bool
		}
		first := map[change]time.Time{}
		folders := []string{"", "a", "a/b", "a/b/c", "ab", "d"}
		check := func(now time.Time) {
			for _, d := range s.take(now) {
				for c := range first {
					_, inside := relative(c.p.folder, d.folder)
					same := c.p == d.place && !c.deep && (d.names == nil || slices.Contains(d.names, c.name))
					if c.p.root == d.root && d.deep && inside || same {
						delete(first, c)
					}
				}
			}
			for c, since := range first {
				if now.Sub(since) >= s.longest {
					t.Fatalf("seed %d: %+v waits since %v", seed, c, now.Sub(since))
				}
			}
		}
		now := 0
		for range 400 {
			now += r.IntN(60)
			c := change{p: place{r.IntN(2), folders[r.IntN(len(folders))]}}
			switch r.IntN(12) {
			case 0:
				c.deep = true
				s.folder(c.p, true, r.IntN(2) == 0, r.IntN(3) == 0, CauseFolder, at(now))
			case 1:
				s.folder(c.p, false, r.IntN(2) == 0, false, CauseEvent, at(now))
			default:
				c.name = fmt.Sprint(r.IntN(300))
				s.name(c.p, c.name, r.IntN(2) == 0, at(now))
			}
			if _, ok := first[c]; !ok {
				first[c] = at(now)
			}
			if r.IntN(5) == 0 {
				check(at(now))
			}
		}
		if next, ok := s.next(); ok && next.After(at(now+5000)) {
			t.Fatalf("seed %d: next %v", seed, next)
		}
		check(at(now + 5000))
		if len(first) > 0 || len(s.set) > 0 || s.names != 0 || s.deeps != 0 {
			t.Fatalf("seed %d: left %v, %d places, %d names, %d deep", seed, first, len(s.set), s.names, s.deeps)
		}
	}
}
