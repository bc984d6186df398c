//go:build stdjpeg

// With the build tag stdjpeg JPEG is decoded in full by image/jpeg: what a scan would
// cost without a decoder of our own. Nothing but scripts/decode is built so.

package raster

import (
	"bytes"
	stdjpeg "image/jpeg"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
)

func (d *decoded) jpegPixels(data []byte, _ jpeg.Header, _ Limits) error {
	img, err := stdjpeg.Decode(bytes.NewReader(data))
	f, err := fromLibrary(img, err, "JPEG", "image/jpeg")
	d.rows, d.width, d.height, d.decoder = f.rows, f.width, f.height, f.decoder
	return err
}
