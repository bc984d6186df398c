package quality

import "github.com/dedupidx/dedupidx/stages/raster"

// Version is raised when the meaning or the encoding of a Feature changes.
//
//	1  size, missing octaves, sharpness, blocks, damage, metadata
const Version = 1

// Feature is what is known of a copy's quality.
type Feature struct {
	Width, Height uint16 // of the whole picture, in pixels
	Bytes         uint64 // size of the file
	Format        Format
	Preview       bool   // decoded from a smaller picture inside the file
	Damaged       uint16 // share that could not be decoded, in 10,000ths, any at all at least 1
	Reduced       bool   // the raster is smaller than the picture
	Side          uint16 // long side of the raster, in pixels
	Missing       uint8  // finest octaves of the raster without detail, 0..3
	Sharpness     uint8  // finest detail against that at half size; 230 is usual, below 128 missing
	Blocks        uint8  // excess of differences across a grid of eight, in percent; 0 where Reduced
	JPEGQuality   uint8  // 1..100, 0 where there are no tables
	Taken, Camera bool   // capture time, maker and model are known
	GPS           bool   // a place is recorded
	Tags          uint16 // number of metadata tags
}

// Extract describes a raster and the picture behind it. It never fails.
func Extract(r *raster.Raster) Feature {
	f := Feature{
		Width:       uint16(clamp(r.Picture.Width, 0, 65535)),
		Height:      uint16(clamp(r.Picture.Height, 0, 65535)),
		Bytes:       uint64(max(0, r.Bytes)),
		Format:      formatOf(r.Format),
		Preview:     r.Source == raster.Preview,
		Damaged:     damaged(r.Damaged),
		Reduced:     max(r.Picture.Width, r.Picture.Height) > max(r.Width, r.Height),
		Side:        uint16(max(r.Width, r.Height)),
		JPEGQuality: uint8(clamp(r.JPEGQuality, 0, 100)),
		Taken:       !r.Taken.IsZero(),
		Camera:      r.Camera != "",
		GPS:         r.GPS,
		Tags:        uint16(clamp(r.Tags, 0, 65535)),
	}
	var finest int
	f.Missing, finest = missingOctaves(r.Luma, r.Width, r.Height)
	f.Sharpness = uint8(min(255, finest))
	if !f.Reduced {
		f.Blocks = blocks(r.Luma, r.Width, r.Height)
	}
	return f
}

// damaged rounds a share up, so that no damage is lost. What is no number
// counts as damaged whole.
func damaged(share float64) uint16 {
	switch {
	case share == 0:
		return 0
	case share > 0 && share < 1:
		return uint16(share*9999) + 1
	case share < 0:
		return 0
	}
	return 10000
}

func clamp(v, lo, hi int) int { return max(lo, min(hi, v)) }

// Format is a format as quality sees it. Its values are stored: append only.
type Format uint8

// The formats, in the order of raster's constants.
const (
	Unknown Format = iota
	JPEG
	PNG
	GIF
	BMP
	TIFF
	WebP
	HEIC
	AVIF
	JXL
	RAW
	formats
)

func formatOf(f raster.Format) Format {
	switch f {
	case raster.JPEG:
		return JPEG
	case raster.PNG:
		return PNG
	case raster.GIF:
		return GIF
	case raster.BMP:
		return BMP
	case raster.TIFF:
		return TIFF
	case raster.WebP:
		return WebP
	case raster.HEIC:
		return HEIC
	case raster.AVIF:
		return AVIF
	case raster.JXL:
		return JXL
	case raster.RAW:
		return RAW
	}
	return Unknown
}
