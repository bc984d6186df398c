package color

import (
	"math"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Evidence is what two features say about each other.
//
// Entry t of an array holds for the first picture turned by t. Compare(b, a) is
// Compare(a, b) with entry t at t's inverse.
//
// On the test photos, forgiven pairs left out, at the right turn (TestCorpus
// measures it again):
//
//	pairs                        agreement, 5 % / median   hue, median / 95 %
//	near copies, most kinds      .91-1.0 / .98-1.0         .00-.06 / .00-.2
//	white balance changed        .82 / .94                 .29 / .85
//	strangers alike in texture   -.44 / .02 (90 %: .41)    .53 / .88
//
// Stickers, wide frames and window chrome bring colors of their own and take
// agreement down to that of strangers: color is one witness among others.
type Evidence struct {
	// Agreement is the correlation of the two layouts of Cb and Cr, -1..1. A
	// change of white balance or saturation leaves it near 1. It is 0 where a
	// layout has no contrast, which says nothing.
	Agreement [raster.Turns]float64
	// Difference is the mean difference of Cb and Cr over the cells, in levels.
	Difference [raster.Turns]float64
	// Hue is the part of the chroma that lies in other sectors, 0..1; 0 where
	// either has none.
	Hue float64
	// Chroma is the difference of the mean chromas, in levels.
	Chroma float64
	// Forgiven is set where either picture is grey or of one hue, so that the
	// rest cannot speak against a copy.
	Forgiven bool
}

// What counts as grey and as toned, by the test photos. All 17 grey copies are
// below the first, with what JPEG and the rounding of a color space add. All 9
// sepia copies have 253 and more; so have some sunsets and closets, and for
// them color says less, which does no harm.
const (
	greyVivid   = 6
	tonedOneHue = 251
)

// Grey reports whether the picture has no color to speak of.
func (f Feature) Grey() bool { return f.Vivid <= greyVivid }

// Toned reports whether all its color is of one hue, as sepia is.
func (f Feature) Toned() bool { return f.OneHue >= tonedOneHue }

// Compare returns the evidence of two features for all eight orientations.
func Compare(a, b Feature) Evidence {
	e := Evidence{Forgiven: a.Grey() || a.Toned() || b.Grey() || b.Toned()}
	for t := range raster.Turn(raster.Turns) {
		e.Agreement[t], e.Difference[t] = compareLayout(&a, &b, t)
	}
	common, sumA, sumB := 0, 0, 0
	for k := range sectors {
		common += int(min(a.Hue[k], b.Hue[k]))
		sumA += int(a.Hue[k])
		sumB += int(b.Hue[k])
	}
	if sumA > 0 && sumB > 0 {
		e.Hue = 1 - min(1, float64(common)/float64(min(sumA, sumB)))
	}
	e.Chroma = math.Abs(float64(a.Chroma) - float64(b.Chroma))
	return e
}

// compareLayout compares the cells of a turned by t with those of b. The sums
// are whole numbers, so that neither the order of cells nor that of a and b
// matters.
func compareLayout(a, b *Feature, t raster.Turn) (agreement, difference float64) {
	var ab, aa, bb, diff int64
	for i := 1; i <= 2; i++ { // Cb, Cr: each around its own mean
		var sumA, sumB int64
		for c := range cells {
			sumA += int64(a.Cells[c][i])
			sumB += int64(b.Cells[c][i])
		}
		for c := range cells {
			va, vb := int64(a.Cells[c][i]), int64(b.Cells[turnedCell(c, t)][i])
			diff += max(va, vb) - min(va, vb)
			va, vb = cells*va-sumA, cells*vb-sumB
			ab += va * vb
			aa += va * va
			bb += vb * vb
		}
	}
	if aa > 0 && bb > 0 {
		agreement = float64(ab) / math.Sqrt(float64(aa)*float64(bb))
	}
	return max(-1, min(1, agreement)), float64(diff) / (2 * cells)
}
