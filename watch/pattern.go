// Gitignore patterns, matched on bytes.
//
// The rules are those of gitignore(5) and of wildmatch, which git matches with.
// github.com/sabhiram/go-gitignore was tried and does not hold them: it turns a
// pattern into a regular expression without quoting, so that "IMG (1).jpg"
// excludes "IMG 1.jpg"; takes "?" for itself; does not anchor "a/b"; drops a
// pattern that does not compile, such as one with a byte that is not UTF-8,
// without a word; and does not match names with a newline.

package watch

import (
	"errors"
	"strings"
)

// pattern is one line of gitignore syntax.
type pattern struct {
	text     string // as the user wrote it
	negate   bool   // "!": what matches is taken in again
	dirOnly  bool   // "/" at the end: folders alone
	anchored bool   // matched against the path from the root, else against the name
	fold     bool   // ASCII letters of either case are the same
	literal  bool   // parts[0] is to be equal, not matched
	parts    []string
}

// parsePattern reads one pattern. What git would pass over in silence (empty
// and comment lines, brackets that never close) is an error: the user wrote it
// to leave something out.
func parsePattern(text string, fold bool) (pattern, error) {
	p := pattern{text: text, fold: fold}
	s := trimSpaces(text)
	if strings.HasPrefix(s, "#") {
		return p, errors.New(`a pattern that begins with # is a comment: write \# for the character`)
	}
	if strings.HasPrefix(s, "!") {
		p.negate, s = true, s[1:]
	}
	if strings.HasSuffix(s, "/") {
		p.dirOnly, s = true, s[:len(s)-1]
	}
	p.anchored = strings.Contains(s, "/")
	s = strings.TrimPrefix(s, "/")
	if s == "" {
		return p, errors.New("the pattern is empty")
	}
	if fold {
		s = lower(s)
	}
	p.parts = strings.Split(s, "/")
	p.literal = !strings.ContainsAny(s, `*?[\`)
	for _, part := range p.parts {
		if err := checkPart(part); err != nil {
			return p, err
		}
	}
	return p, nil
}

// trimSpaces takes spaces off the end, unless a backslash keeps one.
func trimSpaces(s string) string {
	end := len(s)
	for end > 0 && s[end-1] == ' ' {
		end--
	}
	slashes := 0
	for end-slashes > 0 && s[end-slashes-1] == '\\' {
		slashes++
	}
	if end < len(s) && slashes%2 == 1 {
		end++
	}
	return s[:end]
}

func checkPart(part string) error {
	for i := 0; i < len(part); i++ {
		switch part[i] {
		case '\\':
			if i++; i == len(part) {
				return errors.New(`a backslash stands before nothing`)
			}
		case '[':
			n := bracketLen(part[i:])
			if n == 0 {
				return errors.New(`a [ is never closed: write \[ for the character`)
			}
			i += n - 1
		}
	}
	return nil
}

// match asks about one entry: the folder that holds it, its name, whether it is
// a folder. Whether a folder above is left out is not asked here.
func (p *pattern) match(folder, name string, isDir bool) bool {
	if p.dirOnly && !isDir {
		return false
	}
	if !p.anchored {
		if p.literal && !p.fold {
			return p.parts[0] == name
		}
		if p.fold {
			name = lower(name)
		}
		return matchPart(p.parts[0], name)
	}
	path := join(folder, name)
	if p.fold {
		path = lower(path)
	}
	return matchPath(p.parts, path)
}

// matchPath matches parts of a pattern against the parts of a path. A part "**"
// stands for any number of parts; as the last one, for at least one. Greedy
// matching with one point to come back to is enough, as with "*" in a name, and
// takes at most parts times path.
func matchPath(parts []string, path string) bool {
	backParts, backPath := -1, ""
	p, rest, more := 0, path, true
	for more {
		head, tail, hasTail := strings.Cut(rest, "/")
		switch {
		case p < len(parts) && parts[p] == "**":
			if p == len(parts)-1 {
				return true
			}
			p++
			backParts, backPath = p, rest
			continue
		case p < len(parts) && matchPart(parts[p], head):
			p++
			rest, more = tail, hasTail
		case backParts >= 0:
			_, next, ok := strings.Cut(backPath, "/")
			if !ok {
				return false
			}
			p, backPath, rest = backParts, next, next
		default:
			return false
		}
		if !more && p < len(parts) && backParts >= 0 {
			// The path is used up and the pattern is not: let "**" take one more.
			_, next, ok := strings.Cut(backPath, "/")
			if !ok {
				return false
			}
			p, backPath, rest, more = backParts, next, next, true
		}
	}
	return p == len(parts)
}

// matchPart matches a pattern without "/" against a name.
func matchPart(pat, name string) bool {
	p, n := 0, 0
	backP, backN := -1, 0
	for n < len(name) {
		if p < len(pat) && pat[p] == '*' {
			for p < len(pat) && pat[p] == '*' {
				p++
			}
			backP, backN = p, n
			continue
		}
		if size, ok := matchOne(pat[p:], name[n]); ok {
			p += size
			n++
			continue
		}
		if backP < 0 {
			return false
		}
		backN++
		p, n = backP, backN
	}
	for p < len(pat) && pat[p] == '*' {
		p++
	}
	return p == len(pat)
}

// matchOne matches the first element of a pattern against a byte, and gives the
// element's length.
func matchOne(pat string, b byte) (int, bool) {
	if pat == "" {
		return 0, false
	}
	switch pat[0] {
	case '?':
		return 1, true
	case '\\':
		return 2, pat[1] == b
	case '[':
		n := bracketLen(pat)
		return n, matchBracket(pat[1:n-1], b)
	}
	return 1, pat[0] == b
}

// bracketLen is the length of the bracket expression at the start of pat, 0 if
// it never closes.
func bracketLen(pat string) int {
	i := 1
	if i < len(pat) && (pat[i] == '!' || pat[i] == '^') {
		i++
	}
	for first := true; i < len(pat); first = false {
		switch {
		case pat[i] == ']' && !first:
			return i + 1
		case pat[i] == '\\':
			i += 2
		case strings.HasPrefix(pat[i:], "[:"):
			if end := strings.Index(pat[i+2:], ":]"); end >= 0 {
				i += end + 4
			} else {
				i++
			}
		default:
			i++
		}
	}
	return 0
}

// matchBracket matches the inside of a bracket expression against a byte.
func matchBracket(set string, b byte) bool {
	negate := set != "" && (set[0] == '!' || set[0] == '^')
	if negate {
		set = set[1:]
	}
	found := false
	for i := 0; i < len(set); {
		if strings.HasPrefix(set[i:], "[:") {
			if end := strings.Index(set[i+2:], ":]"); end >= 0 {
				found = found || inClass(set[i+2:i+2+end], b)
				i += end + 4
				continue
			}
		}
		low, size := bracketByte(set[i:])
		i += size
		high := low
		if i+1 < len(set) && set[i] == '-' {
			high, size = bracketByte(set[i+1:])
			i += 1 + size
		}
		found = found || low <= b && b <= high
	}
	return found != negate
}

// bracketByte is a byte in brackets, a backslash before it taken away.
func bracketByte(set string) (byte, int) {
	if set[0] == '\\' && len(set) > 1 {
		return set[1], 2
	}
	return set[0], 1
}

func inClass(class string, b byte) bool {
	isLower, isUpper := 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z'
	digit, graph := '0' <= b && b <= '9', '!' <= b && b <= '~'
	switch class {
	case "alnum":
		return isLower || isUpper || digit
	case "alpha":
		return isLower || isUpper
	case "blank":
		return b == ' ' || b == '\t'
	case "cntrl":
		return b < ' ' || b == 127
	case "digit":
		return digit
	case "graph":
		return graph
	case "lower":
		return isLower
	case "print":
		return graph || b == ' '
	case "punct":
		return graph && !isLower && !isUpper && !digit
	case "space":
		return b == ' ' || '\t' <= b && b <= '\r'
	case "upper":
		return isUpper
	case "xdigit":
		return digit || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
	}
	return false
}

// lower folds ASCII letters and leaves all other bytes alone, which
// strings.ToLower does not: it replaces what is not UTF-8.
func lower(s string) string {
	if !strings.ContainsAny(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
