package raster

import (
	"context"
	"image"
	"math"
)

// A thumbnail stands for its picture only where something speaks for it: some writers pick
// single pixels instead of means, which lie up to 50 grey levels beside the picture where it has
// fine texture, and some change the picture and leave its thumbnail as it was.
//
// Phones write a photo as a grid of tiles (ISO/IEC 23008-12, section 6.6.2.3), each coded
// as an item of its own. One of them is decoded, for 20 to 40 ms, and held against the thumbnail.
// Where there is none, the thumbnail alone must say that it is made of means.
const (
	// mostOff is how far a thumbnail may lie from the means of the tile's pixels, as a share of
	// how far the pixels themselves do. Of means it would be 0, of picked pixels 1. Measured on the
	// busiest tile of 14 camera photos, thumbnails of 320 and 512 pixels: 0.01 to 0.31 by four filters,
	// 0.57 to 0.98 by picking pixels; an iPhone's 0.23. Again:
	// DEDUPIDX_MEASURE=1 go test -run LikenessOfPhotos -v ./stages/raster
	mostOff = 0.43
	// offAnyway is what coding alone makes of a thumbnail, in grey levels: so far it may be off.
	offAnyway = 3
	// mostFine is how much a thumbnail without tiles to hold it against may have in its finest
	// octave, as a share of the next one. Of 52 photos, thumbnails of 320 pixels: picked pixels
	// that lay 15 grey levels and more beside the picture had 0.84 to 1.56; filters left 0.6 to
	// 1.3, half of them less than this. Again: the same.
	mostFine = 0.8
	// mostBytes is how much a tile may take, if any takes less: a tile of 512 x 512 is decoded in
	// 17 ms and half a millisecond for each of its kilobytes, of which those of iPhones have 4 to 36.
	mostBytes = 32 << 10
	// leastSeen is the number of the thumbnail's pixels of which the tile must tell. A tile of
	// 512 pixels tells of 1,600, of 12 megapixels in 320 x 240.
	leastSeen = 100
)

// tile is a part of a picture that is an item of its own.
type tile struct {
	item uint64
	at   image.Rectangle // in the picture before it is cropped and turned
}

// busiestTile returns the tile that takes most bytes up to mostBytes, among those that the
// picture shows whole. There is none where the primary item is no grid, or one of items that are turned
// or cropped themselves. The places of all items were found to be inside (itemsInside).
func (h *heifInfo) busiestTile(data []byte) (best tile, ok bool) {
	meta := inner(data, "meta")
	if len(meta) < 4 {
		return best, false
	}
	meta = meta[4:]
	if kind, _ := itemEntry(meta, h.primary); string(kind) != "grid" {
		return best, false
	}
	c := cursor{b: itemBytes(meta, data, h.primary)}
	c.number(2) // version and flags
	rows, columns := int(c.number(1))+1, int(c.number(1))+1
	items := tilesOf(meta, h.primary, rows*columns)
	if c.bad || len(items) != rows*columns {
		return best, false
	}
	first := heifInfo{bits: 8, primary: items[0]}
	first.readProperties(meta)
	size := image.Pt(int(first.width), int(first.height))
	shown, whole := h.window()
	if !whole || size.X <= 0 || size.Y <= 0 || size.X > shown.Max.X || size.Y > shown.Max.Y {
		return best, false
	}
	bytes := make(map[uint64]uint64)
	busier := func(a, b uint64) bool {
		if min(a, b) > mostBytes {
			return a < b
		}
		return a <= mostBytes && (a > b || b > mostBytes)
	}
	eachPlace(meta, func(p place) bool {
		bytes[p.item] += p.length
		return true
	})
	for i, item := range items {
		at := image.Rectangle{Max: size}.Add(image.Pt(i%columns*size.X, i/columns*size.Y))
		if at.In(shown) && (!ok || busier(bytes[item], bytes[best.item])) {
			best, ok = tile{item, at}, true
		}
	}
	own := heifInfo{bits: 8, primary: best.item}
	own.readProperties(meta)
	return best, ok && own.turn == 0 && own.clap == nil && own.width == first.width && own.height == first.height
}

// window is what is shown of the picture as it is coded.
func (h *heifInfo) window() (r image.Rectangle, ok bool) {
	width, height, ok := h.shown()
	if !ok {
		return r, false
	}
	if h.turn&4 != 0 {
		width, height = height, width
	}
	r = image.Rect(0, 0, width, height)
	if h.clap != nil {
		x, y, _, _, _ := h.crop(int(h.width), int(h.height))
		r = r.Add(image.Pt(x, y))
	}
	return r, true
}

// tilesOf lists the items that a grid is made of, row by row, most of them at the most.
func tilesOf(meta []byte, grid uint64, most int) (list []uint64) {
	c := cursor{b: inner(meta, "iref")}
	version, _ := c.full()
	for x, rest, ok := nextBox(c.b); ok; x, rest, ok = nextBox(rest) {
		r := cursor{b: x.data}
		from, n := r.number(idSize(version, 1)), r.number(2)
		if x.kind != "dimg" || from != grid {
			continue
		}
		for ; n > 0 && !r.bad && len(list) < most; n-- {
			list = append(list, r.number(idSize(version, 1)))
		}
		return list
	}
	return nil
}

// itemEntry finds an item in the list of items: its type, and the byte of flags of which
// bit 0 hides it. Both lie in the file's bytes.
func itemEntry(meta []byte, item uint64) (kind, flags []byte) {
	items(inner(meta, "iinf"), func(id uint64, e cursor, box []byte) bool {
		if id != item || len(e.b) < 4 {
			return true
		}
		kind, flags = e.b[:4], box[3:4]
		return false
	})
	return kind, flags
}

// shows decodes a tile and says whether a thumbnail, upright, shows the picture of which
// it is a part.
func (s *libraries) shows(ctx context.Context, data []byte, h *heifInfo, thumb plane, limited bool, t tile, l Limits) (bool, error) {
	_, flags := itemEntry(inner(data, "meta")[4:], t.item)
	undo, ok := pointAt(data, t.item)
	if !ok || flags == nil {
		return false, nil
	}
	hidden := flags[0]
	flags[0] &^= 1 // the library shows no hidden item
	defer func() { flags[0] = hidden; undo() }()
	p, err := s.codecs.HEIC(ctx, data, codecLimits(l))
	if err != nil {
		return false, refused(moduleFailure(err, HEIC, l))
	}
	defer p.Close()
	if limited { // tiles have the range of the whole, and need not say it themselves
		stretch(p.Image)
	}
	part, ok := planeOf(rowsOf(p.Image))
	return ok && part.width == t.at.Dx() && part.height == t.at.Dy() && h.alike(thumb, part, t.at), nil
}

// alike says whether a thumbnail is near enough to the means of the pixels of a part of
// the picture. Scalers of phones are off by up to a third of the thumbnail's pixels to one
// side, which makes no difference to a raster, so the best of such places counts.
func (h *heifInfo) alike(thumb, part plane, at image.Rectangle) bool {
	window, ok := h.window()
	if !ok {
		return false
	}
	step := max(window.Dx(), window.Dy()) / max(thumb.width, thumb.height, 1) / 3
	for y := -1; y <= 1; y++ {
		for x := -1; x <= 1; x++ {
			off, spread, n := h.likeness(thumb, part, at.Add(image.Pt(x*step, y*step)))
			if n >= leastSeen && (off <= offAnyway || off <= mostOff*spread) {
				return true
			}
		}
	}
	return false
}

// likeness says how a thumbnail differs from the means of the pixels that it stands for,
// in the part of the picture at that place: off is the root of the mean square of the
// differences of luma, spread that of the pixels from their means, in grey levels. n is of how many
// of the thumbnail's pixels the part tells.
func (h *heifInfo) likeness(thumb, part plane, at image.Rectangle) (off, spread float64, n int) {
	window, ok := h.window()
	if !ok || thumb.width < 1 || thumb.height < 1 {
		return 0, 0, 0
	}
	stored := image.Pt(thumb.width, thumb.height) // before it was turned
	if h.turn&4 != 0 {
		stored.X, stored.Y = stored.Y, stored.X
	}
	// edges are where the pixels of the thumbnail begin that may lie over the part.
	edges := func(from, to, origin, length, pixels int) (first int, edges []int) {
		first = max((from-origin)*pixels/length, 0)
		for i := first; i <= pixels && origin+i*length/pixels <= to; i++ {
			edges = append(edges, origin+i*length/pixels)
		}
		return first, edges
	}
	left, xs := edges(at.Min.X, at.Max.X, window.Min.X, window.Dx(), stored.X)
	top, ys := edges(at.Min.Y, at.Max.Y, window.Min.Y, window.Dy(), stored.Y)
	for j := 1; j < len(ys); j++ {
		for i := 1; i < len(xs); i++ {
			under := image.Rect(xs[i-1], ys[j-1], xs[i], ys[j])
			if under.Empty() || !under.In(at) {
				continue
			}
			mean, variance := part.mean(under.Sub(at.Min))
			d := float64(thumb.turned(left+i-1, top+j-1, h.turn)) - mean
			off += float64(d * d)
			spread += variance
			n++
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	return math.Sqrt(off / float64(n)), math.Sqrt(spread / float64(n)), n
}

// soft says whether a thumbnail has so little in its finest octave that its pixels are
// means and not picked.
func (p plane) soft() bool {
	fine, n := p.octave()
	next, m := p.halved().octave()
	return n > 0 && m > 0 && fine/float64(n) <= mostFine*mostFine*next/float64(m)
}

// octave sums up the squares of what the pixels of each block of 2 x 2 differ by: the three
// details of a Haar transform. n is the number of blocks.
func (p plane) octave() (sum float64, n int) {
	total := 0
	for y := 0; y+1 < p.height; y += 2 {
		upper, lower := p.pix[y*p.stride:][:p.width], p.pix[(y+1)*p.stride:][:p.width]
		for x := 0; x+1 < p.width; x += 2 {
			a, b, c, d := int(upper[x]), int(upper[x+1]), int(lower[x]), int(lower[x+1])
			u, v, w := a-b+c-d, a+b-c-d, a-b-c+d
			total += u*u + v*v + w*w
			n++
		}
	}
	return float64(total), n
}

// halved is the plane of half the size.
func (p plane) halved() plane {
	q := plane{stride: p.width / 2, width: p.width / 2, height: p.height / 2}
	q.pix = make([]byte, q.width*q.height)
	for y := range q.height {
		upper, lower := p.pix[2*y*p.stride:], p.pix[(2*y+1)*p.stride:]
		for x := range q.width {
			q.pix[y*q.stride+x] = byte((int(upper[2*x]) + int(upper[2*x+1]) + int(lower[2*x]) + int(lower[2*x+1]) + 2) / 4)
		}
	}
	return q
}

// plane is a plane of luma.
type plane struct {
	pix                   []byte
	stride, width, height int
}

// planeOf returns the luma of rows that keep it by itself.
func planeOf(rows rowSource) (p plane, ok bool) {
	switch r := rows.(type) {
	case yccRows:
		size := r.m.Rect.Size()
		return plane{r.m.Y[r.m.YOffset(r.m.Rect.Min.X, r.m.Rect.Min.Y):], r.m.YStride, size.X, size.Y}, true
	case greyRows:
		size := r.m.Rect.Size()
		return plane{r.m.Pix[r.m.PixOffset(r.m.Rect.Min.X, r.m.Rect.Min.Y):], r.m.Stride, size.X, size.Y}, true
	}
	return p, false
}

// turned is a pixel of a plane that was turned, by its place before that.
func (p plane) turned(x, y int, t Turn) byte {
	if t&4 != 0 {
		x, y = y, x
	}
	if t&1 != 0 {
		x = p.width - 1 - x
	}
	if t&2 != 0 {
		y = p.height - 1 - y
	}
	return p.pix[y*p.stride+x]
}

// mean returns the mean of the pixels in r, and the mean square of their distance from it.
func (p plane) mean(r image.Rectangle) (mean, variance float64) {
	sum, squares := 0, 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range p.pix[y*p.stride:][r.Min.X:r.Max.X] {
			sum += int(v)
			squares += int(v) * int(v)
		}
	}
	n := float64(r.Dx() * r.Dy())
	mean = float64(sum) / n
	return mean, max(float64(squares)/n-float64(mean*mean), 0)
}
