package raster

import (
	"bytes"
	"testing"
)

// sized is an ispe property.
func sized(width, height int) []byte {
	return makeBox("ispe", []byte{0, 0, 0, 0, 0, 0, byte(width >> 8), byte(width), 0, 0, byte(height >> 8), byte(height)})
}

// thumbnailed is a file of a picture (item 1), and of items 2 and up that are its
// thumbnails, each with its properties. The bytes of item 1 lie at a place in it.
func thumbnailed(at, length byte, items ...[][]byte) []byte {
	var all [][]byte
	ipma := []byte{0, 0, 0, 0, 0, 0, 0, byte(len(items))}
	iref := [][]byte{make([]byte, 4)}
	for i, properties := range items {
		ipma = append(ipma, 0, byte(i+1), byte(len(properties)))
		for _, p := range properties {
			all = append(all, p)
			ipma = append(ipma, byte(len(all)))
		}
		if i > 0 {
			iref = append(iref, makeBox("thmb", []byte{0, byte(i + 1), 0, 1, 0, 1}))
		}
	}
	iloc := []byte{0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, at, 0, 0, 0, length}
	return heif(pitm, makeBox("iref", iref...), makeBox("iprp", makeBox("ipco", all...), makeBox("ipma", ipma)), makeBox("iloc", iloc))
}

func TestFindThumbnail(t *testing.T) {
	turned := func(n byte) []byte { return makeBox("irot", []byte{n}) }
	clap := func(w, h byte) []byte { // of 3008 x 2008 pixels, w x h off at the right and below
		return makeBox("clap", []byte{0, 0, 11, 0xC0 - w, 0, 0, 0, 1, 0, 0, 7, 0xD8 - h, 0, 0, 0, 1,
			0xFF, 0xFF, 0xFF, 0xFF - w + 1, 0, 0, 0, 2, 0xFF, 0xFF, 0xFF, 0xFF - h + 1, 0, 0, 0, 2})
	}
	alpha := makeBox("auxC", []byte("\x00\x00\x00\x00urn:mpeg:hevc:2015:auxid:1\x00"))
	depth := makeBox("auxC", []byte("\x00\x00\x00\x00urn:mpeg:hevc:2015:auxid:2\x00"))
	type item = [][]byte
	full, small := item{sized(4032, 3024)}, item{sized(320, 240)}
	for name, c := range map[string]struct {
		data []byte
		want uint64 // 0 for none
	}{
		"as phones write it":     {thumbnailed(0, 9, full, small), 2},
		"both turned":            {thumbnailed(0, 9, item{full[0], turned(3)}, item{small[0], turned(3)}), 2},
		"depth beside":           {thumbnailed(0, 9, item{full[0], depth}, small), 2},
		"both cropped":           {thumbnailed(0, 9, item{sized(3008, 2008), clap(8, 8)}, item{sized(300, 200)}), 2},
		"rounded":                {thumbnailed(0, 9, item{sized(2566, 3313)}, item{sized(248, 320)}), 2},
		"rounded too much":       {thumbnailed(0, 9, item{sized(2566, 3313)}, item{sized(250, 320)}), 0},
		"another shape":          {thumbnailed(0, 9, full, item{sized(320, 200)}), 0},
		"another crop":           {thumbnailed(0, 9, item{sized(3008, 2008), clap(190, 0)}, item{sized(300, 200)}), 0},
		"turned alone":           {thumbnailed(0, 9, full, item{sized(240, 320), turned(1)}), 0},
		"turned by a half alone": {thumbnailed(0, 9, full, item{small[0], turned(2)}), 0},
		"too small":              {thumbnailed(0, 9, full, item{sized(160, 120)}), 0},
		"nearly the picture":     {thumbnailed(0, 9, full, item{sized(3024, 2268)}), 0},
		"of a small picture":     {thumbnailed(0, 9, item{sized(1024, 768)}, small), 0},
		"alpha":                  {thumbnailed(0, 9, item{full[0], alpha}, small), 0},
		"without a size":         {thumbnailed(0, 9, full, item{depth}), 0},
		"cut off":                {thumbnailed(250, 250, full, small), 0},
		"the largest below 512":  {thumbnailed(0, 9, full, small, item{sized(480, 360)}, item{sized(400, 300)}), 3},
		"the smallest above 512": {thumbnailed(0, 9, full, item{sized(800, 600)}, item{sized(512, 384)}, small), 3},
		"no places":              {heif(pitm, makeBox("iref", make([]byte, 4), makeBox("thmb", []byte{0, 2, 0, 1, 0, 1}))), 0},
		"no meta":                {makeBox("ftyp"), 0},
	} {
		h := readHEIF(c.data)
		got, ok := h.findThumbnail(c.data)
		if ok != (c.want != 0) || got.item != c.want {
			t.Errorf("%s: item %d, %v", name, got.item, ok)
		}
	}
}

func TestPointAt(t *testing.T) {
	data := thumbnailed(0, 9, [][]byte{sized(4032, 3024)}, [][]byte{sized(320, 240)})
	before := bytes.Clone(data)
	undo, ok := pointAt(data, 2)
	if h := readHEIF(data); !ok || h.width != 320 || h.height != 240 {
		t.Errorf("%v, %d x %d", ok, h.width, h.height)
	}
	if undo(); !bytes.Equal(data, before) {
		t.Error("the file is another one")
	}
	if _, ok := pointAt(data, 1<<16); ok {
		t.Error("a number of 17 bits in 16")
	}
	if _, ok := pointAt(heif(), 2); ok {
		t.Error("no place for the number")
	}
}

// Boxes of one kind become one, which says the same.
func TestJoinAssociations(t *testing.T) {
	entry := func(item byte, properties ...byte) []byte {
		return makeBox("ipma", append([]byte{0, 0, 0, 0, 0, 0, 0, 1, 0, item, byte(len(properties))}, properties...))
	}
	other := makeBox("ipma", []byte{1, 0, 0, 0, 0, 0, 0, 0})
	ipco := makeBox("ipco", sized(4032, 3024), makeBox("irot", []byte{1}), sized(320, 240))
	file := func(boxes ...[]byte) []byte {
		return heif(pitm, makeBox("iprp", boxes...), makeBox("idat", []byte("behind")))
	}
	data := file(ipco, entry(2, 3), entry(1, 1, 2), entry(3, 3))
	size := len(data)
	joinAssociations(data)
	meta := inner(data, "meta")[4:]
	iprp := inner(meta, "iprp")
	boxes := properties(iprp)
	h := readHEIF(data)
	if len(data) != size || len(boxes) != 2 || len(properties(boxes[0].data)) != 5 || string(inner(meta, "idat")) != "behind" ||
		h.width != 4032 || h.height != 3024 || orientationOf(h.turn) != 8 {
		t.Errorf("%d boxes, %+v", len(boxes), h)
	}
	cut := entry(1, 1)
	cut[3]++
	for name, same := range map[string][]byte{
		"one box": file(ipco, entry(1, 1)), "of two versions": file(ipco, entry(1, 1), other), "in the other order": file(entry(1, 1), entry(2, 2), ipco),
		"no properties": file(), "cut off": file(ipco, entry(1, 1), cut), "no meta": makeBox("ftyp"),
	} {
		before := bytes.Clone(same)
		if joinAssociations(same); !bytes.Equal(same, before) {
			t.Errorf("%s: changed", name)
		}
	}
}

// A crop between pixels is none.
func TestCropOnPixels(t *testing.T) {
	clap := func(w, x, over byte) []byte {
		return []byte{0, 0, 0, w, 0, 0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, x, 0, 0, 0, over, 0, 0, 0, 0, 0, 0, 0, 1}
	}
	for name, c := range map[string]struct {
		clap []byte
		want bool
	}{
		"centred": {clap(50, 0, 1), true}, "odd": {clap(51, 1, 2), true}, "between": {clap(51, 0, 1), false},
		"a third": {clap(50, 1, 3), false}, "over nothing": {clap(50, 0, 0), false}, "none": {nil, false},
	} {
		if got := (&heifInfo{clap: c.clap}).onPixels(100, 100); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
