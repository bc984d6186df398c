package script

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// writePowerShell writes a script for Windows PowerShell 5.1 and PowerShell 7.
// Names that are no UTF-8 cannot be had there: their files are left alone.
func writePowerShell(t *text, p Plan, o Options) {
	nameable := func(s Step) bool { return utf8.ValidString(s.Go.Path) && utf8.ValidString(s.Stay.Path) }
	for _, s := range p.Steps {
		if !nameable(s) {
			p.Left = append(slices.Clip(p.Left), Left{s.Go.Path, "its name, or that of the file to stay, cannot be written in PowerShell"})
		}
	}
	p.Steps = slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return !nameable(s) })
	t.print("\ufeff") // PowerShell 5.1 reads UTF-8 only by its mark
	t.head(p, o, "powershell -File SCRIPT.ps1", "powershell -File SCRIPT.ps1 -Yes")
	t.part("powershell/common.ps1")
	t.print("\n$Id = '%s'\n", p.id())
	t.part("powershell/" + string(o.Action) + ".ps1")
	steps := func() {
		for _, s := range p.Steps {
			t.print("# %s\nStep %s %d %d %s %d %d\n", comment(s),
				quotePowerShell(s.Go.Path), s.Go.Size, ticks(s.Go.Modified), quotePowerShell(s.Stay.Path), s.Stay.Size, ticks(s.Stay.Modified))
		}
	}
	if o.Action == Move {
		t.print("\n$To = %s\n", quotePowerShell(o.To))
		writePowerShellUndo(t, p)
	}
	t.print("\n")
	steps()
	t.foot(p)
	t.print("\nComplete\n")
}

// writePowerShellUndo lets the script copy itself, with the moves turned around, before it moves
// anything: a copy that finds $Undo set moves back.
func writePowerShellUndo(t *text, p Plan) {
	t.print(`$Undo = [IO.Path]::Combine($To, 'undo-' + $Id + '.ps1')
if ($PSCommandPath -eq $Undo) {
`)
	for _, s := range p.Steps {
		t.print("    Back %s %d %d\n", quotePowerShell(s.Go.Path), s.Go.Size, ticks(s.Go.Modified))
	}
	t.print(`    Complete
    exit 0
}
if ($Yes) {
    if (-not $PSCommandPath) { throw 'stopped: run it as a file, so that it can leave an undo script; nothing was moved' }
    [void][IO.Directory]::CreateDirectory($To)
    if (-not [IO.File]::Exists($Undo)) {
        [IO.File]::Copy($PSCommandPath, $Undo + '.part', $true)
        [IO.File]::Move($Undo + '.part', $Undo)
        Write-Output ('the undo script is: ' + (Show $Undo))
    }
}
`)
}

// quotePowerShell quotes a name for PowerShell. In single quotes only the quote is
// special, and with it the four curly ones that PowerShell reads as such (about_Quoting_Rules).
// What cannot be seen stands as a character code: UTF-16, two for a rune beyond it.
func quotePowerShell(name string) string {
	var parts []string
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, "'"+plain.String()+"'")
			plain.Reset()
		}
	}
	for _, r := range name {
		switch {
		case strings.ContainsRune("'\u2018\u2019\u201a\u201b", r):
			plain.WriteRune(r)
			plain.WriteRune(r)
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError:
			flush()
			if r > 0xffff {
				parts = append(parts, fmt.Sprintf("[char]::ConvertFromUtf32(0x%x)", r))
			} else {
				parts = append(parts, fmt.Sprintf("[char]0x%x", r))
			}
		default:
			plain.WriteRune(r)
		}
	}
	flush()
	switch {
	case len(parts) == 0:
		return "''"
	case len(parts) == 1 && parts[0][0] == '\'':
		return parts[0]
	case parts[0][0] != '\'':
		parts = append([]string{"''"}, parts...) // so that + joins text
	}
	return "(" + strings.Join(parts, " + ") + ")"
}

// ticks is a time as .NET counts it: 100 ns since the year 1.
func ticks(t time.Time) int64 {
	const unix = 621355968000000000 // ticks at 1970-01-01
	ns := t.UnixNano()
	q := ns / 100
	if ns%100 < 0 {
		q--
	}
	return unix + q
}
