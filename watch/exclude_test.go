package watch

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDefaultExcludes(t *testing.T) {
	e, err := NewExcludes(nil, false)
	must(t, err)
	tests := []struct {
		path   string
		isDir  bool
		reason string // a word of it; "" is taken in
	}{
		{"", true, ""},
		{"a.jpg", false, ""},
		{"2024/a.jpg", false, ""},
		{".hidden.jpg", false, "hidden"},
		{"2024/._a.jpg", false, "hidden"},
		{"x/.config/a.jpg", false, "hidden"},
		{".git", true, "git"},
		{"x/.git/objects/aa", false, "git"},
		{"photos.git/a.jpg", false, ""},
		{"@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", false, "Synology"},
		{"album/@eaDir", true, "Synology"},
		{"@eaDir", false, ""}, // a file of that name
		{"#recycle/a.jpg", false, "trash"},
		{".Trash-1000/files/a.jpg", false, "trash of Linux"},
		{"$RECYCLE.BIN/S-1/a.jpg", false, "trash of Windows"},
		{"$Recycle.Bin/S-1/a.jpg", false, "trash of Windows"},
		{"System Volume Information", true, "Windows"},
		{".Spotlight-V100", true, "macOS"},
		{".thumbnails/1.jpg", false, "thumbnails"},
		{"lost+found", true, "disk check"},
		{"Catalog Previews.lrdata/0/1.lrprev", false, "Lightroom"},
		{"Catalog Previews.lrdata", true, "Lightroom"},
		{"Photos.photoslibrary/originals/0/a.heic", false, ""},
		{"Photos.photoslibrary/Masters/2016/a.jpg", false, ""},
		{"Photos.photoslibrary/resources/derivatives/a.jpg", false, "Apple Photos"},
		{"me/Photos.photoslibrary/database", true, "Apple Photos"},
		{"resources/a.jpg", false, ""},
		{"session/CaptureOne/Cache/Thumbnails/a.cot", false, "Capture One"},
		{"CaptureOne/a.jpg", false, ""},
		{"new\n/.x\n", false, "hidden"},
		{"\xff/.\xff", false, "hidden"},
	}
	for _, tt := range tests {
		reason, out := e.Excluded(tt.path, tt.isDir)
		if out != (tt.reason != "") || !strings.Contains(reason, tt.reason) {
			t.Errorf("%q: excluded %v because %q, want %q", tt.path, out, reason, tt.reason)
		}
	}
	for _, d := range DefaultExcludes() {
		if d.Reason == "" {
			t.Errorf("%s has no reason", d.Pattern)
		}
	}
}

func TestExcludePatterns(t *testing.T) {
	tests := []struct {
		patterns string // parted by |
		path     string // "/" at the end: a folder
		want     bool
	}{
		{"*.tmp", "a/b.tmp", true},
		{"*.tmp", "a/b.tmp/", true},
		{"*.tmp", "b.tmpx", false},
		{"thumbs/", "a/thumbs/", true},
		{"thumbs/", "a/thumbs/x.jpg", true},
		{"thumbs/", "a/thumbs", false},
		{"/top", "top", true},
		{"/top", "a/top", false},
		{"a/b", "a/b", true},
		{"a/b", "x/a/b", false},
		{"a/*", "a/b/", true},
		{"a/*.jpg", "a/b/c.jpg", false},
		{"**/b/c", "b/c", true},
		{"**/b/c", "x/y/b/c", true},
		{"a/**", "a/", false},
		{"a/**", "a/x/y", true},
		{"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true},
		{"a/**/z", "a/b/c/zz", false},
		{"a/**/m/**/z", "a/m/x/m/z", true},
		{"a/**/m/**/z", "a/x/z", false},
		{"IMG (1).jpg", "IMG (1).jpg", true},
		{"IMG (1).jpg", "IMG 1.jpg", false},
		{"IMG_000?.jpg", "IMG_0007.jpg", true},
		{"IMG_000?.jpg", "IMG_000.jpg", false},
		{"[a-c]x", "bx", true},
		{"[!a-c]x", "bx", false},
		{"[^a-c]x", "dx", true},
		{"[]x]", "]", true},
		{"[[:digit:]]*", "2024/", true},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{`\#x`, "#x", true},
		{`\!x`, "!x", true},
		{`x\ `, "x ", true},
		{"x ", "x", true},
		{"*.jpg|!keep.jpg", "keep.jpg", false},
		{"*.jpg|!keep.jpg", "a/other.jpg", true},
		{"a/|!a/keep.jpg", "a/keep.jpg", true}, // as in git: not below what is left out
		{"*.jpg|!k*|kx*", "kx.jpg", true},
		{"\xff*", "\xff\xfe", true},
		{"\xff", "\xfe", false},
		{"*x", "new\nlinex", true},
		{"!.git/", ".git/config", false}, // the defaults can be taken back
		{"!.*|.git", ".x.jpg", false},
	}
	for _, tt := range tests {
		e, err := NewExcludes(strings.Split(tt.patterns, "|"), false)
		must(t, err)
		path, isDir := strings.CutSuffix(tt.path, "/")
		reason, got := e.Excluded(path, isDir)
		if got != tt.want {
			t.Errorf("patterns %q, path %q: excluded %v, want %v", tt.patterns, tt.path, got, tt.want)
		}
		if got && !strings.HasPrefix(reason, "pattern ") {
			t.Errorf("reason %q", reason)
		}
	}
	bare, err := NewExcludes(nil, true)
	must(t, err)
	if _, out := bare.Excluded("a/.git/x", false); out {
		t.Error("without defaults .git is left out")
	}
}

// What git would ignore in silence the user is told.
func TestExcludePatternsThatAreWrong(t *testing.T) {
	for pattern, want := range map[string]string{
		"":         "empty",
		"   ":      "empty",
		"/":        "empty",
		"!":        "empty",
		"#recycle": `\#`,
		"[a":       "never closed",
		"a/[]/b":   "never closed",
		`a\`:       "backslash",
		"[[:al":    "never closed",
	} {
		_, err := NewExcludes([]string{pattern}, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", pattern, err, want)
		}
	}
}

func TestBracketClasses(t *testing.T) {
	// By class, what of a few bytes is in it.
	const bytes = "aZ5 \t\n!g_\x7f\xe9"
	for class, want := range map[string]string{
		"alnum": "aZ5g", "alpha": "aZg", "blank": " \t", "cntrl": "\t\n\x7f", "digit": "5",
		"graph": "aZ5!g_", "lower": "ag", "print": "aZ5 !g_", "punct": "!_", "space": " \t\n",
		"upper": "Z", "xdigit": "a5", "none": "",
	} {
		p, err := parsePattern("[[:"+class+":]]", false)
		must(t, err)
		var got []byte
		for i := range len(bytes) {
			if p.match("", bytes[i:i+1], false) {
				got = append(got, bytes[i])
			}
		}
		if string(got) != want {
			t.Errorf("[:%s:] holds %q, want %q", class, got, want)
		}
	}
}

func TestExcludesFoldCase(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.TMP", "a.tmp", true},
		{"*.tmp", "A.TMP", true},
		{"Thumbs", "THUMBS", true},
		{"[A-C]x", "bX", true},
		{"\xc9", "\xe9", false}, // bytes beyond ASCII stay as they are
	} {
		p, err := parsePattern(tt.pattern, true)
		must(t, err)
		if got := p.match("", tt.name, false); got != tt.want {
			t.Errorf("%q on %q: %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}

func TestWalkLeavesOut(t *testing.T) {
	// The root itself is exempt, whatever it is called.
	dir := filepath.Join(t.TempDir(), ".hidden", "@eaDir")
	plant(t, dir, "a.jpg", ".b.jpg", ".git/c.jpg", "x/@eaDir/d.jpg", "x/e.jpg", "raw/f.raw", "raw/keep/g.raw", "y/raw/h.raw")
	e, err := NewExcludes([]string{"/raw/*", "!/raw/keep"}, false)
	must(t, err)
	folders := walkAll(t, rootAt(t, dir), Options{Excludes: e})
	if got, want := files(folders), []string{"a.jpg", "raw/keep/g.raw", "x/e.jpg", "y/raw/h.raw"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if got := sumSkipped(folders).Excluded; got != 4 {
		t.Errorf("%d excluded, want 4", got)
	}
}

// git itself is the reference, where it is installed.
func TestExcludesAgreeWithGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed: its answers cannot be compared")
	}
	dir := t.TempDir()
	git := func(stdin string, args ...string) []byte {
		cmd := exec.Command("git", append([]string{"-c", "core.excludesFile=", "-c", "core.ignoreCase=false"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.Output()
		if exit := (*exec.ExitError)(nil); err != nil && !(asExit(err, &exit) && exit.ExitCode() == 1) {
			t.Fatalf("git %q: %v", args, err)
		}
		return out
	}
	git("", "init", "-q")
	// A small tree over few letters, so that patterns hit.
	var paths []string
	folders := []string{"a", "b", "a/a", "a/b", "b/a", "b/ab", "a/b/a", "a/b/c", "b/a/b", "a/b/a/b"}
	for _, folder := range folders {
		plant(t, dir, folder+"/")
		paths = append(paths, folder)
	}
	for _, folder := range append(folders, "") {
		for _, name := range []string{"c", "ac", "c]", "-", "a*", "\xff", "x y", "x "} {
			path := join(folder, name)
			if path == "a/b/c" {
				continue // a folder
			}
			plant(t, dir, path)
			paths = append(paths, path)
		}
	}
	isDir := func(path string) bool { return slices.Contains(folders, path) }
	piece := rapid.SampledFrom([]string{"a", "b", "c", "*", "**", "?", "/", "/**/", "**/", "/**", "[ab]", "[!a]", "[]c]",
		"[a-c]", "[[:alpha:]]", `\*`, "\xff", " ", "-", "[^[:alpha:]]", `[\]a]`, "[a-]"})
	line := rapid.Custom(func(t *rapid.T) string {
		text := strings.Join(rapid.SliceOfN(piece, 1, 5).Draw(t, "pieces"), "")
		if rapid.IntRange(0, 3).Draw(t, "negate") == 0 {
			text = "!" + text
		}
		return text
	})
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for _, text := range rapid.SliceOfN(line, 1, 4).Draw(t, "lines") {
			p, err := parsePattern(text, false)
			if err == nil && !slices.ContainsFunc(p.parts, oddStars) {
				lines = append(lines, text)
			}
		}
		e := &Excludes{}
		for _, text := range lines {
			p, _ := parsePattern(text, false)
			e.patterns = append(e.patterns, p)
		}
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		out := bytes.Split(git(strings.Join(paths, "\x00")+"\x00", "check-ignore", "-z", "--stdin", "--no-index"), []byte{0})
		ignored := map[string]bool{}
		for _, path := range out {
			ignored[string(path)] = true
		}
		for _, path := range paths {
			if _, got := e.Excluded(path, isDir(path)); got != ignored[path] {
				t.Fatalf("patterns %q, path %q: excluded %v, git says %v", lines, path, got, ignored[path])
			}
		}
	})
}

// oddStars finds "**" beside other characters, as in "a**/b". gitignore(5) says
// that these are regular asterisks; git 2.39 takes the plain start of a pattern
// off first and then sees a leading "**/". We hold to the page.
func oddStars(part string) bool {
	return part != "**" && strings.Contains(part, "**")
}

func asExit(err error, target **exec.ExitError) bool {
	exit, ok := err.(*exec.ExitError)
	*target = exit
	return ok
}

// FuzzPattern asks that no pattern and no name panics or runs away.
func FuzzPattern(f *testing.F) {
	f.Add("a/**/*b*[!a-z[:digit:]]?", "a/b/c/xby7z")
	f.Add("[[:alpha:]-\\]]", "-")
	f.Add("*a*a*a*a*a*a*a*a*b", strings.Repeat("a", 100))
	f.Add("**/a/**/a/**/a/**/a/**/b", strings.Repeat("a/", 100))
	f.Fuzz(func(t *testing.T, text, path string) {
		for _, fold := range []bool{false, true} {
			p, err := parsePattern(text, fold)
			if err != nil {
				return
			}
			e := &Excludes{patterns: []pattern{p}}
			e.Excluded(path, false)
			e.Excluded(path, true)
		}
	})
}
