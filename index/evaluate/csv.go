package evaluate

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The reader is our own because encoding/csv turns CR LF inside a quoted field
// into LF, and a file's name may hold both. It gives every byte of a field
// back, and reads leniently what RFC 4180 does not allow: a quote inside an
// unquoted field stands for itself.

// records reads rows of a CSV, one at a time.
type records struct {
	r   *bufio.Reader
	row int // rows read so far, blank lines not counted
}

func newRecords(r io.Reader) *records {
	b := bufio.NewReaderSize(r, 64<<10)
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // a byte order mark, from a spreadsheet
	}
	return &records{r: b}
}

// next returns the next row that is not blank, or io.EOF.
func (c *records) next() ([]string, error) {
	for {
		row, err := c.line()
		if err != nil {
			return nil, err
		}
		if len(row) > 1 || row[0] != "" {
			c.row++
			return row, nil
		}
	}
}

// line reads one row, which has one empty field where the line is blank.
func (c *records) line() ([]string, error) {
	var (
		row    []string
		field  []byte
		quoted bool // inside quotes
		start  = true
		some   bool // a byte was read
	)
	for {
		b, err := c.r.ReadByte()
		if errors.Is(err, io.EOF) {
			if !some {
				return nil, io.EOF
			}
			return append(row, string(field)), nil
		}
		if err != nil {
			return nil, err
		}
		some = true
		switch {
		case quoted && b == '"':
			if p, _ := c.r.Peek(1); len(p) == 1 && p[0] == '"' {
				_, _ = c.r.Discard(1)
				field = append(field, '"')
			} else {
				quoted = false
			}
		case quoted:
			field = append(field, b)
		case b == '"' && start:
			quoted, start = true, false
		case b == ',':
			row, field, start = append(row, string(field)), nil, true
		case b == '\n':
			return append(row, string(field)), nil
		case b == '\r':
			if p, _ := c.r.Peek(1); len(p) == 1 && p[0] == '\n' {
				_, _ = c.r.Discard(1)
			}
			return append(row, string(field)), nil
		default:
			field, start = append(field, b), false
		}
	}
}

// header reads the first row and returns the place of each needed column.
func (c *records) header(need ...string) ([]int, error) {
	head, err := c.next()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("empty file")
	}
	if err != nil {
		return nil, err
	}
	for i, h := range head {
		head[i] = strings.TrimSpace(h)
	}
	var missing []string
	places := make([]int, len(need))
	for i, n := range need {
		if places[i] = slices.Index(head, n); places[i] < 0 {
			missing = append(missing, n)
		}
	}
	if missing != nil {
		return nil, fmt.Errorf("no column %s", strings.Join(missing, ", "))
	}
	return places, nil
}
