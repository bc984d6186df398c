package raster

import (
	"context"
	"errors"
	"image"

	"github.com/dedupidx/dedupidx/stages/raster/codec"
)

// Bytes of decoder memory that a pixel takes at least, as Picture.Memory tells it of photos
// of 12 megapixels (deep: of 1). More than the limit is found when it is taken; this finds
// without decoding what cannot be.
const (
	heicPerPixel     = 3
	avifPerPixel     = 12
	avifDeepPerPixel = 23
	jxlPerPixel      = 9
)

// checkHEIF checks the size of a HEIC or AVIF file.
func checkHEIF(data []byte, format Format, l Limits) (int64, error) {
	h := readHEIF(data)
	if h.width == 0 && h.height == 0 {
		return 0, failf(Damaged, "%s tells no size of its picture", format.title())
	}
	if err := l.checkSize(h.width, h.height); err != nil {
		return 0, err
	}
	perPixel := int64(heicPerPixel)
	if format == AVIF {
		if perPixel = avifPerPixel; h.bits > 8 {
			perPixel = avifDeepPerPixel
		}
	}
	return h.width * h.height, l.checkMemory(perPixel * h.width * h.height)
}

// decodeHEIC decodes the thumbnail item in place of the picture where there is one that
// agrees with it and with one of its tiles, else the picture itself: some twentieth of the cost.
func (s *libraries) decodeHEIC(ctx context.Context, data []byte, l Limits) (decoded, error) {
	h := readHEIF(data)
	if t, ok := h.findThumbnail(data); ok && !l.FullOnly {
		if d, ok, err := s.decodeThumbnail(ctx, data, &h, t, l); ok || err != nil {
			d.fullWidth, d.fullHeight, _ = h.shown()
			d.source, d.exif, d.extras = Preview, h.exif, h.extras
			return d, err
		}
	}
	return s.decodePrimary(ctx, data, l)
}

// decodeThumbnail decodes the thumbnail item of the picture that h describes. ok is false
// where the library refuses it or sees another size than the boxes tell, where a tile of the
// picture shows something else, and where there is no tile and it may be of picked pixels.
func (s *libraries) decodeThumbnail(ctx context.Context, data []byte, h *heifInfo, t thumbnail, l Limits) (d decoded, ok bool, err error) {
	undo, ok := pointAt(data, t.item)
	if !ok {
		return decoded{}, false, nil
	}
	limited := readHEIF(data).limited
	d, err = s.decodePrimary(ctx, data, l)
	undo()
	if err != nil {
		return decoded{}, false, refused(err)
	}
	small, ok := planeOf(d.rows)
	if ok = ok && d.width == t.width && d.height == t.height; ok {
		if part, tiled := h.busiestTile(data); tiled {
			ok, err = s.shows(ctx, data, h, small, limited, part, l)
		} else {
			ok = small.soft()
		}
	}
	if !ok || err != nil {
		d.done()
		return decoded{}, false, err
	}
	return d, true, nil
}

// refused leaves of an error what is no fault of the picture.
func refused(err error) error {
	var f *Failure
	if errors.As(err, &f) {
		return nil
	}
	return err
}

// decodePrimary decodes by libheif, which turns and crops the picture itself. The
// orientation in EXIF is but a copy of the container's (ISO/IEC 23008-12, annex A).
func (s *libraries) decodePrimary(ctx context.Context, data []byte, l Limits) (decoded, error) {
	h := readHEIF(data)
	// The library's door asks for a brand of HEVC in the first place, where others
	// write that of all HEIF files.
	if brand := string(data[8:12]); brand == "mif1" || brand == "msf1" || brand == "miaf" {
		copy(data[8:12], "heic")
	}
	p, err := s.codecs.HEIC(ctx, data, codecLimits(l))
	crop := errors.Is(err, codec.ErrRefused) && h.clap != nil && h.turn == 0
	if crop { // the library refuses some crops; without one it decodes
		clear(h.clapIndex)
		p, err = s.codecs.HEIC(ctx, data, codecLimits(l))
	}
	if err != nil {
		return decoded{}, moduleFailure(err, HEIC, l)
	}
	if h.limited {
		stretch(p.Image)
	}
	if crop {
		if err := cropTo(p, &h); err != nil {
			p.Close()
			return decoded{}, err
		}
	}
	d := fromCodec(p, codec.LibHEIF)
	d.exif, d.extras = h.exif, h.extras
	d.orientation, d.upright = orientationOf(h.turn), true
	return d, nil
}

// cropTo leaves of a picture what the file says.
func cropTo(p *codec.Picture, h *heifInfo) error {
	size := p.Bounds().Size()
	x, y, width, height, ok := h.crop(size.X, size.Y)
	m, can := p.Image.(interface {
		SubImage(r image.Rectangle) image.Image
	})
	if !ok || !can {
		return failf(Damaged, "picture is cropped to what lies outside of it")
	}
	p.Image = m.SubImage(image.Rect(x, y, x+width, y+height))
	return nil
}

// decodeAVIF decodes by libavif, which leaves the picture as it is stored: it is cropped
// here, then turned.
func (s *libraries) decodeAVIF(ctx context.Context, data []byte, l Limits) (decoded, error) {
	h := readHEIF(data)
	joinAssociations(data)
	p, err := s.codecs.AVIF(ctx, data, codecLimits(l))
	if err != nil {
		return decoded{}, moduleFailure(err, AVIF, l)
	}
	// A crop that breaks the rules is taken for none, as by browsers.
	if size := p.Bounds().Size(); h.onPixels(size.X, size.Y) {
		if err := cropTo(p, &h); err != nil {
			p.Close()
			return decoded{}, err
		}
	}
	d := fromCodec(p, codec.LibAVIF)
	d.exif, d.extras = h.exif, h.extras
	d.orientation = orientationOf(h.turn)
	return d, nil
}

// codecLimits gives a decoder what it may take. The size that it reads in its own way is
// checked again.
func codecLimits(l Limits) codec.Limits {
	return codec.Limits{Memory: l.Memory, Size: func(w, h int) error { return l.checkSize(int64(w), int64(h)) }}
}

// fromCodec takes what a decoder returned.
func fromCodec(p *codec.Picture, decoder string) decoded {
	size := p.Bounds().Size()
	return decoded{rows: rowsOf(p.Image), width: size.X, height: size.Y, decoder: decoder, done: p.Close}
}

// moduleFailure makes a failure of a decoder's error.
func moduleFailure(err error, format Format, l Limits) error {
	var known *Failure
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, codec.ErrModule):
		return err
	case errors.Is(err, codec.ErrMemory):
		return tooMuchMemory(l.Memory)
	case errors.Is(err, codec.ErrRefused):
		return failf(Damaged, "%s is damaged, or of a kind that its decoder does not know", format.title())
	}
	return failf(Damaged, "%s is damaged: %s", format.title(), oneLine(err.Error()))
}
