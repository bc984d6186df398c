package raster

import (
	"errors"
	"testing"
)

// bitWriter writes bits, the lowest of a byte first.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) put(bits int, v uint64) {
	for i := range bits {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// The fields of the head in the forms that the photos of the corpus do not have.
func TestJXLHead(t *testing.T) {
	head := func(fields ...[2]uint64) []byte {
		w := bitWriter{b: []byte{0xFF, 0x0A}, n: 16}
		for _, f := range fields {
			w.put(int(f[0]), f[1])
		}
		w.put(40, 0)
		return w.b
	}
	size := [][2]uint64{{1, 0}, {2, 1}, {13, 999}, {3, 0}, {2, 0}, {9, 299}} // 300 x 1000
	with := func(more ...[2]uint64) []byte { return head(append(append([][2]uint64{}, size...), more...)...) }
	for name, c := range map[string]struct {
		data        []byte
		w, h        int64
		bits, order int
	}{
		"as usual":          {with([2]uint64{1, 1}), 300, 1000, 8, 1},
		"small":             {head([2]uint64{1, 1}, [2]uint64{5, 4}, [2]uint64{3, 0}, [2]uint64{5, 9}, [2]uint64{1, 1}), 80, 40, 8, 1},
		"ratio":             {head([2]uint64{1, 1}, [2]uint64{5, 4}, [2]uint64{3, 5}, [2]uint64{1, 1}), 71, 40, 8, 1},
		"10 bits":           {with([2]uint64{1, 0}, [2]uint64{1, 0}, [2]uint64{1, 0}, [2]uint64{2, 1}), 300, 1000, 10, 1},
		"16 bits":           {with([2]uint64{1, 0}, [2]uint64{1, 0}, [2]uint64{1, 0}, [2]uint64{2, 3}, [2]uint64{6, 15}), 300, 1000, 16, 1},
		"half a float":      {with([2]uint64{1, 0}, [2]uint64{1, 0}, [2]uint64{1, 1}, [2]uint64{2, 1}), 300, 1000, 16, 1},
		"turned":            {with([2]uint64{1, 0}, [2]uint64{1, 1}, [2]uint64{3, 5}, [2]uint64{3, 0}), 1000, 300, 8, 6},
		"preview, animated": {with([2]uint64{1, 0}, [2]uint64{1, 1}, [2]uint64{3, 2}, [2]uint64{1, 1}, [2]uint64{1, 1}, [2]uint64{5, 4}, [2]uint64{3, 1}, [2]uint64{1, 1}, [2]uint64{1, 0}, [2]uint64{2, 0}, [2]uint64{6, 3}, [2]uint64{3, 0}, [2]uint64{2, 3}, [2]uint64{12, 1}, [2]uint64{1, 1}, [2]uint64{2, 2}, [2]uint64{10, 5}, [2]uint64{2, 1}, [2]uint64{2, 1}, [2]uint64{3, 5}, [2]uint64{1, 1}, [2]uint64{1, 0}, [2]uint64{2, 2}), 300, 1000, 12, 3},
		"preview of 8":      {with([2]uint64{1, 0}, [2]uint64{1, 1}, [2]uint64{3, 2}, [2]uint64{1, 0}, [2]uint64{1, 1}, [2]uint64{1, 1}, [2]uint64{2, 2}, [2]uint64{5, 1}, [2]uint64{3, 1}, [2]uint64{1, 0}, [2]uint64{1, 0}, [2]uint64{2, 1}), 300, 1000, 10, 3},
	} {
		if j := readJXL(c.data); !j.ok || j.width != c.w || j.height != c.h || j.bits != c.bits || j.orientation != c.order {
			t.Errorf("%s: %+v", name, j)
		}
	}
	for name, data := range map[string][]byte{
		"cut off": with()[:5], "empty": nil, "other": []byte("\xFF\x0B\x00\x00\x00\x00\x00\x00"),
		"empty container": makeBox("JXL ", []byte("\r\n\x87\n")),
	} {
		if _, err := checkJXL(data, Limits{}.withDefaults()); !errors.Is(err, Damaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	huge := head([2]uint64{1, 0}, [2]uint64{2, 3}, [2]uint64{30, 1<<30 - 1}, [2]uint64{3, 7})
	if _, err := checkJXL(huge, Limits{}.withDefaults()); !errors.Is(err, TooLarge) {
		t.Errorf("huge: %v", err)
	}
	// In a container the codestream may come in parts.
	parts := append(makeBox("JXL ", []byte("\r\n\x87\n")), makeBox("jxlp", []byte{0, 0, 0, 0}, with([2]uint64{1, 1})[:3])...)
	parts = append(parts, makeBox("Exif", []byte("\x00\x00\x00\x00MM\x00*\x00\x00\x00\x08"))...)
	parts = append(parts, makeBox("brob", []byte("xml "))...)
	parts = append(parts, makeBox("jxlp", []byte{0x80, 0, 0, 1}, with([2]uint64{1, 1})[3:])...)
	if j := readJXL(parts); !j.ok || j.width != 300 || len(j.exif) != 8 || j.extras != 1 {
		t.Errorf("%+v", j)
	}
}
