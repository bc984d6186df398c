package script

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

func TestQuotePowerShell(t *testing.T) {
	for in, want := range map[string]string{
		"": "''", `C:\a b.jpg`: `'C:\a b.jpg'`, "it's": "'it''s'", "‘a’ ‚b‛": "'‘‘a’’ ‚‚b‛‛'", "$(rm) `x` \"y\"": "'$(rm) `x` \"y\"'",
		"a\nb": "('a' + [char]0xa + 'b')", "\u202egnp.jpg": "('' + [char]0x202e + 'gnp.jpg')", "\r\n": "('' + [char]0xd + [char]0xa)",
		"\U000e0041x": "('' + [char]::ConvertFromUtf32(0xe0041) + 'x')", "-rf [1]*": "'-rf [1]*'", "é☀": "'é☀'", "a\u2028": "('a' + [char]0x2028)",
		"\ufffd": "('' + [char]0xfffd)",
	} {
		if got := quotePowerShell(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	if got := ticks(time.Date(2020, 5, 17, 10, 30, 0, 123456789, time.UTC)); got != 637253082001234567 {
		t.Errorf("%d ticks", got)
	}
	if got := ticks(time.Unix(0, -1)); got != 621355968000000000-1 {
		t.Errorf("%d ticks just before 1970", got)
	}
	for ns, want := range map[int64]string{0: "0.000000000", 1_500_000_000_000_000_001: "1500000000.000000001", -1_750_000_000: "-1.750000000"} {
		if got := seconds(time.Unix(0, ns)); got != want {
			t.Errorf("%d ns: %s, want %s", ns, got, want)
		}
	}
}

// A name that PowerShell cannot hold is left alone and named; a script to move
// holds the way back.
func TestPowerShell(t *testing.T) {
	file := func(path string) report.File {
		return report.File{Path: path, Kind: "near", State: index.Online, Size: 5, Modified: time.Unix(0, 0)}
	}
	p := Plan{Steps: []Step{{1, file("/a/it's\n.jpg"), file("/a/k.jpg")}, {1, file("/a/\xff.jpg"), file("/a/k.jpg")}}}
	for _, a := range []Action{Trash, Move, Hardlink, ListOnly} {
		var b bytes.Buffer
		o := Options{Action: a, Shell: "powershell"}
		if a == Move {
			o.To = "/to"
		}
		if err := Write(&b, p, o); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if want := "\nStep ('/a/it''s' + [char]0xa + '.jpg') 5 621355968000000000 '/a/k.jpg' 5 621355968000000000\n"; !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", a, want, text)
		}
		if !strings.HasPrefix(text, "\ufeff# Made by") || strings.Count(text, "\nStep ") != 1 || !strings.Contains(text, `# /a/\xff.jpg: its name`) {
			t.Errorf("%s:\n%s", a, text)
		}
		if got := strings.Contains(text, "    Back ('/a/it''s' + [char]0xa + '.jpg') 5 6213"); got != (a == Move) {
			t.Errorf("%s: a way back: %v", a, got)
		}
	}
	if len(p.Steps) != 2 || len(p.Left) != 0 {
		t.Error("the caller's plan was changed")
	}
}
