package quality

import (
	"bytes"
	"cmp"
	"fmt"
)

// Better orders copies of one picture by which is worth keeping: +1 where a is
// better, -1 where b is, 0 only where the features are equal. It is a total
// order: the first of these that differs decides.
//
//	damage       a whole copy before a damaged one, whatever else
//	worth        how much of the picture is held: real pixels, bytes, compression, sharpness
//	             and origin together, in whole octaves
//	compression  in coarse levels
//	sharpness    in steps, usual and oversharp alike
//	metadata     capture time, camera, place; then the number of tags, in octaves
//	format       camera raw, without loss, HEIC of a camera, JPEG, other lossy ones, GIF
//	the rest     the exact values of all of these, then bytes
//
// Steps come first so that a frame of a few pixels or a point of sharpness does
// not outweigh what matters more; exact values come last so that nothing ties.
func Better(a, b Feature) int {
	c, _ := decide(&a, &b)
	return c
}

// Reason says in one line why Better prefers the one that it prefers.
func Reason(a, b Feature) string {
	c, c1 := decide(&a, &b)
	if c == 0 {
		return "equal in quality"
	}
	if c < 0 {
		a, b = b, a
	}
	return c1.say(&a, &b)
}

// criterion is one line of the order.
type criterion struct {
	compare func(a, b *Feature) int
	say     func(better, worse *Feature) string
}

// by makes a criterion of a number, of which more is better.
func by(value func(*Feature) int, say func(better, worse *Feature) string) criterion {
	return criterion{func(a, b *Feature) int { return cmp.Compare(value(a), value(b)) }, say}
}

func decide(a, b *Feature) (int, criterion) {
	for _, c := range order() {
		if r := c.compare(a, b); r != 0 {
			return r, c
		}
	}
	return 0, criterion{}
}

func order() []criterion {
	pixels := func(a, b *Feature) string {
		return fmt.Sprintf("more real resolution: %s against %s", a.resolution(), b.resolution())
	}
	sharp := func(_, _ *Feature) string { return "sharper" }
	origin := func(a, b *Feature) string {
		return fmt.Sprintf("more metadata: %s against %s", a.metadata(), b.metadata())
	}
	tags := func(a, b *Feature) string {
		return fmt.Sprintf("more metadata: %d tags against %d", a.Tags, b.Tags)
	}
	compressed := func(a, b *Feature) string {
		return fmt.Sprintf("less compression damage: %s against %s", a.compression(), b.compression())
	}
	return []criterion{
		by(func(f *Feature) int { return -f.damage() }, func(a, b *Feature) string {
			if a.damage() == 0 {
				return "whole, the other is damaged"
			}
			return fmt.Sprintf("less damaged: %s against %s", percent(a.damage()), percent(b.damage()))
		}),
		by((*Feature).worth, func(a, b *Feature) string {
			switch more := quarterOctave(a.RealPixels()) - quarterOctave(b.RealPixels()); {
			case more > 0:
				return pixels(a, b)
			case more == 0 && a.loss() < b.loss():
				return compressed(a, b)
			case more == 0 && a.loss() == b.loss() && a.origin() > b.origin():
				return origin(a, b)
			}
			return fmt.Sprintf("more of the picture: %s against %s", a.held(), b.held())
		}),
		by(func(f *Feature) int { return -f.loss() }, compressed),
		by(func(f *Feature) int { return min(int(f.Sharpness), usualSharpness) / sharpnessStep }, sharp),
		by((*Feature).origin, origin),
		by(func(f *Feature) int { return octave(uint64(f.Tags)) }, tags),
		by((*Feature).rank, func(a, b *Feature) string {
			return fmt.Sprintf("better format: %s against %s", a.Format, b.Format)
		}),
		// Exact values.
		by(func(f *Feature) int { return int(f.RealPixels()) }, pixels),
		by(func(f *Feature) int { return int(f.JPEGQuality) }, compressed),
		by(func(f *Feature) int { return -int(f.Blocks) }, compressed),
		by(func(f *Feature) int { return int(f.Tags) }, tags),
		by(func(f *Feature) int { return int(f.Sharpness) }, sharp),
		{func(a, b *Feature) int { return cmp.Compare(a.Bytes, b.Bytes) },
			func(a, b *Feature) string { return fmt.Sprintf("more bytes: %d against %d", a.Bytes, b.Bytes) }},
		{func(a, b *Feature) int { return bytes.Compare(Encode(*a), Encode(*b)) },
			func(_, _ *Feature) string { return "nothing tells them apart but chance" }},
	}
}

// Steps of the order.
const (
	// usualSharpness is below the median of undistorted photos (see detail.go),
	// so that sharpening a copy gains nothing.
	usualSharpness = 192
	sharpnessStep  = 32
)

// damage in 10,000ths. A preview instead of the picture is damage, but for
// camera raw, of which nothing but the preview is ever decoded, and for HEIC,
// whose thumbnail is looked at to save time, where the picture's bytes are all there.
func (f *Feature) damage() int {
	if f.Preview && f.Format != RAW && f.Format != HEIC {
		return 10000
	}
	return int(f.Damaged)
}

// softRatio is what the finest octave of a reduced raster must fall below for
// a single missing octave to count. A soft photo comes near minRatio at 512
// pixels, and must not lose to its own small copy for that; enlargements of
// three times and more stay below 108.
const softRatio = 108

// RealPixels is the number of pixels that carry detail of their own, as far as
// the raster shows (see the package comment): all of them where no octave of
// the raster is missing.
func (f Feature) RealPixels() uint64 {
	w, h := uint64(f.Width), uint64(f.Height)
	soft := f.Reduced && f.Missing == 1 && f.Sharpness >= softRatio
	if f.Missing == 0 || soft || w == 0 || h == 0 {
		return w * h
	}
	side := uint64(f.Side) >> f.Missing
	long := max(w, h)
	if side >= long {
		return w * h
	}
	return max(1, w*side/long*(h*side/long))
}

// loss is the compression damage in levels, 0 none to 7.
func (f *Feature) loss() int {
	if q := f.JPEGQuality; q > 0 {
		return levels(100-int(q), 6, 11, 16, 21, 31, 41, 61) // below quality 95, 90, 85, 80, 70, 60, 40
	}
	// By blocks: of 678 photos without them, half have below 9; saved as JPEG of
	// quality 90, 80, 70, 50 and 30 half exceed 43, 78, 105, 163 and 226.
	n := levels(int(f.Blocks), 30, 45, 60, 80, 105, 135, 195)
	if !f.Format.lossless() && !f.fromCamera() {
		n = max(n, unknownLoss) // how much was lost is not known, but something was
	}
	return n
}

// levels counts the limits that v reaches.
func levels(v int, limits ...int) int {
	n := 0
	for _, l := range limits {
		if v >= l {
			n++
		}
	}
	return n
}

// origin counts what tells where a photo comes from.
func (f *Feature) origin() int {
	n := 0
	for _, has := range [3]bool{f.Taken, f.Camera, f.GPS} {
		if has {
			n++
		}
	}
	return n
}
