//go:build !stdjpeg

package raster

import "github.com/dedupidx/dedupidx/stages/raster/jpeg"

// jpegPixels decodes the pixels of a JPEG at the smallest scale that will do.
func (d *decoded) jpegPixels(data []byte, h jpeg.Header, l Limits) error {
	img, err := jpeg.Decode(data, scaleFor(h), jpeg.Limits{Memory: l.Memory})
	if err != nil {
		return jpegFailure(err)
	}
	d.rows, d.across, d.down = rowsOfJPEG(img)
	d.width, d.height, d.decoder = img.Width, img.Height, "raster/jpeg"
	if damage := img.Damage; damage != nil {
		if damage.Missing > 0.5 {
			return failf(Damaged, "JPEG %s (at byte %d): %d %% of the picture is missing", damage.Reason, damage.Offset, int(100*damage.Missing))
		}
		d.damaged = func() float64 { return max(damage.Missing, leastDamage) }
	}
	return nil
}
