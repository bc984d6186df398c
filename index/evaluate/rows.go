package evaluate

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Row is a row of a report: a file in a group.
type Row struct {
	Group string
	Path  string
	Kind  string // best, exact, pixels, near, transformed or partial
}

func knownKind(k string) bool {
	switch k {
	case "best", "exact", "pixels", "near", "transformed", "partial":
		return true
	}
	return false
}

// ReadReport reads the rows of a report: a CSV with a header that has at least
// the columns group, path and kind.
func ReadReport(r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		c := newRecords(r)
		at, err := c.header("group", "path", "kind")
		for err == nil {
			var fields []string
			if fields, err = c.next(); err != nil {
				break
			}
			if len(fields) <= max(at[0], at[1], at[2]) {
				err = fmt.Errorf("row %d is short", c.row)
				break
			}
			row := Row{Group: fields[at[0]], Path: fields[at[1]], Kind: strings.ToLower(strings.TrimSpace(fields[at[2]]))}
			if !knownKind(row.Kind) {
				err = fmt.Errorf("row %d: kind %q is none of best, exact, pixels, near, transformed, partial", c.row, fields[at[2]])
				break
			}
			if !yield(row, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(Row{}, fmt.Errorf("read report: %w", err))
		}
	}
}
