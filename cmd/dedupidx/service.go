package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// printService prints a service that runs this program with the folders and
// flags that were given.
func (w *watchRun) printService(e *env, folders []string) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	index, err := e.indexPath()
	if err != nil {
		return err
	}
	argv, err := serviceArgs(binary, index, w.flags, folders)
	if err != nil {
		return err
	}
	text := ""
	if w.service.value == "systemd" {
		text = systemdUnit(argv, !w.flags.Changed("nice"), !w.flags.Changed("io-priority"))
	} else if text, err = launchdPlist(argv); err != nil {
		return err
	}
	_, err = io.WriteString(e.stdout, text)
	return err
}

// serviceArgs is a command line that means the same in any folder.
func serviceArgs(binary, index string, flags *pflag.FlagSet, folders []string) ([]string, error) {
	argv := []string{binary, "watch", "--index=" + index}
	var failed error
	flags.Visit(func(f *pflag.Flag) {
		if f.Name == "print-service" || f.Name == "index" {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			if f.Name == "forget" {
				failed = usagef("run `dedupidx scan --forget` once", "--forget has no place in a service: it would forget at each start")
			}
			argv = append(argv, "--"+f.Name+"="+v)
		}
	})
	if failed != nil {
		return nil, failed
	}
	if len(folders) > 0 {
		argv = append(argv, "--") // a folder may begin with a dash
	}
	for _, f := range folders {
		abs, err := filepath.Abs(f)
		if err != nil {
			return nil, err
		}
		argv = append(argv, abs)
	}
	return argv, nil
}

// systemdUnit is a unit for a user's or the system's manager (systemd.service(5)).
func systemdUnit(argv []string, nice, idle bool) string {
	var b strings.Builder
	b.WriteString(`# For you alone: save as ~/.config/systemd/user/dedupidx.service, then
#   systemctl --user daemon-reload && systemctl --user enable --now dedupidx
# and, to have it run while you are not logged in: loginctl enable-linger
# For a whole machine: save as /etc/systemd/system/dedupidx.service and add User= below.
[Unit]
Description=dedupidx keeps an index of pictures true
After=local-fs.target remote-fs.target

[Service]
Type=notify
ExecStart=`)
	for i, a := range argv {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(systemdQuote(a))
	}
	b.WriteString(`
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2
TimeoutStopSec=10
WatchdogSec=120
NoNewPrivileges=yes
`)
	if nice {
		b.WriteString("Nice=10\n")
	}
	if idle {
		b.WriteString("IOSchedulingClass=idle\n")
	}
	b.WriteString("\n[Install]\nWantedBy=default.target\n")
	return b.String()
}

// systemdQuote writes an argument so that ExecStart= takes it byte for byte: in
// quotes with the escapes of C where it needs them, % and $ doubled
// (systemd.syntax(7), systemd.service(5)).
func systemdQuote(s string) string {
	var b strings.Builder
	plain := s != ""
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, r < 0x20, r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, s[i])
			plain = false
		case r == '%':
			b.WriteString("%%")
		case r == '$':
			b.WriteString("$$")
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
			plain = false
		default:
			if strings.ContainsRune(" ';", r) {
				plain = false
			}
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	if plain {
		return b.String()
	}
	return `"` + b.String() + `"`
}

// launchdPlist is an agent for macOS (launchd.plist(5)).
func launchdPlist(argv []string) (string, error) {
	var args bytes.Buffer
	for _, a := range argv {
		if !utf8.ValidString(a) {
			return "", withHint(fmt.Errorf("print a service: %q is no UTF-8, which a property list needs", a), "name the folder above it")
		}
		args.WriteString("\t\t<string>")
		if err := xml.EscapeText(&args, []byte(a)); err != nil {
			return "", err
		}
		args.WriteString("</string>\n")
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Save as ~/Library/LaunchAgents/dedupidx.plist, then
     launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/dedupidx.plist -->
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>dedupidx</string>
	<key>ProgramArguments</key>
	<array>
` + args.String() + `	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>ProcessType</key>
	<string>Background</string>
	<key>LowPriorityIO</key>
	<true/>
	<key>ExitTimeOut</key>
	<integer>10</integer>
</dict>
</plist>
`, nil
}
