package raster

import (
	"bytes"
	"encoding/binary"
	"image"
	"testing"
)

// makeBox makes a box.
func makeBox(kind string, parts ...[]byte) []byte {
	b := append(make([]byte, 4), kind...)
	for _, p := range parts {
		b = append(b, p...)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

func TestBoxes(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		kind  string
		data  string
		rest  int
		cut   bool
		ok    bool
	}{
		"whole":          {"\x00\x00\x00\x0Afreeab....", "free", "ab", 4, false, true},
		"empty":          {"\x00\x00\x00\x08free....", "free", "", 4, false, true},
		"to the end":     {"\x00\x00\x00\x00mdatabc", "mdat", "abc", 0, false, true},
		"long":           {"\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x00\x12ab..", "mdat", "ab", 2, false, true},
		"cut off":        {"\x00\x00\x00\xFFmdatab", "mdat", "ab", 0, true, true},
		"as long as can": {"\x00\x00\x00\x01mdat\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFab", "mdat", "ab", 0, true, true},
		"too small":      {"\x00\x00\x00\x07mdatab", "mdat", "", 0, false, false},
		"long too small": {"\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x00\x0Fab", "mdat", "", 0, false, false},
		"no head":        {"\x00\x00\x00\x01mda", "", "", 0, false, false},
		"no long head":   {"\x00\x00\x00\x01mdat\x00\x00", "mdat", "", 0, false, false},
	} {
		x, rest, ok := nextBox([]byte(c.bytes))
		if ok != c.ok || x.kind != c.kind || string(x.data) != c.data || len(rest) != c.rest || x.cut != c.cut {
			t.Errorf("%s: %q %q, %d left, cut %v, %v", name, x.kind, x.data, len(rest), x.cut, ok)
		}
	}
}

// heif is a file of these boxes within meta.
func heif(boxes ...[]byte) []byte {
	meta := append([][]byte{make([]byte, 4)}, boxes...)
	return append(makeBox("ftyp", []byte("heic\x00\x00\x00\x00mif1")), makeBox("meta", meta...)...)
}

var (
	pitm = makeBox("pitm", []byte{0, 0, 0, 0, 0, 1})
	ispe = makeBox("ispe", []byte{0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 2, 0}) // 1024 x 512
)

// with is a file whose primary picture has these properties.
func with(properties ...[]byte) []byte {
	ipma := []byte{0, 0, 0, 0, 0, 0, 0, 1, 0, 1, byte(len(properties))}
	for i := range properties {
		ipma = append(ipma, byte(i+1)|0x80)
	}
	return heif(pitm, makeBox("iprp", makeBox("ipco", properties...), makeBox("ipma", ipma)))
}

func TestHEIFProperties(t *testing.T) {
	rotate := func(n byte) []byte { return makeBox("irot", []byte{n}) }
	mirror := func(n byte) []byte { return makeBox("imir", []byte{n}) }
	for want, properties := range map[int][][]byte{
		1: {ispe}, 2: {ispe, mirror(1)}, 3: {ispe, rotate(2)}, 4: {ispe, mirror(0)},
		5: {ispe, rotate(1), mirror(0)}, 6: {ispe, rotate(3)}, 7: {ispe, rotate(3), mirror(0)}, 8: {ispe, rotate(1)},
	} {
		h := readHEIF(with(properties...))
		if got := orientationOf(h.turn); got != want || h.width != 1024 || h.height != 512 {
			t.Errorf("orientation %d of %d x %d, want %d", got, h.width, h.height, want)
		}
	}
	// Mirrored first and turned then is another turn than the other way round.
	if h := readHEIF(with(ispe, mirror(0), rotate(1))); orientationOf(h.turn) != 7 {
		t.Errorf("orientation %d", orientationOf(h.turn))
	}
	h := readHEIF(with(ispe, makeBox("pixi", []byte{0, 0, 0, 0, 3, 8, 12, 10}),
		makeBox("colr", []byte("nclx\x00\x01\x00\x01\x00\x01\x00")), makeBox("colr", []byte("prof...")),
		makeBox("clap", []byte{0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 2})))
	if h.bits != 12 || !h.limited || h.extras != 1 || len(h.clapIndex) != 1 || h.clapIndex[0] != 0x85 {
		t.Errorf("%+v", h)
	}
	if x, y, w, ht, ok := h.crop(1024, 512); !ok || x != 254 || y != 131 || w != 512 || ht != 256 {
		t.Errorf("crop of %d x %d at %d, %d, %v", w, ht, x, y, ok)
	}
	if _, _, _, _, ok := h.crop(500, 512); ok {
		t.Error("a crop beyond the picture")
	}
	if _, _, _, _, ok := (&heifInfo{clap: make([]byte, 32)}).crop(1024, 512); ok {
		t.Error("a crop of nothing over nothing")
	}
}

// An item may lie anywhere in the file or in a box beside, and its place may be a lie.
func TestHEIFItems(t *testing.T) {
	infe := func(version, id byte, kind string) []byte {
		b := []byte{version, 0, 0, 0, 0, id, 0, 0}
		if version == 3 {
			b = []byte{version, 0, 0, 0, 0, 0, 0, id, 0, 0}
		}
		return makeBox("infe", b, []byte(kind), []byte{0})
	}
	tiff := "MM\x00*\x00\x00\x00\x08"
	exif := []byte("\x00\x00\x00\x06Exif\x00\x00" + tiff)
	iinf := makeBox("iinf", []byte{0, 0, 0, 0, 0, 3}, infe(2, 1, "hvc1"), infe(3, 9, "mime"), infe(2, 7, "Exif"))
	iloc := func(version, method, at byte) []byte {
		b := []byte{version, 0, 0, 0, 0x44, 0x00, 0, 1, 0, 7}
		if version == 1 {
			b = append(b, 0, method)
		}
		return makeBox("iloc", append(b, 0, 0, 0, 1, 0, 0, 0, at, 0, 0, 0, byte(len(exif))))
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"in idat":        {heif(pitm, iinf, iloc(1, 1, 0), makeBox("idat", exif)), tiff},
		"in an item":     {heif(pitm, iinf, iloc(1, 2, 0), makeBox("idat", exif)), ""},
		"beyond the end": {heif(pitm, iinf, iloc(0, 0, 255)), ""},
		"nowhere":        {heif(pitm, iinf), ""},
		"no such item":   {heif(pitm, makeBox("iinf", []byte{0, 0, 0, 0, 0, 0}), iloc(0, 0, 0)), ""},
		"cut off":        {heif(pitm, iinf, iloc(1, 1, 0)[:20]), ""},
	} {
		h := readHEIF(c.data)
		if string(h.exif) != c.want {
			t.Errorf("%s: %q", name, h.exif)
		}
	}
}

// Sizes are checked before a decoder sees the file, and missing ones fail.
func TestHEIFDeclaredSizes(t *testing.T) {
	large := makeBox("ispe", []byte{0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 2, 0})
	many := makeBox("ispe", []byte{0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF})
	heavy := makeBox("ispe", []byte{0, 0, 0, 0, 0, 0, 0x50, 0, 0, 0, 0x50, 0}) // 419 megapixels
	tkhd := append(make([]byte, 76), 0x40, 0, 0, 0, 0x40, 0, 0, 0)             // 16384 x 16384
	track := append(makeBox("ftyp", []byte("avis\x00\x00\x00\x00avis")), makeBox("moov", makeBox("trak", makeBox("tkhd", tkhd)))...)
	loop := with(ispe)
	binary.BigEndian.PutUint32(loop[len(loop)-8:], 0xFFFFFFFF) // entries of ipma
	for name, c := range map[string]struct {
		data  []byte
		class Class
		size  int64
	}{
		"sound":      {with(ispe), "", 1024 * 512},
		"no size":    {with(pitm), Damaged, 0},
		"no boxes":   {heif(), Damaged, 0},
		"nothing":    {nil, Damaged, 0},
		"wide":       {with(large), TooLarge, 0},
		"many":       {with(many), TooLarge, 0},
		"heavy":      {with(heavy), TooLarge, 0},
		"track":      {track, "", 16384 * 16384},
		"empty":      {with(makeBox("ispe", make([]byte, 12))), Damaged, 0},
		"lying ipma": {loop, "", 1024 * 512},
	} {
		format := HEIC
		if name == "track" {
			format = Format("heif") // not AVIF, of which this is too much
		}
		n, err := checkHEIF(c.data, format, Limits{}.withDefaults())
		if c.class == "" && (err != nil || n != c.size) || c.class != "" && (err == nil || err.(*Failure).Class != c.class) {
			t.Errorf("%s: %d pixels, %v", name, n, err)
		}
	}
}

func FuzzBoxes(f *testing.F) {
	f.Add(with(ispe, makeBox("irot", []byte{1}), makeBox("clap", make([]byte, 32))))
	f.Add(heif(pitm, makeBox("iinf", []byte{0, 0, 0, 0, 0, 1}, makeBox("infe", []byte("\x02\x00\x00\x00\x00\x07\x00\x00Exif\x00"))),
		makeBox("iloc", []byte{1, 0, 0, 0, 0x44, 0, 0, 1, 0, 7, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9}), makeBox("idat", []byte("\x00\x00\x00\x00MM\x00*"))))
	f.Add(thumbnailed(0, 9, [][]byte{sized(4032, 3024)}, [][]byte{sized(320, 240)}))
	f.Add(gridFile([6]uint16{9, 20, 10, 30, 40, 50}, [][]byte{sized(1300, 1000)}, [][]byte{sized(512, 512)}))
	f.Add(append(makeBox("JXL ", []byte("\r\n\x87\n")), makeBox("jxlp", []byte("\x00\x00\x00\x00\xFF\x0A\x01\x02\x03\x04"))...))
	f.Add(append(makeBox("ftyp", []byte("crx ....")), makeBox("moov", makeBox("uuid", make([]byte, 16), makeBox("CMT1", []byte("II*\x00\x08\x00\x00\x00"))))...))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := Limits{}.withDefaults()
		for _, format := range []Format{HEIC, AVIF, JXL} {
			if n, err := checkHeader(data, format, l); err == nil && (n <= 0 || n > l.Pixels) {
				t.Errorf("%s of %d pixels passes", format, n)
			}
		}
		h := readHEIF(data)
		if x, y, w, ht, ok := h.crop(640, 480); ok && (x < 0 || y < 0 || w < 1 || ht < 1 || x+w > 640 || y+ht > 480) {
			t.Errorf("crop %d x %d at %d, %d", w, ht, x, y)
		}
		if o := orientationOf(h.turn); o < 1 || o > 8 || len(h.exif) > len(data) {
			t.Errorf("orientation %d, %d bytes of EXIF", o, len(h.exif))
		}
		if part, ok := h.busiestTile(data); ok && (part.at.Empty() || !part.at.In(image.Rect(0, 0, int(h.width), int(h.height)))) {
			t.Errorf("tile %+v", part)
		}
		if th, ok := h.findThumbnail(data); ok {
			before := bytes.Clone(data)
			if undo, ok := pointAt(data, th.item); ok {
				undo()
			}
			if !bytes.Equal(data, before) || max(th.width, th.height) < minThumbnail {
				t.Errorf("thumbnail %+v", th)
			}
		}
		joinAssociations(bytes.Clone(data))
		if j := readJXL(data); j.ok && (j.orientation < 1 || j.orientation > 8 || j.bits < 1 || len(j.exif) > len(data)) {
			t.Errorf("%+v", j)
		}
	})
}
