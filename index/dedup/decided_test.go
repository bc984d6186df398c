package dedup

import "testing"

// TestDecided is the specification of what the user's word does to groups; taken
// back, all is as it was.
func TestDecided(t *testing.T) {
	for _, c := range []struct {
		name         string
		letters      string
		matches      []string
		apart        []string // pairs of letters
		before, want string
	}{
		{"a pair", "ab", []string{"ab near 1"}, []string{"ab"}, "a: b near", ""},
		{"in whatever order it is named", "ab", []string{"ab pixels 1"}, []string{"ba"}, "a: b pixels", ""},
		{"one of three leaves", "abc", []string{"ab near 1", "ac near 1", "bc near 1"}, []string{"ac"}, "a: b near, c near", "a: b near"},
		{"whoever leaves may meet others", "abcd", []string{"ab near 1", "ac near 1", "ad near 1", "cd near 1"}, []string{"ac", "ad"},
			"a: b near, c near, d near", "a: b near; c: d near"},
		{"two copies of one picture that are no copies of each other", "abc", []string{"ab near 1", "ac near 1"}, []string{"bc"}, "a: b near, c near", "a: b near"},
		{"nobody asks directly what the user has said", "abc", []string{"ab near 1", "bc near 1"}, []string{"ac"}, "a: b near", "a: b near"},
		{"a part hangs no more", "az", []string{"az partial 1 <"}, []string{"az"}, "a: z partial", ""},
		{"nor on another member", "abz", []string{"ab near 1", "az partial 1 <"}, []string{"bz"}, "a: b near, z partial", "a: b near"},
		{"strangers", "ab", nil, []string{"ab"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newIndex(t)
			put(t, x, c.letters)
			compared(t, x, c.matches...)
			regroup(t, x)
			check := func(when, want string) {
				t.Helper()
				for _, s := range []string{"strict", "normal", "loose"} {
					if got := groups(t, x, s); got != want {
						t.Errorf("%s, %s: %q, want %q", when, s, got, want)
					}
				}
			}
			check("before", c.before)
			for _, p := range c.apart {
				must(t, x.Decide(t.Context(), letter(p[:1]), letter(p[1:]), 1))
			}
			regroup(t, x)
			check("decided", c.want)
			compared(t, x, c.matches...) // found again, as by a newer version
			must(t, x.Undecide(t.Context(), letter("x"), letter("y")))
			regroup(t, x)
			check("found again", c.want)
			for _, p := range c.apart {
				must(t, x.Undecide(t.Context(), letter(p[1:]), letter(p[:1])))
			}
			regroup(t, x)
			check("taken back", c.before)
		})
	}
}
