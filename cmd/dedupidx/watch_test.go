package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index/pipeline"
)

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		given, want []string
	}{
		{nil, nil},
		{[]string{"notify-send Duplicate"}, []string{"notify-send", "Duplicate"}},
		{[]string{`  "my program"  'a "b"' c"d e"f '' `}, []string{"my program", `a "b"`, "cd ef", ""}},
		{[]string{`x $HOME \n ; rm`}, []string{"x", "$HOME", `\n`, ";", "rm"}},
		{[]string{"my program", "a b", ""}, []string{"my program", "a b", ""}},
	} {
		got, err := commandLine(c.given)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("commandLine(%q) = %q, %v, want %q", c.given, got, err, c.want)
		}
	}
	for _, given := range [][]string{{""}, {" "}, {`a "b`}, {"", "x"}, {"''"}} {
		if got, err := commandLine(given); exitCode(err) != exitUsage {
			t.Errorf("commandLine(%q) = %q, %v, want wrong use", given, got, err)
		}
	}
}

func TestMetricsAddress(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "9464": "127.0.0.1:9464", ":9464": "127.0.0.1:9464", "0.0.0.0:9464": "0.0.0.0:9464", "[::1]:9464": "[::1]:9464", "nas:0": "nas:0",
	} {
		if got, err := metricsAddress(given); err != nil || got != want {
			t.Errorf("metricsAddress(%q) = %q, %v, want %q", given, got, err, want)
		}
	}
	for _, given := range []string{"nas", "70000", "nas:", "1.2.3.4"} {
		if got, err := metricsAddress(given); exitCode(err) != exitUsage {
			t.Errorf("metricsAddress(%q) = %q, %v, want wrong use", given, got, err)
		}
	}
}

// The services are what the golden files say (testdata/service; -update is
// copying what the failure prints).
func TestPrintService(t *testing.T) {
	c := watchCommand()
	f := pflag.NewFlagSet("watch", pflag.ContinueOnError)
	c.flags(f)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.Parse([]string{"--print-service", "systemd", "--exclude", "*.tmp", "--exclude", "a b/", "--poll", "1m", "--on-duplicate", `say "50 %"`}))
	argv, err := serviceArgs("/usr/bin/dedupidx", "/home/ann/index $1.db", f, []string{"/home/ann/Pictures", "/mnt/my \"disk\" & é"})
	must(err)
	plist, err := launchdPlist(argv)
	must(err)
	for name, got := range map[string]string{"systemd.service": systemdUnit(argv, true, true), "launchd.plist": plist} {
		want, err := os.ReadFile(filepath.Join("testdata", "service", name))
		must(err)
		if got != string(want) {
			t.Errorf("%s differs from the golden file:\n%s", name, got)
		}
	}
	if got := systemdQuote("a\xff\n%\\"); got != `"a\xff\x0a%%\\"` {
		t.Errorf("a strange name is quoted %s", got)
	}
	if _, err := launchdPlist([]string{"\xff"}); err == nil {
		t.Error("a property list takes bytes that are no UTF-8")
	}
	must(f.Parse([]string{"--forget", "/x"}))
	if _, err := serviceArgs("x", "y", f, nil); exitCode(err) != exitUsage {
		t.Errorf("--forget in a service: %v", err)
	}
}

// A warning is written once an hour, with how often it was held back; what
// differs in its path is another.
func TestSparing(t *testing.T) {
	var b bytes.Buffer
	now := time.Now()
	h := newSparing(slog.NewTextHandler(&b, nil))
	h.said.now = func() time.Time { return now }
	log := slog.New(h)
	for range 3 {
		log.Warn("broken", "path", "a")
		log.Info("working")
	}
	log.Warn("broken", "path", "b")
	now = now.Add(sayAgain)
	log.With("x", 1).Warn("broken", "path", "a")
	got := b.String()
	if strings.Count(got, "broken") != 3 || strings.Count(got, "working") != 3 || !strings.Contains(got, "path=a repeated=2") {
		t.Errorf("it writes\n%s", got)
	}
	for i := range 3 * maxSaid {
		log.Warn("broken", "path", i)
	}
	if n := len(h.said.at); n > maxSaid {
		t.Errorf("it remembers %d lines", n)
	}
}

func TestBackOff(t *testing.T) {
	var got []time.Duration
	for tries := 1; tries <= 12; tries++ {
		got = append(got, backOff(tries)/time.Second)
	}
	if want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300}; !slices.Equal(got, want) {
		t.Errorf("it waits %d seconds, want %d", got, want)
	}
}

// Each folder is looked at once.
func TestDistinct(t *testing.T) {
	place := func(folder string, deep bool, names ...string) pipeline.Place {
		return pipeline.Place{Root: "/r", Folder: folder, Deep: deep, Names: names}
	}
	got := distinct([]pipeline.Place{
		place("a/b", false, "x"), place("a-b", false, "x"), place("a", true), place("c", false, "x"), place("c", false, "y"),
		place("a-b", false), {Root: "/s", Folder: "a/b"},
	})
	var text []string
	for _, p := range got {
		text = append(text, p.Root+" "+p.Folder+" "+strings.Join(p.Names, ","))
	}
	if want := []string{"/r a-b ", "/r a ", "/r c x,y", "/s a/b "}; !slices.Equal(text, want) {
		t.Errorf("it looks at %q, want %q", text, want)
	}
}
