package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/disintegration/imaging"
)

// gridFile is a file of a picture (item 1) of two rows of three tiles of 512 x 512, items 2
// to 7, whose bytes are so many. Properties are those of the picture, and of all tiles.
func gridFile(sizes [6]uint16, picture, tiles [][]byte) []byte {
	iinf, iref := [][]byte{{0, 0, 0, 0, 0, 7}}, []byte{0, 1, 0, 6}
	iloc := []byte{1, 0, 0, 0, 0x44, 0, 0, 7, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8} // in idat
	ipma := []byte{0, 0, 0, 0, 0, 0, 0, 7, 0, 1, byte(len(picture))}
	for i := range picture {
		ipma = append(ipma, byte(i+1))
	}
	for item := byte(1); item <= 7; item++ {
		kind, flags := "grid", byte(0)
		if item > 1 {
			kind, flags = "hvc1", 1
			iref = append(iref, 0, item)
			iloc = append(iloc, 0, item, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, byte(sizes[item-2]>>8), byte(sizes[item-2]))
			ipma = append(ipma, 0, item, byte(len(tiles)))
			for i := range tiles {
				ipma = append(ipma, byte(len(picture)+i+1))
			}
		}
		iinf = append(iinf, makeBox("infe", []byte{2, 0, 0, flags, 0, item, 0, 0}, []byte(kind), []byte{0}))
	}
	return heif(pitm, makeBox("iinf", iinf...), makeBox("iref", make([]byte, 4), makeBox("dimg", iref)),
		makeBox("iprp", makeBox("ipco", append(picture, tiles...)...), makeBox("ipma", ipma)),
		makeBox("iloc", iloc), makeBox("idat", []byte{0, 0, 1, 2, 5, 0, 4, 0}))
}

func TestBusiestTile(t *testing.T) {
	tiles := [][]byte{sized(512, 512)}
	sizes := [6]uint16{9, 20, 10, 30, 40, 50}
	turned, halfTurned := makeBox("irot", []byte{1}), makeBox("irot", []byte{2})
	clap := makeBox("clap", []byte{0, 0, 3, 0xE8, 0, 0, 0, 1, 0, 0, 3, 0xE8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}) // 1000 x 1000 in the middle
	for name, c := range map[string]struct {
		data []byte
		item uint64 // 0 for none
		at   image.Point
	}{
		"whole":          {gridFile(sizes, [][]byte{sized(1536, 1024)}, tiles), 7, image.Pt(1024, 512)},
		"one too large":  {gridFile([6]uint16{9, 20, 40_000, 30, 10, 50_000}, [][]byte{sized(1536, 1024)}, tiles), 5, image.Pt(0, 512)},
		"all too large":  {gridFile([6]uint16{40_000, 36_000, 40_000, 35_000, 36_000, 50_000}, [][]byte{sized(1536, 1024)}, tiles), 5, image.Pt(0, 512)},
		"cut at an edge": {gridFile(sizes, [][]byte{sized(1300, 1024)}, tiles), 6, image.Pt(512, 512)},
		"cut at two":     {gridFile(sizes, [][]byte{sized(1300, 1000)}, tiles), 3, image.Pt(512, 0)},
		"turned":         {gridFile(sizes, [][]byte{sized(1300, 1000), turned}, tiles), 3, image.Pt(512, 0)},
		"cropped":        {gridFile(sizes, [][]byte{sized(1536, 1024), clap}, tiles), 0, image.Point{}},
		"tiles turned":   {gridFile(sizes, [][]byte{sized(1536, 1024)}, [][]byte{tiles[0], halfTurned}), 0, image.Point{}},
		"tiles cropped":  {gridFile(sizes, [][]byte{sized(1536, 1024)}, [][]byte{tiles[0], clap}), 0, image.Point{}},
		"tiles unsized":  {gridFile(sizes, [][]byte{sized(1536, 1024)}, nil), 0, image.Point{}},
		"a tile too few": {bytes.Replace(gridFile(sizes, [][]byte{sized(1536, 1024)}, tiles), []byte{0, 0, 1, 2, 5}, []byte{0, 0, 1, 3, 5}, 1), 0, image.Point{}},
		"no grid":        {bytes.Replace(gridFile(sizes, [][]byte{sized(1536, 1024)}, tiles), []byte("grid"), []byte("iovl"), 1), 0, image.Point{}},
		"no meta":        {makeBox("ftyp"), 0, image.Point{}},
	} {
		h := readHEIF(c.data)
		got, ok := h.busiestTile(c.data)
		if ok != (c.item != 0) || ok && (got.item != c.item || got.at.Min != c.at || got.at.Size() != image.Pt(512, 512)) {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}

// textured is a plane of smooth shapes under noise, or of noise alone.
func textured(width, height int, noise float64, seed uint64) plane {
	random := rand.New(rand.NewPCG(seed, 0))
	p := plane{make([]byte, width*height), width, width, height}
	for y := range height {
		for x := range width {
			v := 128 + 60*math.Sin(float64(x)/47+float64(seed))*math.Cos(float64(y)/61) + noise*(random.Float64()-0.5)
			p.pix[y*width+x] = byte(min(max(v, 0), 255))
		}
	}
	return p
}

// thumbnailOf makes a thumbnail of the pixels in r, turned; pick takes one pixel of each
// block in place of the mean.
func thumbnailOf(p plane, r image.Rectangle, width, height int, turn Turn, pick bool) plane {
	out := plane{width: width, height: height}
	if turn&4 != 0 {
		out.width, out.height = height, width
	}
	out.stride = out.width + 3
	out.pix = make([]byte, out.stride*out.height)
	for j := range height {
		for i := range width {
			under := image.Rect(i*r.Dx()/width, j*r.Dy()/height, (i+1)*r.Dx()/width, (j+1)*r.Dy()/height).Add(r.Min).Intersect(image.Rect(0, 0, p.width, p.height))
			v, _ := p.mean(under)
			if pick {
				v = float64(p.pix[under.Min.Y*p.stride+under.Min.X])
			}
			x, y := i, j
			if turn&4 != 0 {
				x, y = y, x
			}
			if turn&1 != 0 {
				x = out.width - 1 - x
			}
			if turn&2 != 0 {
				y = out.height - 1 - y
			}
			out.pix[y*out.stride+x] = byte(v + 0.5)
		}
	}
	return out
}

// Thumbnails of means are like their picture in all orientations, cropped or not; picked
// pixels and those of another picture are not.
func TestAlike(t *testing.T) {
	whole, other := textured(1000, 700, 120, 1), textured(1000, 700, 120, 2)
	at := image.Rect(256, 256, 512, 512)
	part := plane{whole.pix[at.Min.Y*whole.stride+at.Min.X:], whole.stride, 256, 256}
	clap := []byte{0, 0, 3, 0x20, 0, 0, 0, 1, 0, 0, 2, 0x58, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xE2, 0, 0, 0, 1, 0, 0, 0, 0x14, 0, 0, 0, 1} // 800 x 600 at 70, 70
	for turn := range Turn(Turns) {
		cropped := turn%3 == 0
		h := heifInfo{width: 1000, height: 700, turn: turn}
		window, width, height := image.Rect(0, 0, 1000, 700), 100, 70
		if cropped {
			h.clap, window, width, height = clap, image.Rect(70, 70, 870, 670), 100, 75
		}
		if got, ok := h.window(); !ok || got != window {
			t.Fatalf("window %v", got)
		}
		thumb := thumbnailOf(whole, window, width, height, turn, false)
		if off, spread, n := h.likeness(thumb, part, at); off > 0.5 || spread < 20 || n < 400 {
			t.Errorf("turn %d, cropped %v: off %.2f, spread %.1f, %d pixels", turn, cropped, off, spread, n)
		}
		beside := thumbnailOf(whole, window.Add(image.Pt(3, -3)), width, height, turn, false)
		for name, c := range map[string]struct {
			thumb plane
			want  bool
		}{
			"means":                  {thumb, true},
			"beside by a third":      {beside, true},
			"picked":                 {thumbnailOf(whole, window, width, height, turn, true), false},
			"of another picture":     {thumbnailOf(other, window, width, height, turn, false), false},
			"in another orientation": {thumbnailOf(whole, window, width, height, turn^3, false), false},
		} {
			if got := h.alike(c.thumb, part, at); got != c.want {
				t.Errorf("turn %d, cropped %v, %s: %v", turn, cropped, name, got)
			}
		}
	}
	h := heifInfo{width: 1000, height: 700}
	if h.alike(thumbnailOf(whole, image.Rect(0, 0, 1000, 700), 20, 14, 0, false), part, at) {
		t.Error("25 pixels are enough")
	}
	if h.alike(plane{}, part, at) || (&heifInfo{}).alike(part, part, at) {
		t.Error("nothing is like something")
	}
}

func TestSoft(t *testing.T) {
	if !textured(320, 240, 0, 1).soft() {
		t.Error("smooth shapes are not soft")
	}
	if textured(320, 240, 60, 1).soft() {
		t.Error("noise is soft")
	}
	if (plane{}).soft() {
		t.Error("nothing is soft")
	}
}

// A thumbnail of another picture does not pass: here the tiles are in another order.
func TestThumbnailOfAnotherPicture(t *testing.T) {
	data, err := os.ReadFile(corpus(t, "formats", "heic", "real-iphone-15-pro.heic"))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() || raceOn {
		t.Skip("decodes 12 megapixels in full")
	}
	d := testDecoder(t, "sound")
	source := func() Source {
		t.Helper()
		r, err := d.Decode(context.Background(), data, "a.heic")
		if err != nil {
			t.Fatal(err)
		}
		return r.Source
	}
	if got := source(); got != Preview {
		t.Fatalf("source is %s", got)
	}
	iref := inner(inner(data, "meta")[4:], "iref")
	list := inner(iref[4:], "dimg")[4:]
	for i, j := 0, len(list)-2; i < j; i, j = i+2, j-2 {
		a, b := binary.BigEndian.Uint16(list[i:]), binary.BigEndian.Uint16(list[j:])
		binary.BigEndian.PutUint16(list[i:], b)
		binary.BigEndian.PutUint16(list[j:], a)
	}
	if got := source(); got != Full {
		t.Errorf("source is %s", got)
	}
}

// TestLikenessOfPhotos prints what mostOff and mostFine come from.
func TestLikenessOfPhotos(t *testing.T) {
	if os.Getenv("DEDUPIDX_MEASURE") == "" {
		t.Skip("decodes the camera photos in full; set DEDUPIDX_MEASURE=1")
	}
	files, _ := filepath.Glob(filepath.Join(corpus(t, "camera-original"), "*.jpg"))
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		full, ok := planeOf(rowsOf(img))
		if !ok {
			continue
		}
		grey := &image.Gray{Pix: full.pix, Stride: full.stride, Rect: image.Rect(0, 0, full.width, full.height)}
		at, most := image.Rectangle{}, -1.0
		for y := 0; y+512 <= full.height; y += 512 {
			for x := 0; x+512 <= full.width; x += 512 {
				if sum, _ := (plane{full.pix[y*full.stride+x:], full.stride, 512, 512}).octave(); sum > most {
					at, most = image.Rect(x, y, x+512, y+512), sum
				}
			}
		}
		part := plane{full.pix[at.Min.Y*full.stride+at.Min.X:], full.stride, 512, 512}
		h := heifInfo{width: int64(full.width), height: int64(full.height)}
		for _, side := range []int{320, 512} {
			width, height := side, side
			if full.width > full.height {
				height = side * full.height / full.width
			} else {
				width = side * full.width / full.height
			}
			tell := func(name string, thumb plane) {
				best := math.Inf(1)
				step := max(full.width, full.height) / side / 3
				for y := -1; y <= 1; y++ {
					for x := -1; x <= 1; x++ {
						if off, spread, _ := h.likeness(thumb, part, at.Add(image.Pt(x*step, y*step))); spread > 0 {
							best = min(best, off/spread)
						}
					}
				}
				fine, n := thumb.octave()
				next, m := thumb.halved().octave()
				off, _, _ := h.likeness(thumb, full, image.Rect(0, 0, full.width, full.height))
				t.Logf("%-36s %d %-8s off %.2f of the spread, finest octave %.2f of the next, %.1f levels from the picture", filepath.Base(path), side, name, best, math.Sqrt(fine/float64(n)*float64(m)/next), off)
			}
			for name, filter := range map[string]imaging.ResampleFilter{"Lanczos": imaging.Lanczos, "cubic": imaging.CatmullRom, "linear": imaging.Linear, "box": imaging.Box} {
				small := imaging.Resize(grey, width, height, filter)
				p := plane{make([]byte, width*height), width, width, height}
				for i := range p.pix {
					p.pix[i] = small.Pix[4*i]
				}
				tell(name, p)
			}
			tell("picked", thumbnailOf(full, image.Rect(0, 0, full.width, full.height), width, height, 0, true))
		}
	}
}
