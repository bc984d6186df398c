package raster

import (
	"bytes"
	"context"
	"errors"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
)

// Tags of TIFF 6.0, section 8 and the extensions behind it, that decoding asks for.
const (
	tagNewSubfileType  = 0x00FE
	tagImageWidth      = 0x0100
	tagImageLength     = 0x0101
	tagBitsPerSample   = 0x0102
	tagCompression     = 0x0103
	tagPhotometric     = 0x0106
	tagFillOrder       = 0x010A
	tagSamples         = 0x0115
	tagRowsPerStrip    = 0x0116
	tagPlanar          = 0x011C
	tagT4Options       = 0x0124
	tagPredictor       = 0x013D
	tagColorMap        = 0x0140
	tagTileWidth       = 0x0142
	tagTileLength      = 0x0143
	tagTileOffsets     = 0x0144
	tagTileBytes       = 0x0145
	tagInkSet          = 0x014C
	tagExtraSamples    = 0x0152
	tagSampleFormat    = 0x0153
	tagJPEGTables      = 0x015B
	tagYCbCrWeights    = 0x0211
	tagYCbCrSubsampled = 0x0212
	tagReferenceBlack  = 0x0214
)

// Compressions of TIFF.
const (
	tiffNone       = 1
	tiffFaxRuns    = 2
	tiffFax3       = 3
	tiffFax4       = 4
	tiffLZW        = 5
	tiffOldJPEG    = 6
	tiffJPEG       = 7
	tiffDeflate    = 8
	tiffFaxWords   = 32771
	tiffPackBits   = 32773
	tiffOldDeflate = 32946
)

// Photometric interpretations of TIFF.
const (
	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
	tiffSeparated   = 5
	tiffYCbCr       = 6
	tiffCIELab      = 8
	tiffICCLab      = 9
)

// Sample formats of TIFF.
const (
	tiffUnsigned = 1
	tiffSigned   = 2
	tiffFloat    = 3
)

// tiffInfo is what the directory of a picture tells. Strips are tiles as wide as the
// picture.
type tiffInfo struct {
	directory
	width, height  int64
	bits, samples  int64 // of a pixel, and their number
	kind           int64 // SampleFormat
	compression    int64
	photometric    int64
	planar         bool // each sample has tiles of its own
	predictor      int64
	turned         bool   // bits of each byte in the other order (FillOrder 2)
	twoDimensions  bool   // of T.4 fax
	tables         []byte // of JPEG
	tileW, tileH   int64
	across, down   int64 // number of tiles
	offsets, sizes tiffTable
	colours        int64 // samples that make a colour: 1, 3 or 4
	alpha          int64 // sample that is the opacity, 0 for none
	premultiplied  bool
	unitX, unitY   int64
}

// tiffTable is a field of integers, read where it lies.
type tiffTable struct {
	d     *directory
	kind  uint16
	n     uint64
	value []byte
}

func (d *directory) table(tag uint16) tiffTable {
	t := tiffTable{d: d}
	t.kind, t.n, t.value, _ = d.field(tag)
	return t
}

// at is the i-th number of the table; ok is false where it has none.
func (t *tiffTable) at(i int64) (v uint64, ok bool) {
	if uint64(i) >= t.n {
		return 0, false
	}
	return t.d.integer(t.kind, t.value, uint64(i)), true
}

// value is the first number of a tag, bounded so that products of two fit.
func (d *directory) value(tag uint16, otherwise int64) int64 {
	if v, ok := d.number(tag); ok {
		return int64(min(v, 1<<31))
	}
	return otherwise
}

// readTIFF reads the directory and checks the size.
func readTIFF(data []byte, l Limits) (*tiffInfo, error) {
	d, _, ok := pictureDirectory(data, l.Parts)
	if !ok {
		return nil, failf(Damaged, "TIFF has no directory")
	}
	t := &tiffInfo{directory: d, width: d.value(tagImageWidth, 0), height: d.value(tagImageLength, 0),
		samples: d.value(tagSamples, 1), bits: d.value(tagBitsPerSample, 1), kind: d.value(tagSampleFormat, 1),
		compression: d.value(tagCompression, 1), photometric: d.value(tagPhotometric, -1),
		predictor: d.value(tagPredictor, 1), unitX: 1, unitY: 1}
	t.turned, t.twoDimensions = d.value(tagFillOrder, 1) == 2, d.value(tagT4Options, 0)&1 != 0
	if _, _, tables, ok := d.field(tagJPEGTables); ok && len(tables) > 4 && len(tables) < 1<<16 {
		t.tables = tables
	}
	if err := l.checkSize(t.width, t.height); err != nil {
		return nil, err
	}
	if t.samples < 1 || t.samples > int64(l.Parts) || t.bits < 1 || t.bits > 64 {
		return nil, failf(Damaged, "TIFF declares %d samples of %d bits", t.samples, t.bits)
	}
	t.planar = t.samples > 1 && d.value(tagPlanar, 1) == 2
	if err := t.readTiles(); err != nil {
		return nil, err
	}
	if err := t.readColours(); err != nil {
		return nil, err
	}
	return t, t.check(data, l)
}

// readTiles reads how the picture is cut into strips or tiles.
func (t *tiffInfo) readTiles() error {
	t.offsets, t.sizes = t.table(tagStripOffsets), t.table(tagStripBytes)
	t.tileW, t.tileH = t.width, t.value(tagRowsPerStrip, t.height)
	if t.tileH == 0 {
		t.tileH = t.height
	}
	if t.find(tagTileWidth) != nil {
		t.tileW, t.tileH = t.value(tagTileWidth, 0), t.value(tagTileLength, 0)
		if tiles := t.table(tagTileOffsets); tiles.n > 0 {
			t.offsets, t.sizes = tiles, t.table(tagTileBytes)
		}
		// The specification asks for multiples of 16. Each tile costs the start of its
		// decoder, so smaller ones are a way to keep a reader busy.
		if t.tileW < 16 || t.tileH < 16 || t.tileW > 2*t.width+1024 || t.tileH > 2*t.height+1024 {
			return failf(Damaged, "TIFF declares tiles of %d x %d pixels", t.tileW, t.tileH)
		}
	} else {
		t.tileH = min(t.tileH, t.height)
	}
	t.across, t.down = (t.width+t.tileW-1)/t.tileW, (t.height+t.tileH-1)/t.tileH
	return nil
}

// readColours reads what the samples mean, and fails meanings that are not covered.
func (t *tiffInfo) readColours() error {
	unsupported := func(format string, args ...any) error {
		return failf(Unsupported, "TIFF "+format+" is not decoded by this version", args...)
	}
	if t.photometric < 0 { // some leave it out
		t.photometric = tiffBlackIsZero
		if t.samples >= 3 {
			t.photometric = tiffRGB
		}
	}
	t.colours = 1
	switch t.photometric {
	case tiffWhiteIsZero, tiffBlackIsZero:
	case tiffPalette:
		if t.bits > 8 {
			return unsupported("with a palette of %d bits", t.bits)
		}
	case tiffSeparated:
		if t.colours = 4; t.value(tagInkSet, 1) != 1 {
			return unsupported("of other inks than CMYK")
		}
	case tiffCIELab, tiffICCLab:
		if t.colours = 3; t.bits != 8 {
			return unsupported("in CIE L*a*b* of %d bits", t.bits)
		}
	case tiffYCbCr:
		t.colours = 3
		if t.compression != tiffJPEG && t.compression != tiffOldJPEG {
			s := t.table(tagYCbCrSubsampled)
			x, ok := s.at(0)
			y, ok2 := s.at(1)
			if t.unitX, t.unitY = int64(x), int64(y); !ok || !ok2 {
				t.unitX, t.unitY = 2, 2
			}
			for _, n := range []int64{t.unitX, t.unitY} {
				if n != 1 && n != 2 && n != 4 {
					return failf(Damaged, "TIFF declares chroma sampled %d x %d", t.unitX, t.unitY)
				}
			}
			subsampled := t.unitX*t.unitY > 1
			if t.bits != 8 || subsampled && (t.planar || t.samples != 3 || t.predictor != 1) {
				return unsupported("in YCbCr of %d bits, planes or a predictor", t.bits)
			}
		}
	case tiffRGB:
		t.colours = 3
	case 32803, 34892:
		return unsupported("of a sensor's raw data")
	default:
		return unsupported("with photometric interpretation %d", t.photometric)
	}
	if t.samples < t.colours {
		return failf(Damaged, "TIFF declares %d samples for a colour of %d", t.samples, t.colours)
	}
	if t.samples > t.colours && t.unitX*t.unitY == 1 {
		extra := t.table(tagExtraSamples)
		for i := range min(t.samples-t.colours, int64(extra.n)) {
			if v, _ := extra.at(i); v == 1 || v == 2 {
				t.alpha, t.premultiplied = t.colours+i, v == 1
				break
			}
		}
	}
	bits, kinds := t.table(tagBitsPerSample), t.table(tagSampleFormat)
	for i := range t.samples {
		v, ok := bits.at(i)
		k, ok2 := kinds.at(i)
		if ok && int64(v) != t.bits || ok2 && int64(k) != t.kind {
			return unsupported("with samples of different kinds")
		}
	}
	return nil
}

// check fails what the decoder does not cover and what the bytes cannot hold.
func (t *tiffInfo) check(data []byte, l Limits) error {
	// LZW is the tightest: a code of 12 bits stands for 4,096 bytes at most. Fax
	// codes a row that is like the one above in a bit. A JPEG block of 64 pixels takes two
	// bits, in a progressive file one.
	perPixel := t.samples * t.bits
	perByte := 2731 * 8 / perPixel
	switch t.compression {
	case tiffNone:
		perByte = max(1, 8/perPixel)
	case tiffFaxRuns, tiffFax3, tiffFax4, tiffFaxWords:
		perByte = 8 * t.width
		if perPixel != 1 {
			return failf(Damaged, "TIFF declares fax of %d bits a pixel", perPixel)
		}
	case tiffJPEG, tiffOldJPEG:
		if perByte = 512; t.bits != 8 {
			return failf(Unsupported, "TIFF with JPEG of %d bits is not decoded by this version", t.bits)
		}
	case tiffLZW, tiffDeflate, tiffOldDeflate, tiffPackBits:
	default:
		return failf(Unsupported, "TIFF with compression %d is not decoded by this version", t.compression)
	}
	if err := checkPlausible(t.width, t.height, perByte*int64(len(data))); err != nil {
		return err
	}
	switch {
	case t.predictor < 1 || t.predictor > 3, t.predictor == 3 && t.kind != tiffFloat:
		return failf(Damaged, "TIFF declares the predictor %d", t.predictor)
	case t.compression == tiffJPEG || t.compression == tiffOldJPEG:
	case t.kind == tiffFloat && t.bits != 16 && t.bits != 32 && t.bits != 64,
		t.kind != tiffFloat && t.bits > 16 && t.bits != 32 && t.bits != 64,
		t.predictor > 1 && t.bits != 8 && t.bits != 16 && t.bits != 32 && t.bits != 64:
		return failf(Unsupported, "TIFF with samples of %d bits is not decoded by this version", t.bits)
	}
	if t.kind < 1 || t.kind > 4 {
		return failf(Unsupported, "TIFF with complex samples is not decoded by this version")
	}
	if t.offsets.n == 0 && t.compression != tiffOldJPEG {
		return failf(Damaged, "TIFF has no strips")
	}
	// Rows of a tile as stored, as samples and as a colour; and sums of the raster.
	return l.checkMemory(3*t.rowBytes() + t.tileW*(t.samples+6) + 3*8*Side*Side)
}

// rowBytes is the size of a row of a tile of all planes together; of subsampled YCbCr, of
// as many rows as share a row of chroma.
func (t *tiffInfo) rowBytes() int64 {
	if t.unitX*t.unitY > 1 {
		return (t.tileW + t.unitX - 1) / t.unitX * (t.unitX*t.unitY + 2)
	}
	if t.planar {
		return (t.tileW*t.bits + 7) / 8 * t.samples
	}
	return (t.tileW*t.bits*t.samples + 7) / 8
}

// pictureDirectory finds the first directory that is no reduced copy of another page
// and its offset, looking at a number of them at most; the first where all are.
func pictureDirectory(data []byte, most int) (directory, uint64, bool) {
	first, at, ok := firstDirectory(data)
	if !ok {
		return first, 0, false
	}
	d, dAt := first, at
	for range most {
		if kind, _ := d.number(tagNewSubfileType); kind&1 == 0 {
			return d, dAt, true
		}
		if dAt = d.next; dAt == 0 {
			break
		}
		if d, ok = directoryAt(data, dAt); !ok {
			break
		}
	}
	return first, at, true
}

// decodeTIFF decodes the first page, one row of a strip or tile after the other.
func decodeTIFF(ctx context.Context, data []byte, l Limits) (decoded, error) {
	t, err := readTIFF(data, l)
	if err != nil {
		return decoded{}, err
	}
	if t.compression == tiffOldJPEG {
		return t.decodeOldJPEG(ctx, data, l)
	}
	p := newTIFFPainter(ctx, t, l)
	return decoded{pieces: p, damaged: p.missing, width: int(t.width), height: int(t.height), decoder: "dedupidx/tiff", exif: data}, nil
}

// decodeOldJPEG decodes the JPEG of TIFF 6.0, section 22, where it is a whole file of its own,
// as most writers left it. The section was withdrawn for what the others made of it.
func (t *tiffInfo) decodeOldJPEG(ctx context.Context, data []byte, l Limits) (decoded, error) {
	for _, tag := range []uint16{tagJPEGOffset, tagStripOffsets} {
		at, ok := t.number(tag)
		if !ok || at >= uint64(len(data)) || !bytes.HasPrefix(data[at:], []byte("\xFF\xD8")) {
			continue
		}
		h, err := jpeg.ReadHeader(data[at:])
		var unsupported *jpeg.UnsupportedError
		if err != nil && !errors.As(err, &unsupported) || int64(h.Width) != t.width || int64(h.Height) != t.height {
			continue
		}
		d, err := decodeJPEG(ctx, data[at:], l)
		d.exif = data
		return d, err
	}
	return decoded{}, failf(Unsupported, "TIFF with old-style JPEG in pieces is not decoded by this version")
}
