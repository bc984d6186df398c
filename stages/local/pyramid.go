package local

// The pyramid: the same picture at scales a third of an octave apart.

const (
	maxLevels = 12 // levels 0..11 cover 3.7 octaves
	minSide   = 40 // a level's short side, in pixels: keypoints keep 12 from each edge
	enlargeTo = 256
	margin    = 8 // pixels repeated around a level: tests reach 18 from a keypoint, keypoints keep 12
)

// level is one scale of the picture, its edge pixels repeated margin times outwards.
type level struct {
	w, h  int
	pitch int     // w + 2*margin
	pix   []uint8 // (h+2*margin) rows of pitch
}

// at is the index of pixel (x, y) in pix.
func (l *level) at(x, y int) int { return (y+margin)*l.pitch + x + margin }

// row returns the w pixels of row y.
func (l *level) row(y int) []uint8 {
	o := l.at(0, y)
	return l.pix[o : o+l.w]
}

// shrinkBy holds 2^(n/3) in 1/65536, n = 0..2.
var shrinkBy = [3]int{65536, 82570, 104032}

// pyramid returns the levels of a picture, each made from the one before,
// bilinear; none where the short side is too short. A picture of at most 256
// pixels is enlarged twofold first, so that its fine structure has room.
func pyramid(luma []byte, w, h int) []level {
	w0, h0 := w, h
	if max(w, h) <= enlargeTo {
		w0, h0 = 2*w, 2*h
	}
	var levels []level
	for n := 0; n < maxLevels; n++ {
		by := shrinkBy[n%3] << (n / 3)
		lw, lh := (w0<<16+by/2)/by, (h0<<16+by/2)/by
		if min(lw, lh) < minSide {
			break
		}
		l := level{w: lw, h: lh, pitch: lw + 2*margin}
		l.pix = make([]uint8, l.pitch*(lh+2*margin))
		switch {
		case n > 0:
			p := &levels[n-1]
			resample(p.pix[p.at(0, 0):], p.pitch, p.w, p.h, &l)
		case w0 == w:
			for y := range h {
				copy(l.row(y), luma[y*w:])
			}
		default:
			resample(luma, w, w, h, &l)
		}
		l.repeatEdges()
		levels = append(levels, l)
	}
	return levels
}

func (l *level) repeatEdges() {
	for y := range l.h {
		o := l.at(-margin, y)
		row := l.pix[o : o+l.pitch]
		for i := range margin {
			row[i] = row[margin]
			row[margin+l.w+i] = row[margin+l.w-1]
		}
	}
	first, last := l.pix[margin*l.pitch:][:l.pitch], l.pix[(margin+l.h-1)*l.pitch:][:l.pitch]
	for i := range margin {
		copy(l.pix[i*l.pitch:], first)
		copy(l.pix[(margin+l.h+i)*l.pitch:], last)
	}
}

// tap says where a pixel of the result lies between two of the source:
// (128-f) parts of pixel i, f parts of pixel j.
type tap struct{ i, j, f int }

// taps places to pixels over from pixels, centre to centre.
func taps(from, to int) []tap {
	t := make([]tap, to)
	for x := range t {
		num := (2*x+1)*from - to // position in 1/(2*to) pixels
		num = min(max(num, 0), 2*to*(from-1))
		i := num / (2 * to)
		t[x] = tap{i, min(i+1, from-1), ((num-i*2*to)*128 + to) / (2 * to)}
	}
	return t
}

// resample fills l from w*h pixels, bilinear, in steps of 1/128 pixel.
func resample(pix []uint8, pitch, w, h int, l *level) {
	across := taps(w, l.w)
	line := make([]uint16, w+1)
	for y, t := range taps(h, l.h) {
		a, b := pix[t.i*pitch:][:w], pix[t.j*pitch:][:w]
		if t.f == 0 {
			for x, v := range a {
				line[x] = uint16(v) << 7
			}
		} else {
			g, f := uint16(128-t.f), uint16(t.f)
			for x, v := range a {
				line[x] = uint16(v)*g + uint16(b[x])*f
			}
		}
		row := l.row(y)
		for x := range row {
			t := &across[x]
			row[x] = uint8((int(line[t.i])*(128-t.f) + int(line[t.j])*t.f + 1<<13) >> 14)
		}
	}
}

// sums is the summed-area table of a level, margins included (Crow, "Summed-area
// tables for texture mapping", 1984): any box is four look-ups.
type sums struct {
	pitch int
	s     []uint32 // one row and one column of zeros first
}

// of fills s from l.
func (s *sums) of(l *level) {
	s.pitch = l.pitch + 1
	rows := len(l.pix) / l.pitch
	if n := s.pitch * (rows + 1); cap(s.s) < n {
		s.s = make([]uint32, n)
	} else {
		s.s = s.s[:n]
	}
	clear(s.s[:s.pitch])
	for y := range rows {
		src := l.pix[y*l.pitch:][:l.pitch]
		above := s.s[y*s.pitch:][:s.pitch]
		row := s.s[(y+1)*s.pitch:][:s.pitch]
		row[0] = 0
		sum := uint32(0)
		for x, v := range src {
			sum += uint32(v)
			row[x+1] = above[x+1] + sum
		}
	}
}
