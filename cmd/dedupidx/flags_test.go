package main

import (
	"testing"
	"time"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "512": 512, "512B": 512, "1K": 1024, "1kib": 1024, "1KB": 1000, "512MiB": 512 << 20, "1.5 GiB": 3 << 29, "2g": 2 << 30, "1TB": 1e12,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "lots", "-1", "1X", "MiB", "1e9", "0x10", "1 MiBs", "9999999T", "Inf", "1_000", "NaN"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"reprot": "report", "scna": "scan", "stauts": "status", "rep": "report", "evalute": "evaluate",
		"x": "", "frobnicate": "", "i": "", "": "",
	} {
		if got := nearest(word, commandNames()); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %s, want %s", n, got, want)
		}
	}
	for _, c := range []struct {
		n    int64
		noun string
		want string
	}{{1, "group", "1 group"}, {2, "group", "2 groups"}, {3, "match", "3 matches"}, {2, "copy", "2 copies"}} {
		if got := count(c.n, c.noun); got != c.want {
			t.Errorf("count(%d, %s) = %s, want %s", c.n, c.noun, got, c.want)
		}
	}
	for d, want := range map[time.Duration]string{
		400 * time.Millisecond: "0.4s", 12 * time.Second: "12s", 187 * time.Second: "3m07s", 2*time.Hour + 5*time.Minute: "2h05m",
	} {
		if got := brief(d); got != want {
			t.Errorf("brief(%v) = %s, want %s", d, got, want)
		}
	}
}
