package raster

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"math/bits"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
	"golang.org/x/image/tiff/lzw"
)

// tiffPainter sums the strips or tiles of a TIFF into the raster.
type tiffPainter struct {
	*tiffInfo
	ctx      context.Context
	limits   Limits
	colour   tiffColour
	planes   []int64 // that are read, one of all samples where they are interleaved
	stored   []byte  // a row as it is in the file, for each plane
	apart    []byte  // a row whose bytes lie apart
	samples8 []byte  // the same as stored, with 8 bits a sample
	out      []byte  // and its colours
	zlib     io.ReadCloser
	jpeg     jpeg.Decoder
	work     int64 // compressed bytes that may still be read
	lost     int64 // pixels
	where    uint64
	first    string // reason and place of the first damage
}

func newTIFFPainter(ctx context.Context, t *tiffInfo, l Limits) *tiffPainter {
	p := &tiffPainter{tiffInfo: t, ctx: ctx, limits: l, planes: []int64{0}}
	if t.planar {
		p.planes = nil
		for i := range t.colours {
			p.planes = append(p.planes, i)
		}
		if t.alpha > 0 {
			p.planes = append(p.planes, t.alpha)
		}
	}
	// Tiles may share their bytes, as blank ones do. What is read of them all is bounded by
	// the file and the picture together, so that a small file cannot ask for endless work.
	raw := t.width*t.height/8*t.samples*t.bits + t.width*t.height
	p.work = 2*int64(len(t.data)) + 2*raw + 1<<20
	return p
}

// missing is the share of the pixels that did not come.
func (p *tiffPainter) missing() float64 { return float64(p.lost) / float64(p.width*p.height) }

func (p *tiffPainter) format() (int, bool) {
	switch {
	case p.colours == 1 && p.photometric != tiffPalette:
		return 1, false
	case p.compression == tiffJPEG && p.photometric == tiffYCbCr:
		return 3, true
	}
	return 3, false
}

func (p *tiffPainter) paint(c *canvas) error {
	if p.compression != tiffJPEG {
		p.colour = newTIFFColour(p.tiffInfo)
		stride := p.samples
		if p.planar {
			stride = int64(len(p.planes))
		}
		p.stored = make([]byte, p.rowBytes())
		p.samples8 = make([]byte, p.tileW*stride)
	}
	p.out = make([]byte, int(p.tileW)*c.channels)
	for i := range p.across * p.down {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		a := tiffArea{x: i % p.across * p.tileW, y: i / p.across * p.tileH}
		a.width, a.height = min(p.tileW, p.width-a.x), min(p.tileH, p.height-a.y)
		var err error
		if p.compression == tiffJPEG {
			err = p.paintJPEG(c, i, a)
		} else {
			err = p.paintRows(c, i, a)
		}
		if err != nil {
			return err
		}
		if p.work < 0 {
			return failf(Damaged, "TIFF is damaged: its strips or tiles overlap")
		}
		if share := p.missing(); share > 0.5 {
			return failf(Damaged, "TIFF is damaged: %s (at byte %d): more than half of the picture is missing", p.first, p.where)
		}
	}
	return nil
}

// tiffArea is where a tile lies in the picture, cut to it.
type tiffArea struct{ x, y, width, height int64 }

// blank fills rows of a tile, from one on, with white and counts them as lost.
func (p *tiffPainter) blank(c *canvas, a tiffArea, from int64, at uint64, reason string) {
	if p.lost == 0 {
		p.first, p.where = reason, at
	}
	p.lost += a.width * (a.height - from)
	white := p.out[:int(a.width)*c.channels]
	fill(white, 255)
	if _, ycc := p.format(); ycc {
		for i := range white {
			if i%3 > 0 {
				white[i] = 128
			}
		}
	}
	c.add(int(a.x), int(a.y+from), 1, int(a.height-from), white)
}

// bytesOf are the bytes of a tile of a plane, and where they begin.
func (p *tiffPainter) bytesOf(tile, plane int64) (data []byte, at uint64) {
	i := plane*p.across*p.down + tile
	at, ok := p.offsets.at(i)
	if !ok || at == 0 || at >= uint64(len(p.data)) {
		return nil, at
	}
	data = p.data[at:]
	if size, ok := p.sizes.at(i); ok && size < uint64(len(data)) && size > 0 {
		data = data[:size]
	}
	return data, at
}

// paintRows decodes a tile row by row, all planes side by side.
func (p *tiffPainter) paintRows(c *canvas, tile int64, a tiffArea) error {
	streams := make([]tiffStream, len(p.planes))
	for i, plane := range p.planes {
		data, at := p.bytesOf(tile, plane)
		if data == nil {
			p.blank(c, a, 0, at, "a strip or tile lies nowhere in the file")
			return nil
		}
		s, err := p.open(data)
		if err != nil {
			p.blank(c, a, 0, at, "a strip or tile is no "+p.codec())
			return nil
		}
		s.at = at
		streams[i] = s
	}
	defer func() {
		for i := range streams {
			p.work -= int64(streams[i].used())
		}
	}()
	size := len(p.stored) / len(p.planes)
	for y := int64(0); y < a.height; y += p.unitY {
		for i := range streams {
			s := &streams[i]
			row := p.stored[i*size:][:size]
			if _, err := io.ReadFull(s, row); err != nil {
				p.blank(c, a, y, s.at+uint64(s.used()), "a strip or tile ends or breaks")
				return p.ctx.Err()
			}
			p.unpack(i, row)
		}
		if y%64 == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		for k := range min(p.unitY, a.height-y) {
			out := p.out[:int(a.width)*c.channels]
			p.colour.convert(out, p.samples8, p.stored, int(k))
			c.add(int(a.x), int(a.y+y+k), 1, 1, out)
		}
	}
	// The checksum follows the last row. Where bits have flipped, nobody knows from which
	// row on the tile is another.
	if a.height == p.tileH && (p.compression == tiffDeflate || p.compression == tiffOldDeflate) {
		for i := range streams {
			var surplus [1]byte
			if _, err := io.ReadFull(&streams[i], surplus[:]); errors.Is(err, zlib.ErrChecksum) {
				if p.lost == 0 {
					p.first, p.where = "the checksum of a strip or tile is wrong", streams[i].at
				}
				p.lost += a.width * a.height
				break
			}
		}
	}
	return nil
}

// tiffStream is a tile of a plane, inflated.
type tiffStream struct {
	io.Reader
	at   uint64     // where its bytes begin
	used func() int // bytes that were read
}

// codec names the compression in a reason.
func (p *tiffPainter) codec() string {
	if p.compression == tiffDeflate || p.compression == tiffOldDeflate {
		return "Deflate stream"
	}
	return "data"
}

// open starts to inflate a tile.
func (p *tiffPainter) open(data []byte) (tiffStream, error) {
	if p.turned {
		other := make([]byte, len(data))
		for i, v := range data {
			other[i] = bits.Reverse8(v)
		}
		p.work -= int64(len(data))
		data = other
	}
	in := bytes.NewReader(data)
	s := tiffStream{Reader: in, used: func() int { return len(data) - in.Len() }}
	var kind faxKind
	switch p.compression {
	case tiffNone:
		return s, nil
	case tiffPackBits:
		s.Reader = &packBits{in: in}
		return s, nil
	case tiffLZW:
		s.Reader = lzw.NewReader(in, lzw.MSB, 8)
		return s, nil
	case tiffDeflate, tiffOldDeflate:
		if again, ok := p.zlib.(zlib.Resetter); ok && !p.planar {
			err := again.Reset(in, nil)
			s.Reader = p.zlib
			return s, err
		}
		z, err := zlib.NewReader(in)
		if err == nil {
			p.zlib, s.Reader = z, z
		}
		return s, err
	case tiffFaxRuns:
		kind = faxRuns
	case tiffFaxWords:
		kind = faxWords
	case tiffFax4:
		kind = fax4
	case tiffFax3:
		if kind = fax3; p.twoDimensions {
			kind = fax3Two
		}
	}
	f := newFax(data, kind, int(p.tileW))
	s.Reader, s.used = f, f.used
	return s, nil
}

// packBits undoes the runs of bytes of TIFF 6.0, section 9.
type packBits struct {
	in     *bytes.Reader
	n      int // bytes left of a run
	repeat bool
	v      byte
}

// Read implements io.Reader.
func (b *packBits) Read(out []byte) (int, error) {
	for b.n == 0 {
		head, err := b.in.ReadByte()
		if err != nil {
			return 0, err
		}
		switch n := int(int8(head)); {
		case n >= 0:
			b.n, b.repeat = n+1, false
		case n > -128:
			b.n, b.repeat = 1-n, true
			if b.v, err = b.in.ReadByte(); err != nil {
				return 0, err
			}
		}
	}
	n := min(b.n, len(out))
	if b.repeat {
		fill(out[:n], b.v)
	} else {
		var err error
		if n, err = b.in.Read(out[:n]); err != nil {
			return 0, err
		}
	}
	b.n -= n
	return n, nil
}
