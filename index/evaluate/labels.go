package evaluate

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// What a file is to the original of its label group.
const (
	Original = "original"
	Byte     = "byte"    // the same bytes under another name
	Pixel    = "pixel"   // other bytes, the same upright pixels
	Near     = "near"    // an ordinary edit, the whole picture still there
	Hard     = "hard"    // a strong edit
	Partial  = "partial" // only a part of either picture is shared
	None     = "none"    // no copy of anything
)

// Label is what is known of a file.
type Label struct {
	Path     string // relative to the folder of the labels, with slashes
	Group    string // the picture that it shows; each partial and none file has its own
	Relation string
	Edit     string   // what was done to it, the kind of edit first
	Of       []string // groups that a partial file shares a part with
}

// EditKind is the first word of the edit.
func (l Label) EditKind() string {
	e, _, _ := strings.Cut(l.Edit, ";")
	e, _, _ = strings.Cut(strings.TrimSpace(e), " ")
	return e
}

// Pictures are the label groups that the file shows, whole or in part.
func (l Label) Pictures() []string {
	if l.Relation == Partial {
		return l.Of
	}
	return []string{l.Group}
}

// Labels are the known answers, in the order of their file.
type Labels struct {
	list   []Label
	byPath map[string]int
}

// NewLabels makes labels of a list; of two with the same path the later holds.
func NewLabels(list []Label) Labels {
	l := Labels{byPath: make(map[string]int, len(list))}
	for _, x := range list {
		if i, ok := l.byPath[x.Path]; ok {
			l.list[i] = x
			continue
		}
		l.byPath[x.Path] = len(l.list)
		l.list = append(l.list, x)
	}
	return l
}

// Len is the number of labelled files.
func (l Labels) Len() int { return len(l.list) }

// Of returns the label of a path.
func (l Labels) Of(path string) (Label, bool) {
	i, ok := l.byPath[path]
	if !ok {
		return Label{}, false
	}
	return l.list[i], true
}

// ReadLabels reads a CSV with a header that has at least the columns path,
// group, relation, edit and of; the groups of the last are joined by ';'.
func ReadLabels(r io.Reader) (Labels, error) {
	c := newRecords(r)
	at, err := c.header("path", "group", "relation", "edit", "of")
	if err != nil {
		return Labels{}, fmt.Errorf("read labels: %w", err)
	}
	var list []Label
	for {
		row, err := c.next()
		if errors.Is(err, io.EOF) {
			return NewLabels(list), nil
		}
		if err != nil {
			return Labels{}, fmt.Errorf("read labels: %w", err)
		}
		get := func(i int) string {
			if at[i] >= len(row) {
				return ""
			}
			return row[at[i]]
		}
		l := Label{Path: get(0), Group: get(1), Relation: get(2), Edit: get(3)}
		if l.Path == "" || l.Group == "" {
			return Labels{}, fmt.Errorf("read labels: row %d has no path or no group", c.row)
		}
		if l.Relation == Partial {
			seen := map[string]bool{}
			for _, g := range strings.Split(get(4), ";") {
				if g != "" && !seen[g] {
					seen[g] = true
					l.Of = append(l.Of, g)
				}
			}
		}
		list = append(list, l)
	}
}
