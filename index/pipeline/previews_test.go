//go:build unix

package pipeline_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// rawOf is a camera raw file (DNG) whose one directory leads to a JPEG preview.
func rawOf(jpeg []byte) []byte {
	entries := []uint32{0x201, 512, 0x202, uint32(len(jpeg))}
	b := binary.LittleEndian.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(entries)/2))
	for i := 0; i < len(entries); i += 2 {
		b = binary.LittleEndian.AppendUint16(b, uint16(entries[i]))
		b = binary.LittleEndian.AppendUint16(b, 4) // LONG
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, entries[i+1])
	}
	return append(append(b, make([]byte, 512-len(b))...), jpeg...)
}

// Who wants no previews gets none, of what is known as well, and the other way back.
func TestPreviewsNever(t *testing.T) {
	w := newWorld(t)
	w.write("shot.dng", rawOf(small()[0]))
	w.write("other.jpg", small()[1])
	w.did(w.scan(), "new 2", 2, 2, 2)
	file := func() (index.File, index.Content) {
		f, _, err := w.x.FileAt(t.Context(), w.path("shot.dng"))
		must(t, err)
		c, err := w.x.Contents(t.Context(), []int64{f.Content})
		must(t, err)
		return f, c[f.Content]
	}
	if f, c := file(); f.State != index.OK || c.Source != "preview" {
		t.Errorf("%s, from %q", f.State, c.Source)
	}
	w.o.Limits = raster.Limits{FullOnly: true}
	sum := w.scan()
	w.did(sum, "unchanged 1, stale 1", 1, 1, 1)
	if f, _ := file(); sum.Failed != 1 || !strings.Contains(f.Reason, "--previews never") {
		t.Errorf("%d failed, %q", sum.Failed, f.Reason)
	}
	same(t, "its report", w.report(), w.fresh())
	w.did(w.scan(), "unchanged 2", 0, 0, 0)
	w.o.Limits = raster.Limits{}
	w.did(w.scan(), "unchanged 1, retried 1", 1, 1, 1)
	if f, c := file(); f.State != index.OK || c.Source != "preview" {
		t.Errorf("%s, from %q", f.State, c.Source)
	}
	w.did(w.scan(), "unchanged 2", 0, 0, 0)
}

// A raw file and the JPEG beside it are one picture, and no copies.
func TestRawPair(t *testing.T) {
	w := newWorld(t)
	w.write("shot.dng", rawOf(small()[0]))
	w.write("shot.jpg", small()[0])
	w.did(w.scan(), "new 2", 2, 2, 2)
	for joined, want := range map[bool]int{false: 0, true: 1} {
		groups := 0
		must(t, report.Each(t.Context(), w.x, report.Options{JoinRaw: joined}, func(report.Group) error { groups++; return nil }))
		if groups != want {
			t.Errorf("joined %v: %d groups, want %d", joined, groups, want)
		}
	}
}
