package raster

import (
	"context"
	"encoding/binary"
)

// bmpRows gives the rows of a BMP that is not coded in runs.
type bmpRows struct {
	*bmpInfo
	ctx     context.Context
	data    []byte
	out     []byte
	palette [256][3]byte
	fields  [4]field
	bytes   bool // 32 bits, each colour a byte in the usual order
	alpha   bool
}

func newBMPRows(ctx context.Context, b *bmpInfo, data []byte) *bmpRows {
	r := &bmpRows{bmpInfo: b, ctx: ctx, data: data, out: make([]byte, 3*b.width), palette: b.colours()}
	for i, m := range b.masks {
		r.fields[i] = newField(m)
	}
	r.bytes = b.bits == 32 && b.masks == [4]uint32{0xFF0000, 0xFF00, 0xFF}
	r.alpha = b.masks[3] != 0 && r.anyOpaque()
	return r
}

// anyOpaque says whether a pixel has any alpha: many programs declare it and leave it
// zero all over, and mean an opaque picture.
func (r *bmpRows) anyOpaque() bool {
	for y := range r.height {
		for row := r.stored(y); len(row) > 0; row = row[r.bits/8:] {
			if r.pixel(row)&r.masks[3] != 0 {
				return true
			}
		}
	}
	return false
}

// stored is the row y from the upper edge as it is stored, nil where it is not there.
func (r *bmpRows) stored(y int64) []byte {
	if !r.topDown {
		y = r.height - 1 - y
	}
	at := r.start + y*r.stride()
	if at+r.stride() > int64(len(r.data)) {
		return nil
	}
	return r.data[at:][:(r.width*r.bits+7)/8]
}

// pixel reads a pixel of 16 or 32 bits.
func (r *bmpRows) pixel(p []byte) uint32 {
	if r.bits == 16 {
		return uint32(binary.LittleEndian.Uint16(p))
	}
	return binary.LittleEndian.Uint32(p)
}

func (*bmpRows) format() (int, bool) { return 3, false }

func (r *bmpRows) row(y int) ([]byte, error) {
	if y%256 == 0 && r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	p, out := r.stored(int64(y)), r.out
	if p == nil {
		fill(out, 255)
		return out, nil
	}
	switch {
	case r.bits <= 8:
		depth, mask := uint(r.bits), byte(1<<r.bits-1)
		for i := range int(r.width) {
			at := uint(i) * depth
			c := &r.palette[p[at/8]>>(8-depth-at%8)&mask]
			out[3*i], out[3*i+1], out[3*i+2] = c[0], c[1], c[2]
		}
	case r.bits == 24 || r.bytes:
		step := int(r.bits / 8)
		for ; len(out) >= 3 && len(p) >= step; out, p = out[3:], p[step:] {
			out[0], out[1], out[2] = p[2], p[1], p[0]
		}
	default:
		step := int(r.bits / 8)
		for i := range int(r.width) {
			v := r.pixel(p[i*step:])
			o := out[3*i : 3*i+3]
			o[0], o[1], o[2] = r.fields[0].of(v), r.fields[1].of(v), r.fields[2].of(v)
			if r.alpha {
				a := r.fields[3].of(v)
				o[0], o[1], o[2] = overWhite(o[0], a), overWhite(o[1], a), overWhite(o[2], a)
			}
		}
	}
	return r.out, nil
}

// fill sets all bytes.
func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// bmpRuns gives the rows of a BMP that is coded in runs. Where each row begins is found
// first, since rows come from the lower edge up. Pixels that the runs skip are white.
type bmpRuns struct {
	*bmpInfo
	ctx     context.Context
	data    []byte
	starts  []bmpRun // of each row, as stored
	out     []byte
	palette [256][3]byte
}

// bmpRun is where the codes of a row begin, and for which pixel; at is 0 for no codes.
type bmpRun struct{ at, x int }

// newBMPRuns finds the rows; share is that of the rows that are not there.
func newBMPRuns(ctx context.Context, b *bmpInfo, data []byte) (r *bmpRuns, share float64) {
	r = &bmpRuns{bmpInfo: b, ctx: ctx, data: data, starts: make([]bmpRun, b.height), out: make([]byte, 3*b.width), palette: b.colours()}
	y, s := 0, bmpRun{at: int(min(b.start, int64(len(data))))}
	for y < len(r.starts) {
		r.starts[y] = s
		var down int
		s, down = r.codes(s, nil)
		if down == 0 {
			if down = len(r.starts) - y; s.at > len(data) {
				return r, float64(down) / float64(len(r.starts))
			}
		}
		y += min(down, len(r.starts)-y)
	}
	return r, 0
}

// codes draws the codes of a row, where out is not nil, and returns where the codes of
// another row begin, and how many rows on it lies: 0 at the end of the picture. Where the
// bytes end first, the place lies beyond them.
func (r *bmpRuns) codes(s bmpRun, out []byte) (next bmpRun, down int) {
	data, at, x := r.data, s.at, s.x
	for at+2 <= len(data) {
		n, v := int(data[at]), data[at+1]
		at += 2
		switch {
		case n > 0:
			r.draw(out, x, n, []byte{v}, true)
			x += n
		case v == 0:
			return bmpRun{at: at}, 1
		case v == 1:
			return bmpRun{at: at}, 0
		case v == 2:
			if at+2 > len(data) {
				return bmpRun{at: len(data) + 1}, 0
			}
			x += int(data[at])
			if down = int(data[at+1]); down > 0 {
				return bmpRun{at: at + 2, x: x}, down
			}
			at += 2
		default:
			n = int(v)
			size := n
			if r.bits == 4 {
				size = (n + 1) / 2
			}
			if at+size > len(data) {
				return bmpRun{at: len(data) + 1}, 0
			}
			r.draw(out, x, n, data[at:at+size], false)
			x += n
			at += (size + 1) &^ 1
		}
	}
	return bmpRun{at: len(data) + 1}, 0
}

// draw draws n pixels, whose indexes are given, or repeat those of one byte.
func (r *bmpRuns) draw(out []byte, x, n int, indexes []byte, repeat bool) {
	for i := range n {
		o := 3 * (x + i)
		if o+3 > len(out) {
			return
		}
		at := i
		if r.bits == 4 {
			at /= 2
		}
		if repeat {
			at = 0
		}
		v := indexes[at]
		if r.bits == 4 {
			v = v >> (4 - 4*(i&1)) & 15
		}
		copy(out[o:o+3], r.palette[v][:])
	}
}

func (*bmpRuns) format() (int, bool) { return 3, false }

func (r *bmpRuns) row(y int) ([]byte, error) {
	if y%256 == 0 && r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	if !r.topDown {
		y = int(r.height) - 1 - y
	}
	fill(r.out, 255)
	if s := r.starts[y]; s.at > 0 {
		r.codes(s, r.out)
	}
	return r.out, nil
}
