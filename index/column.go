package index

import (
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// How values of ours stand in columns of SQLite, which has integers of 64 bits
// with a sign, floats, text and blobs.

// unsigned reads back what was stored as int64(v): inodes and devices use all 64 bits.
type unsigned struct{ v *uint64 }

func (u unsigned) Scan(src any) error {
	i, ok := src.(int64)
	if !ok {
		return fmt.Errorf("integer expected, found %T", src)
	}
	*u.v = uint64(i)
	return nil
}

// share is a number from 0 to 1, stored in millionths: no float is ever
// compared or sorted by, so that every machine says the same.
type share struct{ v *float64 }

func (s share) Scan(src any) error {
	i, ok := src.(int64)
	if !ok {
		return fmt.Errorf("integer expected, found %T", src)
	}
	*s.v = float64(i) / 1e6
	return nil
}

func millionths(v float64) (int64, error) {
	if !(v >= 0 && v <= 1) { // NaN too
		return 0, fmt.Errorf("%v is not between 0 and 1", v)
	}
	return int64(math.Round(v * 1e6)), nil
}

// Scan reads a hash; null is the zero hash.
func (h *Hash) Scan(src any) error {
	b, ok := src.([]byte)
	if src == nil {
		*h = Hash{}
		return nil
	}
	if !ok || len(b) != len(h) {
		return fmt.Errorf("hash of %d bytes expected, found %T of %d", len(h), src, len(b))
	}
	copy(h[:], b)
	return nil
}

// blob is null for the zero hash.
func (h Hash) blob() any {
	if h.IsZero() {
		return nil
	}
	return h[:]
}

// Scan reads a transform; an empty blob is none.
func (t *Transform) Scan(src any) error {
	b, ok := src.([]byte)
	*t = Transform{}
	if ok && len(b) == 0 {
		return nil
	}
	if !ok || len(b) != 48 {
		return fmt.Errorf("transform of 48 bytes expected, found %T of %d", src, len(b))
	}
	for i := range t {
		t[i] = math.Float64frombits(binary.BigEndian.Uint64(b[8*i:]))
	}
	return nil
}

func (t Transform) blob() []byte {
	if t == (Transform{}) {
		return []byte{}
	}
	b := make([]byte, 0, 48)
	for _, v := range t {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

// list hands ids to SQLite's json_each, many in one statement.
func list(ids []int64) string {
	if len(ids) == 0 {
		return "[]"
	}
	b, err := json.Marshal(ids)
	if err != nil {
		panic(err) // integers always can be written
	}
	return string(b)
}

func scanID(ids *[]int64) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		*ids = append(*ids, id)
		return err
	}
}
