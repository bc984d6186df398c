package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
)

// Each way of storing a picture shows its pixels.
func TestTIFFLayouts(t *testing.T) {
	depths := []struct {
		bits, kind, predictor int
		value                 func(v byte) uint64
	}{
		{8, 1, 0, func(v byte) uint64 { return uint64(v) }},
		{8, 1, 2, func(v byte) uint64 { return uint64(v) }},
		{16, 1, 0, func(v byte) uint64 { return uint64(v) * 257 }},
		{16, 1, 2, func(v byte) uint64 { return uint64(v) * 257 }},
		{32, 1, 2, func(v byte) uint64 { return uint64(v) * 16843009 }},
		{64, 1, 2, func(v byte) uint64 { return uint64(v) * 0x0101010101010101 }},
		{16, 2, 0, func(v byte) uint64 { return uint64(v)*257 - 32768 }},
		{12, 1, 0, func(v byte) uint64 { return (uint64(v)*4095 + 127) / 255 }},
		{32, 3, 0, func(v byte) uint64 { return uint64(math.Float32bits(float32(v) / 255)) }},
		{32, 3, 3, func(v byte) uint64 { return uint64(math.Float32bits(float32(v) / 255)) }},
		{64, 3, 3, func(v byte) uint64 { return math.Float64bits(float64(v) / 255) }},
	}
	n := 0
	for _, depth := range depths {
		for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, layout := range []struct {
				tile, rows  int
				planar, big bool
			}{{0, 5, false, false}, {16, 0, false, true}, {0, 4, true, true}, {16, 0, true, false}, {0, 0, false, false}} {
				for _, samples := range []int{1, 3} {
					n++
					d := drawnTIFF{order: order, big: layout.big, width: 35, height: 19, bits: depth.bits, kind: depth.kind,
						predictor: depth.predictor, samples: samples, photometric: samples / 2, tile: layout.tile, rows: layout.rows,
						planar: layout.planar && samples > 1, compression: []int{tiffNone, tiffDeflate, tiffPackBits}[n%3],
						sample: func(x, y, s int) uint64 { return depth.value(shade(x, y, s)) }}
					if samples == 1 {
						d.photometric = tiffBlackIsZero
					} else {
						d.photometric = tiffRGB
					}
					name := fmt.Sprintf("%d bits kind %d predictor %d, %v %+v, %d samples, compression %d", depth.bits, depth.kind, depth.predictor, order, layout, samples, d.compression)
					r, err := Decode(context.Background(), d.write(t), Limits{})
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					for i, v := range r.RGB {
						x, y, s := i/3%35, i/3/35, i%3
						if samples == 1 {
							s = 0
						}
						if v != shade(x, y, s) || r.Damaged > 0 {
							t.Errorf("%s: pixel %d, %d is %d, want %d; damaged %v", name, x, y, v, shade(x, y, s), r.Damaged)
							break
						}
					}
				}
			}
		}
	}
}

// Each meaning of the samples becomes the colour that it stands for.
func TestTIFFColours(t *testing.T) {
	pixel := func(photometric, bits int, extra map[uint16][]uint64, values ...uint64) drawnTIFF {
		return drawnTIFF{order: binary.LittleEndian, width: 1, height: 1, bits: bits, samples: len(values), photometric: photometric,
			extra: extra, sample: func(_, _, s int) uint64 { return values[s] }}
	}
	colours := make([]uint64, 12)
	colours[2], colours[6], colours[10] = 0xFFFF, 0x8080, 0x0101 // red, green and blue of index 2
	narrow := []uint64{0, 0, 255, 0, 0, 0, 128, 0, 0, 0, 1, 0}
	alpha := func(kind uint64) map[uint16][]uint64 { return map[uint16][]uint64{tagExtraSamples: {kind}} }
	floats := func(d drawnTIFF) drawnTIFF { d.kind = tiffFloat; return d }
	for name, c := range map[string]struct {
		d    drawnTIFF
		want [3]byte
	}{
		"white is zero":         {pixel(tiffWhiteIsZero, 4, nil, 2), [3]byte{221, 221, 221}},
		"one bit":               {pixel(tiffBlackIsZero, 1, nil, 1), [3]byte{255, 255, 255}},
		"two bits":              {pixel(tiffBlackIsZero, 2, nil, 1), [3]byte{85, 85, 85}},
		"palette":               {pixel(tiffPalette, 2, map[uint16][]uint64{tagColorMap: colours}, 2), [3]byte{255, 128, 1}},
		"palette of bytes":      {pixel(tiffPalette, 2, map[uint16][]uint64{tagColorMap: narrow}, 2), [3]byte{255, 128, 1}},
		"CMYK":                  {pixel(tiffSeparated, 8, nil, 255, 0, 51, 51), [3]byte{0, 204, 163}},
		"grey with alpha":       {pixel(tiffBlackIsZero, 8, alpha(2), 0, 51), [3]byte{204, 204, 204}},
		"alpha":                 {pixel(tiffRGB, 8, alpha(2), 0, 255, 100, 51), [3]byte{204, 255, 224}},
		"alpha multiplied":      {pixel(tiffRGB, 8, alpha(1), 0, 51, 20, 51), [3]byte{204, 255, 224}},
		"sample of no meaning":  {pixel(tiffRGB, 8, alpha(0), 1, 2, 3, 51), [3]byte{1, 2, 3}},
		"alpha behind another":  {pixel(tiffBlackIsZero, 8, map[uint16][]uint64{tagExtraSamples: {0, 2}}, 0, 9, 51), [3]byte{204, 204, 204}},
		"YCbCr":                 {pixel(tiffYCbCr, 8, map[uint16][]uint64{tagYCbCrSubsampled: {1, 1}}, 76, 85, 255), [3]byte{254, 0, 0}},
		"L*a*b* white":          {pixel(tiffCIELab, 8, nil, 255, 0, 0), [3]byte{255, 255, 255}},
		"L*a*b* grey":           {pixel(tiffICCLab, 8, nil, 127, 128, 128), [3]byte{118, 118, 118}},
		"L*a*b* red":            {pixel(tiffCIELab, 8, nil, 136, 80, 67), [3]byte{255, 0, 0}},
		"half a half float":     {floats(pixel(tiffBlackIsZero, 16, nil, 0x3800)), [3]byte{128, 128, 128}},
		"half float beyond":     {floats(pixel(tiffBlackIsZero, 16, nil, 0x7C00)), [3]byte{255, 255, 255}},
		"half float below":      {floats(pixel(tiffBlackIsZero, 16, nil, 0xBC00)), [3]byte{0, 0, 0}},
		"half float, no number": {floats(pixel(tiffBlackIsZero, 16, nil, 0x7C01)), [3]byte{0, 0, 0}},
		"half float, tiny":      {floats(pixel(tiffBlackIsZero, 16, nil, 0x0001)), [3]byte{0, 0, 0}},
	} {
		r, err := Decode(context.Background(), c.d.write(t), Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, v := range r.RGB {
			if d := int(v) - int(c.want[i]); d < -2 || d > 2 || d != 0 && !strings.HasPrefix(name, "L*") {
				t.Errorf("%s: %v, want %v", name, r.RGB, c.want)
				break
			}
		}
	}
}

// Chroma of fewer samples lies under the pixels it was taken of.
func TestTIFFSubsampled(t *testing.T) {
	d := drawnTIFF{order: binary.BigEndian, width: 3, height: 3, bits: 8, samples: 3, photometric: tiffYCbCr,
		extra: map[uint16][]uint64{tagYCbCrSubsampled: {2, 2}}, sample: func(int, int, int) uint64 { return 0 },
		pack: func([]byte, int, int) []byte {
			return []byte{10, 20, 40, 50, 128, 128, 30, 0, 60, 0, 90, 128, 70, 80, 0, 0, 128, 128, 90, 0, 0, 0, 128, 128}
		}}
	r := mustDecode(t, d.write(t))
	for i, want := range []byte{10, 20, 0, 40, 50, 0, 70, 80, 90} {
		if want != 0 && !bytes.Equal(r.RGB[3*i:3*i+3], []byte{want, want, want}) {
			t.Errorf("pixel %d is %v, want %d", i, r.RGB[3*i:3*i+3], want)
		}
	}
	if red, green, blue := color.YCbCrToRGB(30, 90, 128); !bytes.Equal(r.RGB[6:9], []byte{red, green, blue}) {
		t.Errorf("blue chroma: %v, want %d %d %d", r.RGB[6:9], red, green, blue)
	}
}

// JPEG in strips and tiles, its tables apart, gives what the JPEG gives, at all scales.
func TestTIFFJPEG(t *testing.T) {
	for _, c := range []struct{ width, height, tile, rows, samples int }{
		{2048, 64, 0, 32, 3}, {2048, 64, 32, 0, 3}, {2048, 60, 0, 20, 3}, {600, 40, 0, 8, 1}, {60, 40, 16, 0, 1},
	} {
		at := func(x, y int) color.Color {
			return color.YCbCr{Y: byte(x*200/c.width + y*50/c.height), Cb: byte(100 + y*40/c.height), Cr: byte(90 + x*60/c.width)}
		}
		w, h := c.width, c.rows
		if c.tile > 0 {
			w, h = c.tile, c.tile
		}
		var tables []byte
		var parts [][]byte
		for y0 := 0; y0 < c.height; y0 += h {
			for x0 := 0; x0 < c.width; x0 += w {
				var m interface {
					image.Image
					Set(x, y int, c color.Color)
				} = image.NewRGBA(image.Rect(0, 0, w, h))
				if c.samples == 1 {
					m = image.NewGray(m.Bounds())
				}
				for y := range h {
					for x := range w {
						m.Set(x, y, at(x0+x, y0+y))
					}
				}
				whole := encodeJPEG(t, m, 95)
				sof := bytes.Index(whole, []byte{0xFF, 0xC0})
				dht, sos := bytes.Index(whole, []byte{0xFF, 0xC4}), bytes.Index(whole, []byte{0xFF, 0xDA})
				tables = append(append(bytes.Clone(whole[:sof]), whole[dht:sos]...), 0xFF, 0xD9)
				parts = append(parts, append(append([]byte{0xFF, 0xD8}, whole[sof:dht]...), whole[sos:]...))
			}
		}
		d := drawnTIFF{order: binary.LittleEndian, width: c.width, height: c.height, bits: 8, samples: c.samples, photometric: tiffYCbCr,
			compression: tiffJPEG, tile: c.tile, rows: c.rows, raw: map[uint16][]byte{tagJPEGTables: tables}}
		if c.samples == 1 {
			d.photometric = tiffBlackIsZero
		}
		file := d.assemble(parts)
		r := mustDecode(t, file)
		want := image.NewRGBA(image.Rect(0, 0, c.width, c.height))
		for y := range c.height {
			for x := range c.width {
				want.Set(x, y, at(x, y))
				if c.samples == 1 {
					want.Set(x, y, color.GrayModel.Convert(at(x, y)))
				}
			}
		}
		compare(t, fmt.Sprint(c), r.RGB, reducedPlain(t, want, r.Width, r.Height), 8)
		// A tile that is no JPEG is white, and counted.
		copy(file[bytes.LastIndex(file, parts[len(parts)-1]):], "no JPEG")
		lost := float64(c.height-(c.height-1)/h*h) / float64(c.height) / float64((c.width+w-1)/w)
		if c.tile > 0 {
			lost *= float64(c.width-(c.width-1)/w*w) / float64(w) * float64((c.width+w-1)/w) * float64(w) / float64(c.width)
		}
		if r := mustDecode(t, file); math.Abs(r.Damaged-lost) > 0.001 || r.Luma[len(r.Luma)-1] < 250 {
			t.Errorf("%+v: damaged by %v, want %v; last pixel %d", c, r.Damaged, lost, r.Luma[len(r.Luma)-1])
		}
	}
}
