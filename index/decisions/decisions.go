package decisions

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// List is a file of decisions.
type List struct {
	Report      time.Time // when the report was made
	Index       string    // for the eyes
	Sensitivity string
	Marks       []Mark
	Different   []Pair
}

// Mark says that a file stays or goes.
type Mark struct {
	Go bool // else it stays
	Named
	Size     int64
	Modified time.Time
}

// Named is a file and what was in it.
type Named struct {
	Path string // absolute, the bytes of the operating system
	Hash index.Hash
}

// Pair are two files whose contents are no copies of each other.
type Pair struct{ A, B Named }

const (
	version = 1
	// longestLine bounds a line: two paths of 4 KiB, escaped six times and in
	// base64 beside it, are 70 KB.
	longestLine = 1 << 20
)

// line is any line of the file.
type line struct {
	Dedupidx    string    `json:"dedupidx"`
	Version     int       `json:"version"`
	Report      time.Time `json:"report"`
	Index       string    `json:"index"`
	Sensitivity string    `json:"sensitivity"`

	Mark string `json:"mark"`
	named
	Size     *int64     `json:"size"`
	Modified *time.Time `json:"modified"`
	A        named      `json:"a"`
	B        named      `json:"b"`
}

type named struct {
	Path      string `json:"path"`
	PathBytes []byte `json:"path_bytes"`
	Hash      string `json:"hash"`
}

// Read reads a file of decisions. An error names the line.
func Read(r io.Reader) (List, error) {
	var list List
	marked := map[string]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	begun := false
	n := 0
	for lines.Scan() {
		n++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return list, fmt.Errorf("line %d: %w", n, err)
		}
		var err error
		if !begun {
			err = list.begin(l)
			begun = true
		} else {
			err = list.add(l, marked)
		}
		if err != nil {
			return list, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return list, fmt.Errorf("line %d: %w", n+1, err)
	}
	if !begun {
		return list, errors.New("it is empty")
	}
	return list, nil
}

func (list *List) begin(l line) error {
	switch {
	case l.Dedupidx != "decisions":
		return errors.New(`it is no file of decisions: these begin with {"dedupidx":"decisions"`)
	case l.Version != version:
		return fmt.Errorf("its version is %d, this dedupidx reads %d", l.Version, version)
	}
	switch l.Sensitivity {
	case "":
		l.Sensitivity = "normal"
	case "strict", "normal", "loose":
	default:
		return fmt.Errorf("sensitivity %q is none of strict, normal, loose", l.Sensitivity)
	}
	list.Report, list.Index, list.Sensitivity = l.Report, l.Index, l.Sensitivity
	return nil
}

func (list *List) add(l line, marked map[string]bool) error {
	switch l.Mark {
	case "keep", "go":
		name, err := l.name()
		switch {
		case err != nil:
			return err
		case l.Size == nil || l.Modified == nil:
			return fmt.Errorf("mark %s of %q lacks size or modified", l.Mark, name.Path)
		case marked[name.Path]:
			return fmt.Errorf("%q is marked twice", name.Path)
		}
		marked[name.Path] = true
		list.Marks = append(list.Marks, Mark{Go: l.Mark == "go", Named: name, Size: *l.Size, Modified: *l.Modified})
	case "different":
		a, err := l.A.name()
		if err != nil {
			return err
		}
		b, err := l.B.name()
		if err != nil {
			return err
		}
		if a.Hash == b.Hash {
			return fmt.Errorf("%q and %q are the same bytes: they cannot be different", a.Path, b.Path)
		}
		list.Different = append(list.Different, Pair{a, b})
	default:
		return fmt.Errorf("mark %q is none of keep, go, different", l.Mark)
	}
	return nil
}

// name is the file that a line names.
func (n named) name() (Named, error) {
	out := Named{Path: n.Path}
	if len(n.PathBytes) > 0 {
		out.Path = string(n.PathBytes)
	}
	sum, err := hex.DecodeString(n.Hash)
	switch {
	case !filepath.IsAbs(out.Path) || bytes.IndexByte([]byte(out.Path), 0) >= 0:
		return out, fmt.Errorf("%q is no absolute path", out.Path)
	case err != nil || len(sum) != len(out.Hash):
		return out, fmt.Errorf("%q is no hash of 64 digits", n.Hash)
	}
	copy(out.Hash[:], sum)
	return out, nil
}
