package raster

import (
	"bufio"
	"compress/lzw"
	"context"
	"encoding/binary"
	"io"
)

// gifFrame is the first picture of a GIF89a file (sections 18 to 25 of its
// specification) and where it lies on the screen.
type gifFrame struct {
	screenW, screenH    int
	x, y, width, height int
	palette             []byte // 3 bytes a colour
	transparent         int    // colour that is not drawn, -1 for none
	interlaced          bool
	lzw                 []byte // code size, then sub-blocks
}

// readGIF finds the first frame.
func readGIF(data []byte) (gifFrame, error) {
	f := gifFrame{transparent: -1}
	end := failf(Damaged, "GIF ends before its first picture")
	if len(data) < 13 {
		return f, end
	}
	f.screenW, f.screenH = int(binary.LittleEndian.Uint16(data[6:])), int(binary.LittleEndian.Uint16(data[8:]))
	table := func(flags byte, at int) ([]byte, int) {
		if flags&0x80 == 0 {
			return nil, at
		}
		size := 3 << (flags&7 + 1)
		if at+size > len(data) {
			return nil, len(data)
		}
		return data[at : at+size], at + size
	}
	global, at := table(data[10], 13)
	for at < len(data) {
		switch data[at] {
		case 0x21: // extension
			if at+2 > len(data) {
				return f, end
			}
			// A graphic control extension tells the transparent colour.
			if data[at+1] == 0xF9 && at+8 <= len(data) && data[at+2] == 4 {
				f.transparent = -1
				if data[at+3]&1 != 0 {
					f.transparent = int(data[at+6])
				}
			}
			at = skipSubBlocks(data, at+2)
		case 0x2C: // picture
			if at+10 > len(data) {
				return f, end
			}
			d := data[at+1:]
			f.x, f.y = int(binary.LittleEndian.Uint16(d)), int(binary.LittleEndian.Uint16(d[2:]))
			f.width, f.height = int(binary.LittleEndian.Uint16(d[4:])), int(binary.LittleEndian.Uint16(d[6:]))
			f.interlaced = d[8]&0x40 != 0
			f.palette, at = table(d[8], at+10)
			if f.palette == nil {
				f.palette = global
			}
			f.lzw = data[at:]
			return f, nil
		case 0x3B:
			return f, failf(Damaged, "GIF holds no picture")
		default:
			return f, failf(Damaged, "GIF is damaged: unknown block 0x%02x", data[at])
		}
	}
	return f, end
}

// skipSubBlocks returns the offset behind the sub-blocks that begin at an offset.
func skipSubBlocks(data []byte, at int) int {
	for at < len(data) {
		size := int(data[at])
		at += 1 + size
		if size == 0 {
			return at
		}
	}
	return len(data)
}

// decodeGIF decodes the first frame, laid over a white screen. Rows that the file
// does not hold any more are white and counted as damage.
func decodeGIF(ctx context.Context, data []byte, l Limits) (decoded, error) {
	f, err := readGIF(data)
	if err != nil {
		return decoded{}, err
	}
	if f.screenW == 0 || f.screenH == 0 {
		// Some writers leave the screen empty; the first picture then tells its size.
		f.screenW, f.screenH = f.x+f.width, f.y+f.height
	}
	if err := l.checkSize(int64(f.screenW), int64(f.screenH)); err != nil {
		return decoded{}, err
	}
	switch {
	case f.width == 0 || f.height == 0:
		return decoded{}, failf(Damaged, "GIF's first picture has no pixels")
	case f.x+f.width > f.screenW || f.y+f.height > f.screenH:
		return decoded{}, failf(Damaged, "GIF's first picture lies outside its screen")
	case f.palette == nil:
		return decoded{}, failf(Damaged, "GIF has no palette")
	case len(f.lzw) == 0 || f.lzw[0] < 2 || f.lzw[0] > 8:
		return decoded{}, failf(Damaged, "GIF's first picture has a wrong code size")
	}
	// A code of 12 bits stands for 4,096 pixels at most.
	pixels := int64(f.width) * int64(f.height)
	if err := checkPlausible(int64(f.width), int64(f.height), 2731*int64(len(f.lzw))); err != nil {
		return decoded{}, err
	}
	if err := l.checkMemory(2 * pixels); err != nil {
		return decoded{}, err
	}
	stream := lzw.NewReader(bufio.NewReader(&subBlocks{ctx: ctx, data: f.lzw[1:]}), lzw.LSB, int(f.lzw[0]))
	defer stream.Close()
	// io.ReadAll grows with what there is, not with what is declared. Where the codes
	// break, what came before counts.
	indexes, _ := io.ReadAll(io.LimitReader(stream, pixels))
	if ctx.Err() != nil {
		return decoded{}, ctx.Err()
	}
	missing := 1 - float64(len(indexes))/float64(pixels)
	if missing > 0.5 {
		return decoded{}, failf(Damaged, "%d %% of the picture is missing", int(100*missing))
	}
	rows := &gifRows{gifFrame: f, indexes: indexes, buf: make([]byte, 3*f.screenW)}
	rows.rowAt = rows.order()
	return decoded{
		rows: rows, width: f.screenW, height: f.screenH, decoder: "dedupidx/gif",
		damaged: func() float64 { return missing },
	}, nil
}

// subBlocks reads the bytes of sub-blocks as one stream.
type subBlocks struct {
	ctx  context.Context
	data []byte
	left int // bytes left of the current block
}

// Read implements io.Reader.
func (s *subBlocks) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if s.left == 0 {
		if len(s.data) == 0 || s.data[0] == 0 {
			return 0, io.EOF
		}
		s.left, s.data = int(s.data[0]), s.data[1:]
	}
	n := copy(p[:min(len(p), s.left)], s.data)
	if n == 0 {
		return 0, io.EOF
	}
	s.data, s.left = s.data[n:], s.left-n
	return n, nil
}

// gifRows gives the rows of the screen.
type gifRows struct {
	gifFrame
	indexes []byte
	rowAt   []int // stored row of each row of the frame; nil where they are the same
	buf     []byte
}

// order is the order of the rows of an interlaced frame (GIF89a, appendix E).
func (g *gifRows) order() []int {
	if !g.interlaced {
		return nil
	}
	at, stored := make([]int, g.height), 0
	for _, pass := range [4][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}} {
		for y := pass[0]; y < g.height; y += pass[1] {
			at[y] = stored
			stored++
		}
	}
	return at
}

func (g *gifRows) format() (int, bool) { return 3, false }

func (g *gifRows) row(y int) ([]byte, error) {
	for i := range g.buf {
		g.buf[i] = 255
	}
	y -= g.y
	if y < 0 || y >= g.height {
		return g.buf, nil
	}
	if g.rowAt != nil {
		y = g.rowAt[y]
	}
	from := min(y*g.width, len(g.indexes))
	out := g.buf[3*g.x:]
	for i, v := range g.indexes[from:min(from+g.width, len(g.indexes))] {
		if c := 3 * int(v); int(v) != g.transparent && c+3 <= len(g.palette) {
			copy(out[3*i:3*i+3], g.palette[c:c+3])
		}
	}
	return g.buf, nil
}
