package local

import "testing"

func BenchmarkParts(b *testing.B) {
	r := readRaster(b, firstDistractor(b))
	levels := pyramid(r.Luma, r.Width, r.Height)
	found := detect(levels, Points)
	var h hessian
	b.Run("pyramid", func(b *testing.B) {
		for b.Loop() {
			pyramid(r.Luma, r.Width, r.Height)
		}
	})
	b.Run("detect", func(b *testing.B) {
		for b.Loop() {
			detect(levels, Points)
		}
	})
	b.Run("maxima0", func(b *testing.B) {
		for b.Loop() {
			h.maxima(&levels[0])
		}
	})
	b.Run("blur0", func(b *testing.B) {
		for b.Loop() {
			h.blur(&levels[0])
		}
	})
	b.Run("det0", func(b *testing.B) {
		for b.Loop() {
			h.determinant()
		}
	})
	b.Run("describe", func(b *testing.B) {
		for b.Loop() {
			each(levels, found, func(l *level, s *sums, i int) {
				describe(s, found[i].x, found[i].y, &turnedPattern()[3])
			})
		}
	})
	b.Run("orientation", func(b *testing.B) {
		for b.Loop() {
			for _, k := range found {
				orientation(&levels[k.level], k.x, k.y)
			}
		}
	})
	b.Run("shrink", func(b *testing.B) {
		for b.Loop() {
			shrink(r)
		}
	})
}
