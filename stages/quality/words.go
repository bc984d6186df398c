package quality

import (
	"fmt"
	"math/bits"
	"strings"
)

// octave is the number of bits of v: 0 for 0, 1 for 1, 2 for 2 and 3.
func octave(v uint64) int { return bits.Len64(v) }

// quarterOctave counts quarter octaves, so that a step is 19 %. For v below
// 2^40.
func quarterOctave(v uint64) int {
	n := octave(v)
	if n == 0 {
		return 0
	}
	fraction := v << 16 >> (n - 1) // 1..2 in parts of 2^16
	quarter := 0
	for _, limit := range [3]uint64{77936, 92682, 110218} { // 2^16 * 2^(k/4)
		if fraction >= limit {
			quarter++
		}
	}
	return 4*n + quarter
}

// rank orders files by how likely they are those that others were made from.
func (f *Feature) rank() int {
	if f.fromCamera() {
		return JPEG.rank() + 1
	}
	return f.Format.rank()
}

func (f Format) rank() int {
	switch f {
	case RAW:
		return 6
	case PNG, TIFF, BMP:
		return 5
	case JPEG: // one less than HEIC of a camera
		return 3
	case JXL, AVIF, HEIC, WebP:
		return 2
	case GIF:
		return 1
	}
	return 0
}

// lossless reports whether a format keeps the pixels that it was given. GIF
// keeps 256 colors; JPEG XL, AVIF and WebP may, but mostly do not.
func (f Format) lossless() bool { return f.rank() >= PNG.rank() }

// String returns the name as people write it.
func (f Format) String() string {
	switch f {
	case JPEG:
		return "JPEG"
	case PNG:
		return "PNG"
	case GIF:
		return "GIF"
	case BMP:
		return "BMP"
	case TIFF:
		return "TIFF"
	case WebP:
		return "WebP"
	case HEIC:
		return "HEIC"
	case AVIF:
		return "AVIF"
	case JXL:
		return "JPEG XL"
	case RAW:
		return "camera raw"
	}
	return "unknown format"
}

// resolution says how large a picture is, and how much of it is real where
// that is less.
func (f *Feature) resolution() string {
	s := fmt.Sprintf("%dx%d", f.Width, f.Height)
	if f.RealPixels() < uint64(f.Width)*uint64(f.Height) {
		s += fmt.Sprintf(" (detail of %d px)", f.Side>>f.Missing)
	}
	return s
}

// compression says what is known of it.
func (f *Feature) compression() string {
	switch {
	case f.JPEGQuality > 0:
		return fmt.Sprintf("JPEG quality %d", f.JPEGQuality)
	case f.Blocks >= 30:
		return fmt.Sprintf("%s with JPEG blocks", f.Format)
	}
	return f.Format.String()
}

// metadata lists what tells where a photo comes from.
func (f *Feature) metadata() string {
	var has []string
	if f.Taken {
		has = append(has, "capture time")
	}
	if f.Camera {
		has = append(has, "camera")
	}
	if f.GPS {
		has = append(has, "place")
	}
	if len(has) == 0 {
		return "none"
	}
	return strings.Join(has, ", ")
}

// percent prints 10,000ths, and never a damage as none.
func percent(v int) string {
	if v < 10 {
		return "below 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", float64(v)/100)
}
