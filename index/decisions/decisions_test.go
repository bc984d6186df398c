package decisions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/decisions"
)

const head = `{"dedupidx":"decisions","version":1,"report":"2026-01-02T03:04:05Z","index":"/i","sensitivity":"strict"}` + "\n"

func digits(c string) string { return strings.Repeat(c, 64) }

func TestRead(t *testing.T) {
	text := head +
		`{"mark":"go","path":"/a\n.jpg","hash":"` + digits("1") + `","size":5,"modified":"2020-05-17T10:30:00.123456789Z","later":1}` + "\n\n" +
		`{"mark":"keep","path":"/?","path_bytes":"L/8=","hash":"` + digits("2") + `","size":0,"modified":"2020-05-17T10:30:00Z"}` + "\r\n" +
		`{"mark":"different","a":{"path":"/a","hash":"` + digits("1") + `"},"b":{"path":"/b","hash":"` + digits("2") + `"}}`
	got, err := decisions.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if got.Sensitivity != "strict" || got.Index != "/i" || !got.Report.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("head %+v", got)
	}
	of := func(b byte) (h index.Hash) { return index.Hash(slices.Repeat([]byte{b}, 32)) }
	want := []decisions.Mark{
		{Go: true, Named: decisions.Named{Path: "/a\n.jpg", Hash: of(0x11)}, Size: 5, Modified: time.Date(2020, 5, 17, 10, 30, 0, 123456789, time.UTC)},
		{Named: decisions.Named{Path: "/\xff", Hash: of(0x22)}, Modified: time.Date(2020, 5, 17, 10, 30, 0, 0, time.UTC)},
	}
	if !slices.Equal(got.Marks, want) {
		t.Errorf("marks %+v, want %+v", got.Marks, want)
	}
	if d := got.Different; len(d) != 1 || d[0].A != (decisions.Named{Path: "/a", Hash: of(0x11)}) || d[0].B != (decisions.Named{Path: "/b", Hash: of(0x22)}) {
		t.Errorf("different %+v", d)
	}
}

// What is not understood is an error that names the line, never a mark less.
func TestReadRefuses(t *testing.T) {
	named := func(mark, path, hash, more string) string {
		return fmt.Sprintf(`{"mark":%q,"path":%q,"hash":%q%s}`, mark, path, hash, more)
	}
	facts := `,"size":1,"modified":"2020-05-17T10:30:00Z"`
	for text, want := range map[string]string{
		"":                         "it is empty",
		"\n\n":                     "it is empty",
		"group,path,kind\n":        "line 1: ",
		"{}\n":                     "line 1: it is no file of decisions",
		`{"dedupidx":"decisions"}`: "its version is 0, this dedupidx reads 1",
		`{"dedupidx":"decisions","version":1,"sensitivity":"x"}`:                                                                    `sensitivity "x" is none of`,
		head + named("delete", "/a", digits("1"), facts):                                                                            `line 2: mark "delete" is none of keep, go, different`,
		head + named("go", "a", digits("1"), facts):                                                                                 `line 2: "a" is no absolute path`,
		head + named("go", "/a\x00b", digits("1"), facts):                                                                           "line 2: ",
		head + named("go", "/a", "12", facts):                                                                                       `"12" is no hash of 64 digits`,
		head + named("go", "/a", digits("x"), facts):                                                                                "is no hash of 64 digits",
		head + named("go", "/a", digits("1"), ""):                                                                                   "lacks size or modified",
		head + named("go", "/a", digits("1"), facts) + "\n" + named("keep", "/a", digits("1"), facts):                               `line 3: "/a" is marked twice`,
		head + `{"mark":"different","a":{"path":"/a","hash":"` + digits("1") + `"}}`:                                                "is no absolute path",
		head + `{"mark":"different","b":{"path":"/a","hash":"` + digits("1") + `"}}`:                                                "is no absolute path",
		head + `{"mark":"different","a":{"path":"/a","hash":"` + digits("1") + `"},"b":{"path":"/b","hash":"` + digits("1") + `"}}`: "are the same bytes",
		head + `{"mark":"` + strings.Repeat("x", 1<<20) + `"}`:                                                                      "line 2: ",
	} {
		if _, err := decisions.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %q", text, err, want)
		}
	}
}

// No text breaks the reader, and what it takes holds what a script rests on.
func FuzzRead(f *testing.F) {
	f.Add(head + `{"mark":"go","path":"/a","hash":"` + digits("1") + `","size":5,"modified":"2020-05-17T10:30:00Z"}`)
	f.Add(head + `{"mark":"different","a":{"path":"/a","hash":"` + digits("1") + `"},"b":{"path":"/b","hash":"` + digits("2") + `"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := decisions.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, m := range list.Marks {
			if !strings.HasPrefix(m.Path, "/") || strings.Contains(m.Path, "\x00") {
				t.Errorf("takes the path %q", m.Path)
			}
		}
	})
}
