package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// samplings are the ways in which components may be sampled.
var samplings = [][][2]int{
	{{1, 1}},
	{{1, 1}, {1, 1}, {1, 1}},
	{{2, 1}, {1, 1}, {1, 1}},
	{{2, 2}, {1, 1}, {1, 1}},
	{{1, 2}, {1, 1}, {1, 1}},
	{{4, 1}, {1, 1}, {1, 1}},
	{{4, 2}, {1, 1}, {2, 2}},
	{{2, 2}, {2, 1}, {1, 1}},
	{{1, 1}, {2, 2}, {1, 2}},
	{{3, 1}, {1, 1}, {1, 3}},
	{{4, 4}, {4, 4}, {4, 4}, {4, 4}},
	{{2, 2}, {1, 1}, {1, 1}, {2, 2}},
	{{3, 2}, {2, 1}, {1, 3}},
	{{4, 3}, {3, 4}, {1, 2}, {2, 1}},
}

// worst compares the decoded planes with those of the drawing, where these are within
// 0..255, and returns the largest difference.
func (d *drawing) worst(img *Image) float64 {
	most := 0.0
	for i, p := range img.Planes {
		kept := 64
		if img.Scale == Quarter {
			kept = keptQuarter
		}
		pix, width, height := d.samples(i, img.Scale, kept)
		if p.Width > width || p.Height > height {
			return math.Inf(1)
		}
		for y := range p.Height {
			for x := range p.Width {
				want := max(0, min(pix[y*width+x], 255))
				most = max(most, math.Abs(float64(p.Pix[y*p.Stride+x])-want))
			}
		}
	}
	return most
}

// All samplings, in all kinds of scans, give the samples that their coefficients mean.
func TestDrawings(t *testing.T) {
	var d Decoder
	for i, factors := range samplings {
		for variant := range 6 {
			draw := draw(uint64(i), 75, 53, factors...)
			switch variant {
			case 1:
				draw.apart = true
			case 2:
				draw.restart = 1
			case 3:
				draw.progressive = true
			case 4:
				draw.progressive, draw.restart = true, 2
			case 5:
				draw.apart, draw.restart, draw.wide = true, 3, true
			}
			data := draw.encode()
			for s := Full; s <= Eighth; s *= 2 {
				img, err := d.Decode(data, s, Limits{})
				if err != nil {
					t.Errorf("%v, variant %d, 1/%d: %v", factors, variant, s, err)
					continue
				}
				if img.Damage != nil {
					t.Errorf("%v, variant %d, 1/%d: %+v", factors, variant, s, *img.Damage)
				}
				if img.Width != 75 || img.Height != 53 || img.Progressive != draw.progressive || len(img.Planes) != len(factors) {
					t.Errorf("%v, variant %d: %+v", factors, variant, img.Header)
				}
				if w := draw.worst(img); w > 1 {
					t.Errorf("%v, variant %d, 1/%d: differs by %.2f", factors, variant, s, w)
				}
			}
		}
	}
}

// A picture in other wrappings is the same picture.
func TestWrappings(t *testing.T) {
	plain := draw(7, 70, 40, [2]int{2, 1}, [2]int{1, 1}, [2]int{1, 1})
	want, err := Decode(plain.encode(), Eighth, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	data := plain.encode()
	sos := bytes.Index(data, []byte{0xFF, markSOS})
	for name, variant := range map[string][]byte{
		"missing EOI":     data[:len(data)-2],
		"trailing":        append(bytes.Clone(data), "anything"...),
		"second picture":  append(bytes.Clone(data), draw(8, 9, 9, [2]int{1, 1}).encode()...),
		"no EOI, another": append(bytes.Clone(data[:len(data)-2]), draw(8, 9, 9, [2]int{1, 1}).encode()...),
		"SOI twice":       append([]byte{0xFF, markSOI}, data...),
		"fill bytes":      bytes.Join([][]byte{data[:sos], {0xFF, 0xFF, 0xFF}, data[sos:]}, nil),
		"junk":            bytes.Join([][]byte{data[:sos], []byte("junk"), data[sos:]}, nil),
		"segments":        bytes.Join([][]byte{data[:2], {0xFF, 0xE1, 0, 4, 1, 2, 0xFF, markTEM, 0xFF, markRST0}, data[2:]}, nil),
		"cut FF":          append(bytes.Clone(data[:len(data)-2]), 0xFF),
		"filled scan":     append(append(bytes.Clone(data[:len(data)-2]), 0xFF), data[len(data)-2:]...),
	} {
		img, err := Decode(variant, Eighth, Limits{})
		if err != nil || img.Damage != nil || !bytes.Equal(img.Planes[0].Pix, want.Planes[0].Pix) || !bytes.Equal(img.Planes[2].Pix, want.Planes[2].Pix) {
			t.Errorf("%s: %v %+v", name, err, img)
		}
	}
	dnl := *plain
	dnl.dnl = true
	img, err := Decode(dnl.encode(), Full, Limits{})
	if err != nil || img.Height != 40 || plain.worst(img) > 1 {
		t.Errorf("height in DNL: %v %+v", err, img)
	}
	progressive := draw(7, 70, 40, [2]int{1, 1})
	progressive.progressive = true
	data = progressive.encode()
	if img, err := Decode(data[:len(data)-2], Eighth, Limits{}); err != nil || img.Damage == nil || img.Damage.Missing != 0 {
		t.Errorf("progressive without EOI, which may lack the last blocks: %v %+v", err, img)
	}
}

// Motion JPEG leaves the tables of annex K out.
func TestStandardTables(t *testing.T) {
	d := draw(3, 64, 64, [2]int{1, 1})
	d.noTables = true
	for i := range d.parts[0].blocks { // symbols that lumaAC has
		for k := 1; k < 64; k++ {
			d.parts[0].blocks[i][k] = max(-9, min(d.parts[0].blocks[i][k], 9))
		}
	}
	img, err := Decode(d.encode(), Full, Limits{})
	if err != nil || d.worst(img) > 1 {
		t.Errorf("%v, differs", err)
	}
}

// What is missing is grey and counted, what comes before it and behind is whole.
func TestDamage(t *testing.T) {
	factors := [][2]int{{2, 1}, {1, 1}, {1, 1}}
	d := draw(5, 160, 160, factors...)
	whole := d.encode()
	start := bytes.Index(whole, []byte{0xFF, markSOS}) + 14
	for _, share := range []float64{0.1, 0.5, 0.9, 0.999} {
		cut := whole[:start+int(share*float64(len(whole)-start))]
		for s := Full; s <= Eighth; s *= 2 {
			img, err := Decode(cut, s, Limits{})
			if err != nil {
				t.Fatalf("%g: %v", share, err)
			}
			m := img.Damage
			if m == nil || math.Abs(m.Missing-(1-share)) > 0.08 || m.Offset != len(cut) || !strings.Contains(m.Reason, "ends") {
				t.Fatalf("%g: %+v", share, m)
			}
			// MCUs are 16x8: compare up to the first that is missing, grey from there on.
			first := 200 - int(math.Round(m.Missing*200))
			pix, width, _ := d.samples(0, s, map[Scale]int{Full: 64, Half: 64, Quarter: keptQuarter, Eighth: 1}[s])
			p := img.Planes[0]
			for y := range p.Height {
				for x := range p.Width {
					mcu := y*int(s)/8*10 + x*int(s)/16
					want := max(0, min(pix[y*width+x], 255))
					if mcu >= first {
						want = 128
					}
					if got := float64(p.Pix[y*p.Stride+x]); math.Abs(got-want) > 1 {
						t.Fatalf("%g, 1/%d: (%d, %d) is %g, want %g, in MCU %d of %d", share, s, x, y, got, want, mcu, first)
					}
				}
			}
		}
	}
	// With restart markers only the interval that is hit is lost.
	d.restart = 10
	whole = d.encode()
	markers := 0
	for at := start + 6; ; at += 2 {
		if at = nextMarker(whole, at); whole[at+1] == markEOI {
			break
		}
		markers++
		hurt := bytes.Clone(whole)
		for i := at + 20; i < at+40; i++ {
			hurt[i] = 0xFE // many ones: no code of the table
		}
		img, err := Decode(hurt, Eighth, Limits{})
		if err != nil || img.Damage == nil || img.Damage.Missing > 0.05 || img.Damage.Offset < at+10 || img.Damage.Offset > at+120 {
			t.Fatalf("marker %d: %v %+v", markers, err, img)
		}
		lost := bytes.Clone(whole)
		lost = append(lost[:at], lost[at+2:]...)
		img, err = Decode(lost, Eighth, Limits{})
		if err != nil || img.Damage == nil || math.Abs(img.Damage.Missing-0.05) > 0.001 {
			t.Fatalf("marker %d lost: %v %+v", markers, err, img.Damage)
		}
	}
	if markers != 19 {
		t.Fatalf("%d markers", markers)
	}
}

// Of a progressive file that is cut, all is there at 1/8 once the first scan is whole.
func TestDamagedProgressive(t *testing.T) {
	d := draw(6, 160, 160, [2]int{2, 2}, [2]int{1, 1}, [2]int{1, 1})
	d.progressive = true
	whole := d.encode()
	first := bytes.Index(whole, []byte{0xFF, markSOS}) + 14
	second := first + bytes.Index(whole[first:], []byte{0xFF, markSOS})
	img, err := Decode(whole[:first+(second-first)*3/4], Eighth, Limits{})
	if err != nil || img.Damage == nil || img.Damage.Missing < 0.15 || img.Damage.Missing > 0.35 {
		t.Errorf("cut in the first scan: %v %+v", err, img)
	}
	for _, s := range []Scale{Full, Eighth} {
		img, err = Decode(whole[:second+(len(whole)-second)/2], s, Limits{})
		if err != nil || img.Damage == nil || img.Damage.Missing != 0 {
			t.Fatalf("cut later, 1/%d: %v %+v", s, err, img)
		}
	}
	if w := d.worst(img); w > 8 { // a bit of DC, and the shift of what is below it
		t.Errorf("cut later: differs by %g", w)
	}
}

// Headers that cannot be decoded say why.
func TestRefusals(t *testing.T) {
	plain := draw(1, 16, 16, [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}).encode()
	sof := bytes.Index(plain, []byte{0xFF, markSOF1})
	edit := func(at int, b ...byte) []byte {
		out := bytes.Clone(plain)
		copy(out[at:], b)
		return out
	}
	dht := bytes.Index(plain, []byte{0xFF, markDHT})
	sos := bytes.Index(plain, []byte{0xFF, markSOS})
	for _, c := range []struct {
		data        []byte
		unsupported bool
		reason      string
	}{
		{nil, false, "SOI"},
		{[]byte("GIF89a"), false, "SOI"},
		{plain[:2], false, "no scan"},
		{plain[:sof+5], false, "segment C1"},
		{[]byte{0xFF, 0xD8, 0xFF, 0xD9}, false, "no scan"},
		{append([]byte{0xFF, 0xD8}, plain[sos:]...), false, "before the frame"},
		{append(append(bytes.Clone(plain[:sof]), plain[sof:dht]...), plain[sof:]...), false, "two frame"},
		{edit(sof+1, 0xC3), true, "lossless"},
		{edit(sof+1, 0xC5), true, "hierarchical"},
		{edit(sof+1, 0xC9), true, "arithmetic"},
		{edit(sof+1, 0xC0, 0, 17, 12), false, "12 bits"},
		{edit(sof+4, 12), true, "12 bits"},
		{edit(sof+4, 7), false, "7 bits"},
		{edit(sof+5, 0, 0), false, "height of 0"},
		{edit(sof+7, 0, 0), false, "width of 0"},
		{edit(sof+9, 0), false, "no components"},
		{edit(sof+9, 2), true, "2 components"},
		{edit(sof+9, 200), false, "too short"},
		{edit(sof+11, 0x01), false, "factors 0x1"},
		{edit(sof+11, 0x1F), false, "factors 1x15"},
		{edit(sof+12, 4), false, "quantization table 4"},
		{edit(sof+12, 3), false, "table 3 is not there"},
		{edit(sof+13, 1), false, "two components"},
		{edit(sof+5, 0xFF, 0xFF, 0xFF, 0xFF), false, "65535 x 65535"},
		{edit(dht+5, 200), false, "malformed"},
		{edit(dht+5, 3, 0, 3), false, "more codes"},
		{edit(dht+4, 0x20), false, "malformed"},
		{edit(sos+4, 5), false, "malformed"},
		{edit(sos+4, 0), false, "malformed"},
		{edit(sos+5, 9), false, "component 9"},
		{edit(sos+7, 1), false, "twice"},
		{edit(sos+6, 0x50), false, "above 3"},
		{edit(sos+6, 0x22), false, "Huffman table is not there"},
		{edit(sof+1, 0xC2), false, "not allowed"},
	} {
		_, err := Decode(c.data, Eighth, Limits{})
		var f *FormatError
		var u *UnsupportedError
		if c.unsupported && !errors.As(err, &u) || !c.unsupported && !errors.As(err, &f) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("want %q: %v", c.reason, err)
		}
	}
	var l *LimitError
	if _, err := Decode(plain, Full, Limits{Memory: 100}); !errors.As(err, &l) {
		t.Errorf("memory: %v", err)
	}
	if _, err := Decode(plain, Full, Limits{Visits: 11}); !errors.As(err, &l) || l.Error() == "" {
		t.Errorf("visits: %v", err)
	}
	if _, err := Decode(plain, 3, Limits{}); err == nil {
		t.Error("a scale of 1/3")
	}
}

// The model follows from the segments.
func TestModel(t *testing.T) {
	adobe := func(transform byte) []byte {
		return append([]byte{0xFF, markAPPE, 0, 14}, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform)
	}
	jfif := []byte{0xFF, markAPP0, 0, 7, 'J', 'F', 'I', 'F', 0}
	for _, c := range []struct {
		parts int
		ids   string
		head  []byte
		want  Model
	}{
		{1, "\x01", nil, Grey},
		{3, "\x01\x02\x03", nil, YCbCr},
		{3, "\x00\x01\x02", jfif, YCbCr},
		{3, "RGB", nil, RGB},
		{3, "RGB", jfif, YCbCr},
		{3, "\x01\x02\x03", adobe(0), RGB},
		{3, "\x01\x02\x03", append(bytes.Clone(jfif), adobe(0)...), YCbCr},
		{3, "RGB", adobe(1), YCbCr},
		{4, "\x01\x02\x03\x04", nil, CMYK},
		{4, "\x01\x02\x03\x04", adobe(0), CMYK},
		{4, "\x01\x02\x03\x04", adobe(2), YCCK},
	} {
		d := draw(2, 20, 20, [][2]int{{1, 1}, {1, 1}, {1, 1}, {1, 1}}[:c.parts]...)
		d.head = c.head
		for i := range d.parts {
			d.parts[i].id = int(c.ids[i])
		}
		img, err := Decode(d.encode(), Full, Limits{})
		if err != nil || img.Model != c.want || d.worst(img) > 1 {
			t.Errorf("%q %q: %v %+v", c.ids, c.head, err, img)
		}
	}
}

// The usual sizes of sensors and their scales for a side of 512.
func TestScaleFor(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          Scale
	}{
		{8000, 6000, Eighth}, {4032, 3024, Eighth}, {3000, 4000, Eighth}, {3840, 2160, Eighth}, {3832, 1, Quarter},
		{2048, 1536, Quarter}, {1600, 1200, Half}, {1024, 768, Half}, {900, 900, Full}, {1, 1, Full},
	} {
		if got := ScaleFor(c.width, c.height, 512); got != c.want {
			t.Errorf("%d x %d: 1/%d, want 1/%d", c.width, c.height, got, c.want)
		}
	}
}

// The header tells sizes and memory before anything is decoded.
func TestReadHeader(t *testing.T) {
	d := draw(1, 100, 50, [2]int{2, 2}, [2]int{1, 1}, [2]int{1, 1})
	h, err := ReadHeader(d.encode())
	if err != nil || h.Width != 100 || h.Height != 50 || h.Precision != 8 || h.Progressive || h.Blocks() != 7*4*6 {
		t.Errorf("%v %+v", err, h)
	}
	if m := h.Memory(Eighth); m != 7*4*6 {
		t.Errorf("memory at 1/8: %d", m)
	}
	d.progressive = true
	h, err = ReadHeader(d.encode())
	if m := h.Memory(Full); err != nil || !h.Progressive || m != 7*4*6*(64+128+8) || h.Memory(5) != 0 {
		t.Errorf("memory at 1/1: %v %d", err, m)
	}
}

func ExampleDecode() {
	data := draw(1, 4000, 24, [2]int{2, 1}, [2]int{1, 1}, [2]int{1, 1}).encode()
	h, err := ReadHeader(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	img, err := Decode(data, ScaleFor(h.Width, h.Height, 512), Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %dx%d at 1/%d: luma %dx%d, chroma %dx%d\n", img.Model, img.Width, img.Height, img.Scale,
		img.Planes[0].Width, img.Planes[0].Height, img.Planes[1].Width, img.Planes[1].Height)
	// Output: YCbCr 4000x24 at 1/8: luma 500x3, chroma 250x3
}
