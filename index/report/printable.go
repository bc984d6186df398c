package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes a name harmless for a terminal or a log: control characters,
// among them the escape that begins a control sequence, line separators, marks
// that turn the direction of writing, and bytes that are no UTF-8 are written
// as escapes (\n, \x1b, \u202e). All other names come back as they are.
func Printable(name string) string {
	if !strings.ContainsFunc(name, unsafe) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRuneInString(name[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, name[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80 && unsafe(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case unsafe(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case unsafe(r) && r != utf8.RuneError:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(name[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unsafe tells that a rune is not written as it is. U+FFFD is what invalid
// bytes decode to, so that a name with them is looked at byte by byte. The two
// joiners are format characters, too, but emoji and Persian need them.
func unsafe(r rune) bool {
	switch r {
	case utf8.RuneError, '\u2028', '\u2029':
		return true
	case '\u200c', '\u200d':
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
