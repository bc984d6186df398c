// TIFF files that are damaged or lie.

package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"
)

// What came before the damage counts if it is more than half.
func TestTIFFDamage(t *testing.T) {
	d := drawnTIFF{order: binary.LittleEndian, width: 64, height: 64, bits: 8, samples: 1, photometric: tiffBlackIsZero, rows: 8,
		compression: tiffDeflate, sample: func(x, y, s int) uint64 { return uint64(shade(x, y, s)) }}
	file := d.write(t)
	whole := mustDecode(t, file)
	cut := mustDecode(t, file[:len(file)*3/4])
	if cut.Damaged < 0.2 || cut.Damaged > 0.35 || !bytes.Equal(cut.Luma[:64*40], whole.Luma[:64*40]) || cut.Luma[64*63] != 255 {
		t.Errorf("three quarters of a file: damaged by %v", cut.Damaged)
	}
	if _, err := Decode(context.Background(), file[:len(file)/3], Limits{}); !errors.Is(err, Damaged) || !strings.Contains(err.Error(), "at byte") {
		t.Errorf("a third of a file: %v", err)
	}
	flipped := bytes.Clone(file)
	flipped[len(flipped)-2] ^= 1 // of the last checksum
	if r := mustDecode(t, flipped); r.Damaged != 0.125 {
		t.Errorf("a wrong checksum of one strip of eight: damaged by %v", r.Damaged)
	}
}

// Headers that lie end soon and take no memory.
func TestTIFFHostile(t *testing.T) {
	grey := func(extra map[uint16][]uint64, change func(d *drawnTIFF)) []byte {
		d := drawnTIFF{order: binary.LittleEndian, width: 64, height: 64, bits: 8, samples: 1, photometric: tiffBlackIsZero, rows: 1, extra: extra,
			sample: func(x, y, s int) uint64 { return uint64(shade(x, y, s)) }}
		if change != nil {
			change(&d)
		}
		return d.write(t)
	}
	for name, c := range map[string]struct {
		file  []byte
		class Class
		says  string
	}{
		"compression": {grey(nil, func(d *drawnTIFF) { d.compression = 50000 }), Unsupported, "compression 50000"},
		"photometric": {grey(nil, func(d *drawnTIFF) { d.photometric = 32845 }), Unsupported, "interpretation 32845"},
		"raw data":    {grey(nil, func(d *drawnTIFF) { d.photometric = 32803 }), Unsupported, "sensor"},
		"few samples": {grey(nil, func(d *drawnTIFF) { d.photometric = tiffRGB }), Damaged, "1 samples"},
		"predictor":   {grey(nil, func(d *drawnTIFF) { d.predictor = 3 }), Damaged, "predictor 3"},
		"complex":     {grey(nil, func(d *drawnTIFF) { d.kind = 6 }), Unsupported, "complex"},
		"24 bits":     {grey(nil, func(d *drawnTIFF) { d.bits = 24 }), Unsupported, "24 bits"},
		"inks":        {grey(map[uint16][]uint64{tagInkSet: {2}}, func(d *drawnTIFF) { d.photometric, d.samples = tiffSeparated, 4 }), Unsupported, "inks"},
		"palette":     {grey(nil, func(d *drawnTIFF) { d.photometric, d.bits = tiffPalette, 16 }), Unsupported, "palette"},
		"Lab":         {grey(nil, func(d *drawnTIFF) { d.photometric, d.samples, d.bits = tiffCIELab, 3, 16 }), Unsupported, "L*a*b*"},
		"small tiles": {grey(map[uint16][]uint64{tagTileWidth: {1}, tagTileLength: {1}}, nil), Damaged, "tiles of 1 x 1"},
		"old JPEG":    {grey(nil, func(d *drawnTIFF) { d.compression = tiffOldJPEG }), Unsupported, "old-style"},
		"fax":         {grey(nil, func(d *drawnTIFF) { d.compression = tiffFax4 }), Damaged, "8 bits"},
		"no Deflate":  {grey(nil, func(d *drawnTIFF) { d.compression, d.pack = tiffDeflate, func(b []byte, _, _ int) []byte { return b } }), Damaged, "Deflate"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(context.Background(), c.file, Limits{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: took %d bytes", name, took)
		}
	}
	// Strips that all reach over the same junk before a row of pixels.
	junk := bytes.Repeat([]byte{0x80}, 2<<20) // PackBits that does nothing
	d := drawnTIFF{order: binary.LittleEndian, width: 64, height: 64, bits: 8, samples: 1, photometric: tiffBlackIsZero, rows: 1, compression: tiffPackBits}
	strip := append(junk, 0xC1, 7)
	parts := make([][]byte, 64)
	for i := range parts {
		parts[i] = nil
	}
	parts[0] = strip
	file := d.assemble(parts)
	dir, _, _ := firstDirectory(file)
	_, _, places, _ := dir.field(tagStripOffsets)
	_, _, counts, _ := dir.field(tagStripBytes)
	for i := range parts {
		copy(places[4*i:], places[:4])
		copy(counts[4*i:], counts[:4])
	}
	if _, err := Decode(context.Background(), file, Limits{}); !errors.Is(err, Damaged) || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("strips over strips: %v", err)
	}
}

// FuzzTIFF ends any bytes as a raster or a failure, the same each time.
func FuzzTIFF(f *testing.F) {
	for i, compression := range []int{tiffNone, tiffDeflate, tiffPackBits, tiffFax4, tiffFax3, tiffFaxRuns, tiffLZW, tiffJPEG} {
		d := drawnTIFF{order: binary.LittleEndian, width: 35, height: 19, bits: 8, samples: 3, photometric: tiffRGB, rows: 5, compression: compression,
			planar: i%2 == 1, sample: func(x, y, s int) uint64 { return uint64(shade(x, y, s)) }}
		switch compression {
		case tiffFax4, tiffFax3, tiffFaxRuns:
			d.bits, d.samples, d.photometric, d.planar = 1, 1, tiffWhiteIsZero, false
			d.pack = func([]byte, int, int) []byte { return faxOf("001 1000 11 1", "011 011 1", "0001 1") }
		case tiffJPEG:
			d.planar = false
			d.pack = func([]byte, int, int) []byte { return encodeJPEG(f, noise("nrgba", 35, 5, 1), 50) }
		}
		if i == 1 {
			d.big, d.tile, d.predictor = true, 16, 2
		}
		f.Add(d.write(f))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if ByContent(data) == TIFF {
			fuzzDecode(t, data, Decode)
		}
	})
}
