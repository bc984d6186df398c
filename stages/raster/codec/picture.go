package codec

import (
	"context"
	"image"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Picture is a decoded picture. Its pixels lie in the memory of the decoder.
type Picture struct {
	image.Image
	in *instance
}

// Close gives the memory back; the picture must not be used any more.
func (p *Picture) Close() { p.in.close() }

// Memory is what the decoder took at most, in bytes, the pixels among them.
func (p *Picture) Memory() int64 { return int64(len(p.in.memory.used)) }

// Limits bounds what decoding may take.
type Limits struct {
	Memory int64                         // bytes of the decoder's memory, 64 MiB at least
	Size   func(width, height int) error // asked before pixels are decoded; its error is the result
}

// HEIC decodes the primary picture of a HEIC file, turned, mirrored and cropped as the
// file says. The result is YCbCr, Gray, RGBA or NRGBA of 8 bits.
func (c *Codecs) HEIC(ctx context.Context, data []byte, l Limits) (*Picture, error) {
	return c.run(ctx, &c.heif, heifModule, api.CoreFeaturesV2, l, func(in *instance) (image.Image, error) {
		file, facts := in.put(ctx, data), in.alloc(ctx, 20)
		in.decode(ctx, file, uint64(len(data)), 1, facts, facts+4, facts+8, facts+12, facts+16, 0)
		f := in.words(facts, 5)
		w, h, space, chroma, premultiplied := int(f[0]), int(f[1]), f[2], f[3], f[4] == 1
		if err := in.check(w, h, l); err != nil {
			return nil, err
		}
		rect := image.Rect(0, 0, w, h)
		// The library makes rows of at least 64 pixels, and begins each at a multiple of 16 bytes.
		const least = 64
		align := func(n int) int { return (max(n, least) + 15) &^ 15 }
		align4 := func(n int) int { return (4*max(n, least) + 15) &^ 15 }
		get := func(size int) []byte {
			// Some pictures have a row more than they say, when odd ones are turned.
			out := in.alloc(ctx, int64(size)+int64(8*align4(w)))
			in.decode(ctx, file, uint64(len(data)), 0, facts, facts+4, facts+8, facts+12, facts+16, out)
			return in.bytes(out, int64(size))
		}
		switch space {
		case 0: // YCbCr
			cw, ch, ratio := (w+1)/2, h, image.YCbCrSubsampleRatio422
			switch chroma {
			case 1:
				ch, ratio = (h+1)/2, image.YCbCrSubsampleRatio420
			case 3:
				cw, ratio = w, image.YCbCrSubsampleRatio444
			}
			luma, colour := align(w)*h, align(cw)*ch
			b := get(luma + 2*colour)
			if in.err != nil {
				return nil, in.err
			}
			return &image.YCbCr{
				Y: b[:luma], Cb: b[luma:][:colour], Cr: b[luma+colour:],
				YStride: align(w), CStride: align(cw), SubsampleRatio: ratio, Rect: rect,
			}, nil
		case 2:
			return &image.Gray{Pix: get(align(w) * h), Stride: align(w), Rect: rect}, in.err
		}
		b := get(align4(w) * h)
		if premultiplied {
			return &image.RGBA{Pix: b, Stride: align4(w), Rect: rect}, in.err
		}
		return &image.NRGBA{Pix: b, Stride: align4(w), Rect: rect}, in.err
	})
}

// AVIF decodes the primary picture of an AVIF file or the first one of a sequence, as
// it is stored: not turned, not cropped. The result is RGBA or, of more than 8 bits,
// RGBA64.
func (c *Codecs) AVIF(ctx context.Context, data []byte, l Limits) (*Picture, error) {
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesThreads // atomic instructions
	return c.run(ctx, &c.avif, avifModule, features, l, func(in *instance) (image.Image, error) {
		// Behind four facts comes the duration of the picture. It is written when the
		// picture is: the function says yes even when nothing could be decoded.
		const unwritten = 0xFF
		file, facts := in.put(ctx, data), in.alloc(ctx, 24)
		delay := in.bytes(facts+16, 8)
		for i := range delay {
			delay[i] = unwritten
		}
		in.decode(ctx, file, uint64(len(data)), 1, 0, facts, facts+4, facts+8, facts+12, 0, 0)
		f := in.words(facts, 3)
		w, h, deep := int(f[0]), int(f[1]), f[2] > 8
		if err := in.check(w, h, l); err != nil {
			return nil, err
		}
		size := 4 * w * h
		if deep {
			size *= 2
		}
		out := in.alloc(ctx, int64(size))
		in.decode(ctx, file, uint64(len(data)), 0, 0, facts, facts+4, facts+8, facts+12, facts+16, out)
		if d := in.words(facts+16, 2); in.err == nil && d[0] == 1<<32-1 && d[1] == 1<<32-1 {
			in.err = ErrRefused
		}
		b := in.bytes(out, int64(size))
		if !deep {
			return &image.RGBA{Pix: b, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}, in.err
		}
		for i := 0; i+1 < len(b); i += 2 {
			b[i], b[i+1] = b[i+1], b[i] // images of Go are big-endian
		}
		return &image.RGBA64{Pix: b, Stride: 8 * w, Rect: image.Rect(0, 0, w, h)}, in.err
	})
}

// JXL decodes the first frame of a JPEG XL file, turned as the file says. width, height
// and bits are what its header says, the size upright. The result is NRGBA or, of 16
// bits, NRGBA64.
func (c *Codecs) JXL(ctx context.Context, data []byte, width, height, bits int, l Limits) (*Picture, error) {
	return c.run(ctx, &c.jxl, jxlModule, api.CoreFeaturesV2, l, func(in *instance) (image.Image, error) {
		if err := in.check(width, height, l); err != nil {
			return nil, err
		}
		pixel := 4
		if bits == 16 {
			pixel = 8
		}
		size := pixel * width * height
		file, facts, out := in.put(ctx, data), in.alloc(ctx, 20), in.alloc(ctx, int64(size))
		in.decode(ctx, file, uint64(len(data)), 0, 0, facts, facts+4, facts+8, facts+12, facts+16, out)
		f := in.words(facts, 3)
		if in.err == nil && (int(f[0]) != width || int(f[1]) != height || (f[2] == 16) != (bits == 16)) {
			in.err = ErrRefused // the header was read wrong: pixels lie elsewhere than expected
		}
		b := in.bytes(out, int64(size))
		rect := image.Rect(0, 0, width, height)
		if pixel == 8 {
			return &image.NRGBA64{Pix: b, Stride: 8 * width, Rect: rect}, in.err
		}
		return &image.NRGBA{Pix: b, Stride: 4 * width, Rect: rect}, in.err
	})
}

// check asks whether a picture of this size may be decoded.
func (in *instance) check(width, height int, l Limits) error {
	switch {
	case in.err != nil:
		return in.err
	case width <= 0 || height <= 0 || width >= 1<<24 || height >= 1<<24:
		return ErrRefused
	case l.Size != nil:
		return l.Size(width, height)
	}
	return nil
}

// run makes a module ready and decodes with an instance of it.
func (c *Codecs) run(ctx context.Context, m **module, packed []byte, features api.CoreFeatures, l Limits,
	decode func(*instance) (image.Image, error)) (*Picture, error) {
	mod, err := c.ready(ctx, m, packed, features)
	if err != nil {
		return nil, err
	}
	in, err := mod.start(ctx, l.Memory)
	if err != nil {
		return nil, err
	}
	p := &Picture{in: in}
	defer func() {
		if p.Image == nil { // by an error or a panic
			in.close()
		}
	}()
	img, err := decode(in)
	if err != nil {
		return nil, err
	}
	p.Image = img
	return p, nil
}
