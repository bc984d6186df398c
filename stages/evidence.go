package stages

import (
	"math"

	"github.com/dedupidx/dedupidx/stages/color"
	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/local"
	"github.com/dedupidx/dedupidx/stages/quality"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// Evidence is what the five stages say of two pictures.
type Evidence struct {
	Wavelet wavelet.Evidence
	Color   color.Evidence
	Global  global.Evidence
	Local   local.Evidence
	Quality quality.Evidence
}

// Compare hears all stages. Compare(b, a) is Compare(a, b) with transforms inverted.
func Compare(a, b Features) Evidence { return Prepare(a).Compare(Prepare(b)) }

// Prepared are the features of a picture that is compared with several; see local.Prepared.
type Prepared struct {
	Features
	local *local.Prepared
}

// Prepare readies the features of a picture for comparing. Copies of what it returns share the work.
func Prepare(f Features) Prepared { return Prepared{f, local.Prepare(f.Local)} }

// Compare is Compare of the two pictures' features.
func (p Prepared) Compare(q Prepared) Evidence { return p.compare(q, p.local.Compare(q.local)) }

// compare adds what the other stages say.
func (p Prepared) compare(q Prepared, l local.Evidence) Evidence {
	return Evidence{
		Wavelet: wavelet.Compare(p.Wavelet, q.Wavelet),
		Color:   color.Compare(p.Color, q.Color),
		Global:  global.Compare(p.Global, q.Global),
		Local:   l,
		Quality: quality.Compare(p.Quality, q.Quality),
	}
}

// Witness is one number that the judge weighs.
type Witness struct {
	Name string
	// Sign is the direction in which it speaks for a copy: 1 more, -1 less, 0 either
	// way. The judge's trees are bound to it, so that they cannot learn from a few
	// test photos what makes no sense.
	Sign  int8
	value func(e Evidence) float64
}

// proposed gives v where the keypoints propose a transform, else the value that
// speaks least for a copy.
func proposed(worst float64, v func(l local.Evidence) float64) func(Evidence) float64 {
	return func(e Evidence) float64 {
		if !e.Local.Proposed {
			return worst
		}
		return v(e.Local)
	}
}

// Witnesses lists what the judge weighs, in the order of its trees.
var Witnesses = []Witness{
	{"inliers", 1, proposed(0, func(l local.Evidence) float64 { return float64(l.Inliers) })},
	{"inlier share", 1, proposed(0, func(l local.Evidence) float64 { return l.InlierShare })},
	{"inliers of matches", 1, proposed(0, func(l local.Evidence) float64 { return ratio(l.Inliers, l.Matches) })},
	{"median distance", -1, proposed(64, func(l local.Evidence) float64 { return l.MedianDistance })},
	{"tightness", 1, proposed(0, func(l local.Evidence) float64 { return l.Tightness })},
	{"median residual", -1, proposed(8, func(l local.Evidence) float64 { return l.MedianResidual })},
	{"co-located", 0, proposed(0, func(l local.Evidence) float64 { return float64(l.CoLocated) })},
	{"co-located alike", 1, proposed(0, func(l local.Evidence) float64 { return l.CoShare })},
	{"cells agreeing", 1, proposed(0, func(l local.Evidence) float64 { return float64(l.CellsAgreeing) })},
	{"cells contradicting", -1, proposed(64, func(l local.Evidence) float64 { return float64(l.CellsContradicting) })},
	{"share of cells agreeing", 1, proposed(0, func(l local.Evidence) float64 {
		return ratio(l.CellsAgreeing, l.CellsAgreeing+l.CellsContradicting)
	})},
	{"correlation", 1, proposed(-1, func(l local.Evidence) float64 { return l.Pixels.NCC })},
	{"correlation of blocks", 1, proposed(-1, func(l local.Evidence) float64 { return l.Pixels.BlockNCC })},
	{"fine correlation", 1, proposed(-1, func(l local.Evidence) float64 { return l.Pixels.FineNCC })},
	{"good blocks", 1, proposed(0, func(l local.Evidence) float64 { return l.Pixels.Good })},
	{"bad blocks", -1, proposed(1, func(l local.Evidence) float64 { return l.Pixels.Bad })},
	{"low quarter of blocks", 1, proposed(-1, func(l local.Evidence) float64 { return l.Pixels.LowQuarter })},
	{"textured blocks", 0, proposed(0, func(l local.Evidence) float64 { return l.Pixels.Textured })},
	{"blocks textured once", -1, proposed(1, func(l local.Evidence) float64 { return l.Pixels.TexturedOnce })},
	{"residual", -1, proposed(128, func(l local.Evidence) float64 { return l.Pixels.Residual })},
	{"color under transform", -1, proposed(255, func(l local.Evidence) float64 { return l.Pixels.Color })},
	{"hull share", 0, proposed(0, func(l local.Evidence) float64 { return l.Hull.Share })},
	{"hull correlation", 1, proposed(-1, func(l local.Evidence) float64 { return l.Hull.NCC })},
	{"hull good blocks", 1, proposed(0, func(l local.Evidence) float64 { return l.Hull.Good })},
	{"smaller overlap", 0, proposed(0, func(l local.Evidence) float64 { return min(l.OverlapA, l.OverlapB) })},
	{"larger overlap", 0, proposed(0, func(l local.Evidence) float64 { return max(l.OverlapA, l.OverlapB) })},
	{"stretch", -1, proposed(4, stretch)},
	{"whole correlation", 1, func(e Evidence) float64 { return e.Local.Whole.NCC }},
	{"whole correlation of blocks", 1, func(e Evidence) float64 { return e.Local.Whole.Pixels.BlockNCC }},
	{"whole fine correlation", 1, func(e Evidence) float64 { return e.Local.Whole.Pixels.FineNCC }},
	{"whole good blocks", 1, func(e Evidence) float64 { return e.Local.Whole.Pixels.Good }},
	{"whole bad blocks", -1, func(e Evidence) float64 { return e.Local.Whole.Pixels.Bad }},
	{"whole low quarter", 1, func(e Evidence) float64 { return e.Local.Whole.Pixels.LowQuarter }},
	{"whole textured blocks", 0, func(e Evidence) float64 { return e.Local.Whole.Pixels.Textured }},
	{"whole blocks textured once", -1, func(e Evidence) float64 { return e.Local.Whole.Pixels.TexturedOnce }},
	{"whole residual", -1, func(e Evidence) float64 { return e.Local.Whole.Pixels.Residual }},
	{"whole color", -1, func(e Evidence) float64 { return e.Local.Whole.Pixels.Color }},
	{"color layout", 1, func(e Evidence) float64 {
		if e.Color.Forgiven {
			return 1
		}
		return e.Color.Agreement[e.Local.Whole.Turn]
	}},
	{"hue", -1, func(e Evidence) float64 {
		if e.Color.Forgiven {
			return 0
		}
		return e.Color.Hue
	}},
	{"wavelet distance", -1, func(e Evidence) float64 { return float64(e.Wavelet.Distance) }},
	{"global distance", -1, func(e Evidence) float64 { return float64(e.Global.Distance) }},
	// Against a copy, beside equally many inliers. A keypoint of a copy finds its like where it
	// should be, or nowhere; one of a page, in another page of that form, finds others. Of the
	// training pairs with half of their matches on one map, copies have 29 matches elsewhere, others 43.
	{"matches", -1, proposed(local.Points, func(l local.Evidence) float64 { return float64(l.Matches) })},
}

// Testimony returns the numbers that the judge weighs, in the order of Witnesses.
func Testimony(e Evidence) []float64 {
	out := make([]float64, len(Witnesses))
	for i, w := range Witnesses {
		out[i] = w.value(e)
	}
	return out
}

func ratio(part, all int) float64 {
	if all <= 0 {
		return 0
	}
	return float64(part) / float64(all)
}

// stretch is the ratio of the two singular values of the transform: 1 for a
// similarity, more where it stretches or shears. Capped at 4.
func stretch(l local.Evidence) float64 {
	t := l.Transform
	sum := float64(t.A*t.A) + float64(t.B*t.B) + float64(t.D*t.D) + float64(t.E*t.E)
	det := math.Abs(t.Determinant())
	if det < 1e-9 {
		return 4
	}
	half := sum / 2
	root := math.Sqrt(max(float64(half*half)-float64(det*det), 0))
	return math.Round(min(math.Sqrt((half+root)/max(half-root, 1e-12)), 4)*1024) / 1024
}
