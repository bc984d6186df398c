package raster

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// Version is raised when the same file would give another raster, another Picture
// or another failure, apart from limits. A failure that is stored with a smaller
// version is worth another try.
//
//	1: JPEG, PNG, GIF; BMP, TIFF, WebP in the decode helper.
//	2: JPEG at a reduced scale by package jpeg, damaged ones by what is there.
//	3: HEIC, AVIF, JPEG XL in the decode helper; previews of camera raw files.
//	4: progressive JPEG at 1/4 as sequential; CMYK, YCCK, uneven sampling by package jpeg.
//	   HEIC by its thumbnail item where a tile agrees with it; AVIF is cropped.
//	   BMP, TIFF and interlaced PNG by readers of our own, all variants of README's table.
const Version = 4

// Decode turns the bytes of a JPEG, PNG, GIF, BMP, TIFF or camera raw file into a raster, in this
// process. The format is found by content alone. What it cannot decode ends as a
// *Failure; the formats of the decode helper are Unsupported here (Decoder decodes them).
// A done context ends it with the context's error.
//
// Beside data it takes memory for the decoded picture, checked against limits first.
func Decode(ctx context.Context, data []byte, limits Limits) (*Raster, error) {
	return decode(ctx, data, ByContent(data), limits.withDefaults(), decodeHere)
}

// decodeHere decodes the formats that need no helper.
func decodeHere(ctx context.Context, data []byte, format Format, l Limits) (decoded, error) {
	switch format {
	case JPEG:
		return decodeJPEG(ctx, data, l)
	case PNG:
		return decodePNG(ctx, data, l)
	case GIF:
		return decodeGIF(ctx, data, l)
	case BMP:
		return decodeBMP(ctx, data, l)
	case TIFF:
		return decodeTIFF(ctx, data, l)
	case RAW:
		return decodeRAW(ctx, data, l)
	case Unknown:
		return decoded{}, failf(Foreign, "is no known picture: starts with %s", startsWith(data))
	case WebP, HEIC, AVIF, JXL:
		return decoded{}, failf(Unsupported, "%s is decoded by the decode helper only", format.title())
	}
	return decoded{}, failf(Unsupported, "%s is not decoded by this version", format.title())
}

// decode runs a decoder and makes its picture an upright raster. A panic in the
// decoder is a damaged picture.
func decode(ctx context.Context, data []byte, format Format, l Limits,
	decoder func(context.Context, []byte, Format, Limits) (decoded, error)) (r *Raster, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, failf(Damaged, "%s breaks its decoder: %s", format.title(), oneLine(fmt.Sprint(p)))
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := l.CheckFileSize(int64(len(data))); err != nil {
		return nil, err
	}
	d, err := decoder(ctx, data, format, l)
	if err != nil {
		return nil, err
	}
	if d.done != nil {
		defer d.done()
	}
	r, err = d.raster()
	if err != nil {
		return nil, err
	}
	r.Format, r.Bytes = format, int64(len(data))
	return r, nil
}

// raster reduces a decoded picture, turns it upright and reads its metadata.
func (d *decoded) raster() (*Raster, error) {
	dw, dh := reducedSize(d.width, d.height)
	rgb, err := d.reduced(dw, dh)
	if err != nil {
		return nil, err
	}
	if d.damaged != nil {
		d.share = d.damaged()
		if d.share > 0.5 {
			return nil, failf(Damaged, "%d %% of the picture is missing", int(100*d.share))
		}
	}
	r := &Raster{Picture: Picture{
		Width: d.width, Height: d.height,
		Decoder: d.decoder, Source: cmp.Or(d.source, Full), Damaged: d.share, JPEGQuality: d.jpegQuality,
	}}
	readMetadata(&r.Picture, d.exif, d.more, d.extras)
	r.GPS = r.GPS || d.gps
	if d.orientation != 0 {
		r.Orientation = d.orientation
	}
	turn := turnOf(r.Orientation)
	if d.upright {
		turn = 0
	}
	if turn&4 != 0 {
		r.Picture.Width, r.Picture.Height = d.height, d.width
	}
	if d.fullWidth > 0 {
		r.Picture.Width, r.Picture.Height = d.fullWidth, d.fullHeight
	}
	r.RGB, r.Width, r.Height = turnRGB(rgb, dw, dh, turn)
	r.Luma = lumaOf(r.RGB)
	return r, nil
}

// reduced brings the picture to dw x dh pixels.
func (d *decoded) reduced(dw, dh int) ([]byte, error) {
	if d.pieces != nil {
		return painted(d.pieces, d.width, d.height, dw, dh)
	}
	return reduce(d.rows, d.width*max(d.across, 1), d.height*max(d.down, 1), dw, dh)
}

// oneLine keeps the first line of a message, 200 bytes at most, printable only.
func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return s
}
