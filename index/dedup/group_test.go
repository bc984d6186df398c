package dedup

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dedupidx/dedupidx/index"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newIndex(t testing.TB) *index.Index {
	t.Helper()
	x, err := index.Create(t.Context(), filepath.Join(t.TempDir(), "index"))
	must(t, err)
	t.Cleanup(func() { must(t, x.Close()) })
	_, err = x.AddRoot(t.Context(), "/photos", 1)
	must(t, err)
	return x
}

// letter names a content by a letter. Its hash begins with it, so that of equal
// quality a is better than b; and it has no features, so that only the matches
// that a test makes by hand hold.
func letter(l string) index.Hash { return index.Hash{l[0], 1} }

// put stores contents without features, and a file of each.
func put(t testing.TB, x *index.Index, letters string) {
	t.Helper()
	var b index.Batch
	for _, l := range strings.Split(letters, "") {
		b.Contents = append(b.Contents, index.ContentWrite{Content: index.Content{Hash: letter(l), Size: 100, Format: "jpeg"}})
		b.Files = append(b.Files, fileAt(l, l))
	}
	must(t, x.Write(t.Context(), b))
}

func fileAt(name, l string) index.FileWrite {
	return index.FileWrite{Hash: letter(l), File: index.File{
		Place: index.Place{Root: 1, Name: name + ".jpg"}, Stat: index.Stat{Size: 100, Inode: uint64(name[0]) + uint64(len(name))<<8, Device: 1}, State: index.OK}}
}

func id(t testing.TB, x *index.Index, l string) int64 {
	t.Helper()
	c, found, err := x.ContentByHash(t.Context(), letter(l))
	must(t, err)
	if !found {
		t.Fatalf("no content %s", l)
	}
	return c.ID
}

// matched reads "ab near 0.95", "ab partial 0.95 >" (a contains b), "<" (b
// contains a), and "direct" behind it.
func matched(t testing.TB, x *index.Index, text string) index.Match {
	t.Helper()
	f := strings.Fields(text)
	m := index.Match{
		A: id(t, x, f[0][:1]), B: id(t, x, f[0][1:]), Kind: f[1], Scores: "{}", Version: 1,
		Transform: index.Transform{2, 0, 0, 0, 2, 0},
	}
	_, err := fmt.Sscan(f[2], &m.Probability)
	must(t, err)
	m.Similarity = m.Probability
	for _, w := range f[3:] {
		switch w {
		case ">":
			m.Contains = 1
		case "<":
			m.Contains = -1
		case "direct":
			m.Direct = true
		default:
			t.Fatalf("match %q", text)
		}
	}
	return m
}

func compared(t testing.TB, x *index.Index, matches ...string) {
	t.Helper()
	var list []index.Match
	for _, m := range matches {
		list = append(list, matched(t, x, m))
	}
	must(t, x.WriteComparison(t.Context(), 1, nil, list))
}

func regroup(t testing.TB, x *index.Index) {
	t.Helper()
	for {
		_, done, err := Regroup(t.Context(), x, Options{})
		must(t, err)
		if done {
			return
		}
	}
}

// groups prints the groups of a sensitivity: "a: b near, c partial", a file more
// than one of a content as "+", by the letters of the representatives.
func groups(t testing.TB, x *index.Index, sensitivity string) string {
	t.Helper()
	var out []string
	for g, err := range x.ClusterRows(t.Context(), sensitivity, index.ByPath) {
		must(t, err)
		line, more := "", map[index.Hash]bool{}
		var rows []string
		for _, r := range g.Rows {
			l := string(rune(r.Content.Hash[0]))
			switch {
			case more[r.Content.Hash]:
				rows = append(rows, "+"+l)
			case r.Kind == index.Best:
				line = l + ":"
			default:
				rows = append(rows, l+" "+r.Kind)
			}
			more[r.Content.Hash] = true
		}
		out = append(out, strings.TrimSpace(line+" "+strings.Join(rows, ", ")))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// TestGroups is the specification of the grouping, row by row.
func TestGroups(t *testing.T) {
	for _, c := range []struct {
		name                  string
		letters               string
		matches               []string
		strict, normal, loose string
	}{
		{"nothing in common", "abc", nil, "", "", ""},
		{"the cuts", "abcdef", []string{"ab near 0.5", "cd near 0.9", "ef transformed 0.99"},
			"e: f transformed", "c: d near; e: f transformed", "a: b near; c: d near; e: f transformed"},
		{"just below the cuts", "abcdef", []string{"ab near 0.499999", "cd near 0.899999", "ef pixels 0.989999"},
			"", "e: f pixels", "c: d near; e: f pixels"},
		{"small steps do not tie strangers", "abcd", []string{"ab near 0.995", "bc near 0.995", "cd near 0.995"},
			"a: b near; c: d near", "a: b near; c: d near", "a: b near; c: d near"},
		{"what was asked directly counts", "abcd", []string{"ab near 0.995", "bc near 0.995", "cd near 0.995", "ac near 0.6 direct", "ad none 0.4 direct"},
			"a: b near, c near", "a: b near, c near", "a: b near, c near"},
		{"to stay, the loose cut is enough", "abc", []string{"ab near 0.995", "bc near 0.95", "ac near 0.5"},
			"a: b near", "a: b near, c near", "a: b near, c near"},
		{"to be tied, it is not", "abc", []string{"ab near 0.995", "ac near 0.6"},
			"a: b near", "a: b near", "a: b near, c near"},
		{"asked directly, a pair ties nothing", "ab", []string{"ab near 1 direct"}, "", "", ""},
		{"the rest begins again by the same rule", "abcdef", []string{"ab near 1", "bc near 1", "cd near 1", "ce near 1", "de near 1", "ef near 1"},
			"a: b near; c: d near, e near", "a: b near; c: d near, e near", "a: b near; c: d near, e near"},
		{"a rest that falls apart", "abcd", []string{"ab near 1", "bc near 1", "bd near 1"}, "a: b near", "a: b near", "a: b near"},
		{"a collage hangs under each of its photos and ties none", "abcdz",
			[]string{"az partial 1 <", "bz partial 1 <", "cz partial 1 <", "dz partial 0.95 <"},
			"a: z partial; b: z partial; c: z partial", "a: z partial; b: z partial; c: z partial; d: z partial", "a: z partial; b: z partial; c: z partial; d: z partial"},
		{"the better picture hangs all the same where it contains", "az", []string{"az partial 1 >"},
			"z: a partial", "z: a partial", "z: a partial"},
		{"where neither contains the other, the lesser hangs", "az", []string{"az partial 1"},
			"a: z partial", "a: z partial", "a: z partial"},
		{"a part of the representative is one of its group", "abcz", []string{"ab near 1", "ac near 1", "az partial 1 <"},
			"a: b near, c near, z partial", "a: b near, c near, z partial", "a: b near, c near, z partial"},
		{"a part of one of two is half", "abz", []string{"ab near 1", "bz partial 1 <"},
			"a: b near, z partial", "a: b near, z partial", "a: b near, z partial"},
		{"a part of one of three is not", "abcz", []string{"ab near 1", "ac near 1", "bz partial 1 <"},
			"a: b near, c near", "a: b near, c near", "a: b near, c near"},
		{"a part of two of three is", "abcz", []string{"ab near 1", "ac near 1", "bz partial 1 <", "cz partial 1 <"},
			"a: b near, c near, z partial", "a: b near, c near, z partial", "a: b near, c near, z partial"},
		{"a part that was asked directly is none", "az", []string{"az partial 1 < direct"}, "", "", ""},
		{"parts within a group say nothing", "abc", []string{"ab near 1", "ac near 1", "bc partial 1 <"},
			"a: b near, c near", "a: b near, c near", "a: b near, c near"},
		{"a copy of a collage is its copy", "ayz", []string{"ay partial 1 <", "az partial 1 <", "yz near 1"},
			"a: y partial, z partial; y: z near", "a: y partial, z partial; y: z near", "a: y partial, z partial; y: z near"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newIndex(t)
			put(t, x, c.letters)
			compared(t, x, c.matches...)
			regroup(t, x)
			for s, want := range map[string]string{"strict": c.strict, "normal": c.normal, "loose": c.loose} {
				if got := groups(t, x, s); got != want {
					t.Errorf("%s: %q, want %q", s, got, want)
				}
			}
		})
	}
}

// What files there are decides who takes part, and what there is to win.
func TestGroupsFollowTheFiles(t *testing.T) {
	x := newIndex(t)
	put(t, x, "abc")
	compared(t, x, "ab near 1", "bc near 1", "ac near 1")
	regroup(t, x)
	write := func(b index.Batch) {
		t.Helper()
		must(t, x.Write(t.Context(), b))
		regroup(t, x)
	}
	check := func(want string, space int64, files int, path string) {
		t.Helper()
		if got := groups(t, x, "normal"); got != want {
			t.Errorf("groups %q, want %q", got, want)
		}
		for g, err := range x.ClusterRows(t.Context(), "normal", index.BySpace) {
			must(t, err)
			if g.Space != space || g.Files != files || g.Path != path {
				t.Errorf("%d bytes to win, %d files, first %s; want %d, %d, %s", g.Space, g.Files, g.Path, space, files, path)
			}
			return
		}
	}
	at := func(name string) []index.Place { return []index.Place{{Root: 1, Name: name + ".jpg"}} }
	check("a: b near, c near", 200, 3, "/photos/a.jpg")
	write(index.Batch{Files: []index.FileWrite{fileAt("aa", "a")}})
	check("a: +a, b near, c near", 300, 4, "/photos/a.jpg")
	link := fileAt("ab", "a")
	link.Inode = fileAt("a", "a").Inode
	write(index.Batch{Files: []index.FileWrite{link}})
	check("a: +a, +a, b near, c near", 300, 5, "/photos/a.jpg") // it frees no space
	write(index.Batch{Gone: at("a")})
	check("a: +a, b near, c near", 300, 4, "/photos/aa.jpg")
	write(index.Batch{Gone: append(at("aa"), at("ab")...)})
	check("b: c near", 100, 2, "/photos/b.jpg")
	write(index.Batch{Gone: at("b")})
	check("", 0, 0, "")
	write(index.Batch{Files: []index.FileWrite{fileAt("a", "a")}})
	check("a: c near", 100, 2, "/photos/a.jpg")
	write(index.Batch{Gone: append(at("a"), at("c")...), Files: []index.FileWrite{fileAt("b", "b"), fileAt("bb", "b")}})
	check("b: +b", 100, 2, "/photos/b.jpg")

	// What hangs under another counts there while it has a file.
	put(t, x, "yz")
	compared(t, x, "yz partial 1 >")
	write(index.Batch{Gone: append(at("b"), at("bb")...)})
	check("z: y partial", 0, 2, "/photos/y.jpg")
	write(index.Batch{Gone: at("y")})
	check("", 0, 0, "")
	write(index.Batch{Files: []index.FileWrite{fileAt("y", "y"), fileAt("yy", "y")}})
	check("y: +y; z: y partial, +y", 100, 2, "/photos/y.jpg")
}

// The representative's transform leads to the member, whichever hash is smaller.
func TestTransformsLeadFromTheRepresentative(t *testing.T) {
	m := index.Match{A: 1, B: 2, Transform: index.Transform{2, 0, 1, 0, 4, 0}}
	if got := fromTo(&m, 1); got != m.Transform {
		t.Errorf("from A: %v", got)
	}
	if got, want := fromTo(&m, 2), (index.Transform{0.5, 0, -0.5, 0, 0.25, 0}); got != want {
		t.Errorf("from B: %v, want %v", got, want)
	}
	if got := fromTo(&index.Match{A: 1, B: 2}, 2); got != (index.Transform{}) {
		t.Errorf("of a transform that has no inverse: %v", got)
	}
}

// More contents wait than one call takes: the groups are the same.
func TestRegroupInSeveralCalls(t *testing.T) {
	if raceDetector {
		t.Skip("a thousand contents, and one goroutine")
	}
	x := newIndex(t)
	const pairs = 2 * RegroupBatch
	var b index.Batch
	hash := func(i int) index.Hash { return index.Hash{1, byte(i >> 8), byte(i)} }
	for i := range 2 * pairs {
		b.Contents = append(b.Contents, index.ContentWrite{Content: index.Content{Hash: hash(i), Size: 1, Format: "jpeg"}})
		b.Files = append(b.Files, index.FileWrite{Hash: hash(i), File: index.File{
			Place: index.Place{Root: 1, Name: fmt.Sprintf("%04d.jpg", i)}, Stat: index.Stat{Size: 1}, State: index.OK}})
	}
	must(t, x.Write(t.Context(), b))
	var matches []index.Match
	for i := range pairs { // one of each pair is taken along with the other
		matches = append(matches, index.Match{A: int64(1 + i), B: int64(1 + i + pairs), Kind: "near", Probability: 1, Similarity: 1, Scores: "{}", Version: 1})
	}
	must(t, x.WriteComparison(t.Context(), 1, nil, matches))
	calls := 0
	for ; ; calls++ {
		if _, done, err := Regroup(t.Context(), x, Options{}); done || err != nil {
			must(t, err)
			break
		}
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
	n := 0
	for g, err := range x.ClusterRows(t.Context(), "normal", index.ByPath) {
		must(t, err)
		if n++; len(g.Rows) != 2 {
			t.Errorf("a group of %d files", len(g.Rows))
		}
	}
	if n != pairs {
		t.Errorf("%d groups, want %d", n, pairs)
	}
}

// However matches and files come and go, and in whatever steps groups are made,
// they end as those made at once.
func TestRegroupingOfAnyHistory(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	n := "40"
	if raceDetector {
		n = "3"
	}
	must(t, checks.Value.Set(n))
	defer func() { must(t, checks.Value.Set(before)) }()
	rapid.Check(t, func(r *rapid.T) {
		const letters = "abcdefg"
		x := newIndex(t)
		put(t, x, letters)
		verdicts, present := map[string]string{}, map[string]bool{}
		for _, l := range strings.Split(letters, "") {
			present[l] = true
		}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			i := rapid.IntRange(0, len(letters)-2).Draw(r, "a")
			j := rapid.IntRange(i+1, len(letters)-1).Draw(r, "b")
			l := letters[i : i+1]
			switch rapid.SampledFrom([]string{"match", "match", "file", "regroup"}).Draw(r, "act") {
			case "match":
				ab := l + letters[j:j+1]
				verdicts[ab] = rapid.SampledFrom([]string{" near 0.6", " near 0.95", " near 1", " partial 0.95 <", " partial 1 >", " partial 1", " none 0.1 direct", " near 0.7 direct"}).Draw(r, "verdict")
				compared(t, x, ab+verdicts[ab])
			case "file":
				if present[l] = !present[l]; present[l] {
					must(t, x.Write(t.Context(), index.Batch{Files: []index.FileWrite{fileAt(l, l)}}))
				} else {
					must(t, x.Write(t.Context(), index.Batch{Gone: []index.Place{{Root: 1, Name: l + ".jpg"}}}))
				}
			case "regroup":
				regroup(t, x)
			}
		}
		regroup(t, x)
		y := newIndex(t)
		put(t, y, letters)
		for l, there := range present {
			if !there {
				must(t, y.Write(t.Context(), index.Batch{Gone: []index.Place{{Root: 1, Name: l + ".jpg"}}}))
			}
		}
		for ab, v := range verdicts {
			compared(t, y, ab+v)
		}
		regroup(t, y)
		for _, s := range []string{"strict", "normal", "loose"} {
			if got, want := groups(t, x, s), groups(t, y, s); got != want {
				r.Fatalf("%s: %q, want %q, of %v and %v", s, got, want, verdicts, present)
			}
		}
	})
}
