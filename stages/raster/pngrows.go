package raster

import (
	"bufio"
	"compress/zlib"
	"context"
	"errors"
	"io"
)

// pngRows inflates, unfilters and converts one row after the other.
type pngRows struct {
	ctx            context.Context
	info           *pngInfo
	stream         io.Reader // nil where the data end or break
	step           int       // bytes from a sample to the one of the pixel before
	current, above []byte    // filtered row behind its filter byte
	out            []byte
	width          int
	got            int64 // rows that came whole
	grey           bool  // rows have one byte a pixel
	palette        [256][3]byte
	key            [3]uint32 // the transparent colour, where hasKey
	hasKey         bool
}

func newPNGRows(ctx context.Context, info *pngInfo) *pngRows {
	bits := int(info.depth) * info.channels()
	size := (int(info.width)*bits + 7) / 8
	r := &pngRows{ctx: ctx, info: info, width: int(info.width), step: max(1, bits/8), current: make([]byte, 1+size), above: make([]byte, 1+size)}
	readers := make([]io.Reader, 0, len(info.idat))
	for _, part := range info.idat {
		readers = append(readers, &contextReader{ctx: ctx, data: part})
	}
	if stream, err := zlib.NewReader(bufio.NewReaderSize(io.MultiReader(readers...), 1<<15)); err == nil {
		r.stream = stream
	}
	t := info.transparency
	switch info.colour {
	case 0:
		if r.hasKey = len(t) == 2; r.hasKey {
			r.key[0] = uint32(t[0])<<8 | uint32(t[1])
		}
		r.grey = !r.hasKey
	case 2:
		if r.hasKey = len(t) == 6; r.hasKey {
			for c := range 3 {
				r.key[c] = uint32(t[2*c])<<8 | uint32(t[2*c+1])
			}
		}
	case 3:
		for i := 0; 3*i+3 <= len(info.palette); i++ {
			a := byte(255)
			if i < len(t) {
				a = t[i]
			}
			for c := range 3 {
				r.palette[i][c] = overWhite(info.palette[3*i+c], a)
			}
		}
	}
	r.out = make([]byte, int(info.width)*3)
	if r.grey {
		r.out = r.out[:info.width]
	}
	return r
}

// missing is the share of the rows that did not come.
func (r *pngRows) missing() float64 { return 1 - float64(r.got)/float64(r.info.height) }

func (r *pngRows) format() (int, bool) {
	if r.grey {
		return 1, false
	}
	return 3, false
}

func (r *pngRows) row(int) ([]byte, error) {
	out, err := r.next(r.got == r.info.height-1)
	if err != nil || out != nil {
		r.got++
		return out, err
	}
	// Less than half is no picture: say so before all its rows are made up.
	if r.missing() > 0.5 {
		return nil, failf(Damaged, "PNG is damaged: %d %% of the picture is missing", int(100*r.missing()))
	}
	fill(r.out, 255)
	return r.out, nil
}

// next inflates the next row, nil where the data end or break before it does.
func (r *pngRows) next(last bool) ([]byte, error) {
	if r.stream == nil {
		return nil, nil
	}
	_, err := io.ReadFull(r.stream, r.current)
	if r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	if err != nil || !unfilter(r.current[0], r.current[1:], r.above[1:], r.step) {
		r.stream = nil
		return nil, nil
	}
	if last {
		// The checksum follows the last row. Where bits have flipped, nobody
		// knows from which row on the picture is another.
		var surplus [1]byte
		if _, err := io.ReadFull(r.stream, surplus[:]); errors.Is(err, zlib.ErrChecksum) {
			return nil, failf(Damaged, "PNG is damaged: the checksum of its picture data is wrong")
		}
	}
	r.convert(r.current[1:])
	r.current, r.above = r.above, r.current
	return r.out, nil
}

// setWidth makes the rows to come so wide, the first with none above it.
func (r *pngRows) setWidth(width int) {
	size := (width*int(r.info.depth)*r.info.channels() + 7) / 8
	r.width, r.current, r.above = width, r.current[:1+size], r.above[:1+size]
	clear(r.above)
	channels, _ := r.format()
	r.out = r.out[:channels*width]
}

// unfilter undoes the filter of a row in place (PNG, section 9.2).
// It reports false for an unknown filter.
func unfilter(filter byte, row, above []byte, step int) bool {
	switch filter {
	case 0:
	case 1:
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
	case 2:
		above = above[:len(row)]
		for i := range row {
			row[i] += above[i]
		}
	case 3:
		for i := range min(step, len(row)) {
			row[i] += above[i] / 2
		}
		for i := step; i < len(row); i++ {
			row[i] += byte((int(row[i-step]) + int(above[i])) / 2)
		}
	case 4:
		for i := range min(step, len(row)) {
			row[i] += above[i]
		}
		above = above[:len(row)]
		for i := step; i < len(row); i++ {
			a, b, c := int(row[i-step]), int(above[i]), int(above[i-step])
			pa, pb := b-c, a-c
			pc := pa + pb
			pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
			switch {
			case pa <= pb && pa <= pc:
				row[i] += byte(a)
			case pb <= pc:
				row[i] += byte(b)
			default:
				row[i] += byte(c)
			}
		}
	default:
		return false
	}
	return true
}

// convert makes a row of samples one of grey or RGB, alpha laid over white.
func (r *pngRows) convert(p []byte) {
	out, wide := r.out, r.info.depth == 16
	switch r.info.colour {
	case 0:
		r.convertGrey(p)
	case 3:
		depth, mask := uint(r.info.depth), byte(1)<<r.info.depth-1
		for i := range r.width {
			at := uint(i) * depth
			c := &r.palette[p[at/8]>>(8-depth-at%8)&mask]
			out[3*i], out[3*i+1], out[3*i+2] = c[0], c[1], c[2]
		}
	case 2:
		if !wide && !r.hasKey {
			copy(out, p)
			return
		}
		for i := 0; i < len(out); i += 3 {
			keyed := r.hasKey
			for c := range 3 {
				var v uint32
				if wide {
					v = uint32(p[2*(i+c)])<<8 | uint32(p[2*(i+c)+1])
					out[i+c] = to8(v)
				} else {
					v = uint32(p[i+c])
					out[i+c] = byte(v)
				}
				keyed = keyed && v == r.key[c]
			}
			if keyed {
				out[i], out[i+1], out[i+2] = 255, 255, 255
			}
		}
	case 4:
		for i := range r.width {
			var v byte
			if wide {
				v = overWhite16(uint32(p[4*i])<<8|uint32(p[4*i+1]), uint32(p[4*i+2])<<8|uint32(p[4*i+3]))
			} else {
				v = overWhite(p[2*i], p[2*i+1])
			}
			out[3*i], out[3*i+1], out[3*i+2] = v, v, v
		}
	case 6:
		for i := range r.width {
			if wide {
				s := p[8*i : 8*i+8]
				a := uint32(s[6])<<8 | uint32(s[7])
				for c := range 3 {
					out[3*i+c] = overWhite16(uint32(s[2*c])<<8|uint32(s[2*c+1]), a)
				}
				continue
			}
			s := p[4*i : 4*i+4]
			if s[3] == 255 {
				out[3*i], out[3*i+1], out[3*i+2] = s[0], s[1], s[2]
				continue
			}
			for c := range 3 {
				out[3*i+c] = overWhite(s[c], s[3])
			}
		}
	}
}

// convertGrey makes grey samples of 1 to 16 bits bytes, or RGB where a shade is
// transparent.
func (r *pngRows) convertGrey(p []byte) {
	depth := uint(r.info.depth)
	if depth == 8 && r.grey {
		copy(r.out, p)
		return
	}
	scale := byte(255 / (1<<min(depth, 8) - 1))
	for i := range r.width {
		var raw uint32
		var v byte
		if depth == 16 {
			raw = uint32(p[2*i])<<8 | uint32(p[2*i+1])
			v = to8(raw)
		} else {
			at := uint(i) * depth
			raw = uint32(p[at/8]>>(8-depth-at%8)) & (1<<depth - 1)
			v = byte(raw) * scale
		}
		if r.grey {
			r.out[i] = v
			continue
		}
		if raw == r.key[0] {
			v = 255
		}
		r.out[3*i], r.out[3*i+1], r.out[3*i+2] = v, v, v
	}
}
