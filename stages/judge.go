package stages

import (
	"fmt"
	"math"
	"strings"

	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/local"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// JudgeVersion is raised when the same evidence would give another verdict.
//
//	1: boosted trees over the evidence of all stages.
//	2: fitted on tiles of photos too, so that flat ones are no copies of each other.
//	3: four inliers propose a transform; fitted on more tiles, and less careful.
//	4: hears how many matches lie elsewhere; fitted on more of the strong edits.
const JudgeVersion = 4

// CoreShare is the share of the larger frame from which two pictures show one
// whole picture, and not a part of one in the other. In a study on the test photos
// 0.4 tied strangers together over collages and insets (precision of pairs 0.974,
// with the labels as verdict 0.989 at 0.5), 0.7 and 0.8 did not (0.992 and
// 0.992; 0.997 and 1.000). `dedupidx evaluate` measures it again.
const CoreShare = 0.75

// A transform that turns by less than this many degrees, and stretches by less
// than this factor, leaves a picture upright: what a crop by hand or a scan may
// do unseen. They name the kind of a match, and decide no pair.
const (
	uprightDegrees = 2
	uprightStretch = 1.06
	nearShare      = 0.9
)

// containedShare is the share of a frame from which all of it counts as lying
// in the other.
const containedShare = 0.9

// Judge decides over what the stages say. It is the only place that does.
func Judge(e Evidence) Verdict {
	if !Glance(e) { // where nothing can be seen, as on two grey fields, the trees would go by what they never learned
		return JudgeAt(e, 0)
	}
	return JudgeAt(e, verdictForest.probability(Testimony(e)))
}

// JudgeAt is Judge with the probability given: for a study of other tables.
func JudgeAt(e Evidence, p float64) Verdict {
	v := Verdict{Kind: None, Probability: p, Similarity: p, Scores: scores(e)}
	if e.Local.Proposed && trustKeypoints(e.Local) {
		v.Transform = e.Local.Transform
		v.Kind, v.Contains = frameKind(e.Local)
	} else {
		v.Transform = e.Local.Whole.Transform
		v.Kind = wholeKind(e.Local.Whole)
	}
	v.Reason = reason(e, v)
	if p < Loose.Cut() {
		v.Kind, v.Contains = None, 0
	}
	return v
}

// trustKeypoints tells whether the map of the keypoints describes the pair, or
// the whole frame on the whole frame does it better. A dozen inliers of strangers
// was never seen to hold more than a repeated piece of furniture, and then the
// verdict is none anyway; fewer must win by the pixels.
func trustKeypoints(l local.Evidence) bool {
	return l.Inliers >= 12 || l.Pixels.BlockNCC >= l.Whole.Pixels.BlockNCC
}

// frameKind names what the keypoints' map makes of two frames.
func frameKind(l local.Evidence) (k Kind, contains int) {
	if min(l.OverlapA, l.OverlapB) < CoreShare {
		switch {
		case l.OverlapB >= containedShare, l.OverlapB > 1.5*l.OverlapA:
			return Partial, 1
		case l.OverlapA >= containedShare, l.OverlapA > 1.5*l.OverlapB:
			return Partial, -1
		}
		return Partial, 0
	}
	if min(l.OverlapA, l.OverlapB) >= nearShare && !l.Mirrored && math.Abs(degrees(l.Transform)) < uprightDegrees && stretch(l) < uprightStretch {
		return Near, 0
	}
	return Transformed, 0
}

// wholeKind names what laying one whole frame on the other makes of them.
func wholeKind(w local.Whole) Kind {
	x, y := math.Hypot(w.Transform.A, w.Transform.D), math.Hypot(w.Transform.B, w.Transform.E)
	if w.Turn == 0 && max(x, y) < uprightStretch*min(x, y) {
		return Near
	}
	return Transformed
}

// degrees is the angle by which a transform turns, -180..180, clockwise as seen.
func degrees(t raster.Affine) float64 {
	if t.Determinant() < 0 {
		return math.Atan2(t.D, -t.A) * 180 / math.Pi
	}
	return math.Atan2(t.D-t.B, t.A+t.E) * 180 / math.Pi
}

// scores puts what each stage says for a copy on a scale of 0 to 1, for people.
func scores(e Evidence) map[string]float64 {
	round := func(v float64) float64 { return math.Round(1000*min(max(v, 0), 1)) / 1000 }
	l := e.Local
	hues := 1.0
	if !e.Color.Forgiven {
		hues = (1 + e.Color.Agreement[l.Whole.Turn]) / 2
	}
	return map[string]float64{
		Wavelet: round(1 - float64(e.Wavelet.Distance)/128),
		Color:   round(hues),
		Global:  round(1 - float64(e.Global.Distance)/(2*global.MaxDistance)),
		Local:   round(l.InlierShare),
	}
}

// reason says in one line what decided.
func reason(e Evidence, v Verdict) string {
	l := e.Local
	var say []string
	if l.Proposed && trustKeypoints(l) {
		say = append(say, fmt.Sprintf("%d of %d matching points lie on one map", l.Inliers, l.Matches))
		if m := motion(l); m != "" {
			say = append(say, m)
		}
		say = append(say, fmt.Sprintf("the first shows %.0f %% of the second, the second %.0f %% of the first", 100*l.OverlapB, 100*l.OverlapA))
		if l.Pixels.Compared > 0 {
			say = append(say, fmt.Sprintf("their pixels correlate by %.2f", l.Pixels.BlockNCC))
		} else {
			say = append(say, "the shared part is too small on the thumbnails to compare pixels")
		}
	} else {
		if l.Proposed {
			say = append(say, fmt.Sprintf("%d points agree, but not the pixels there", l.Inliers))
		} else {
			say = append(say, "the points agree on no map")
		}
		say = append(say, fmt.Sprintf("laid frame on frame (%s) the pixels correlate by %.2f", turnWord(l.Whole.Turn), l.Whole.Pixels.BlockNCC))
	}
	say = append(say, fmt.Sprintf("%d of 256 wavelet signs differ", e.Wavelet.Distance))
	return strings.Join(say, "; ")
}

// motion says how the first picture was turned, mirrored or scaled into the second.
func motion(l local.Evidence) string {
	var out []string
	if l.Mirrored {
		out = append(out, "mirrored")
	}
	if d := math.Round(degrees(l.Transform)); math.Abs(d) >= uprightDegrees {
		out = append(out, fmt.Sprintf("turned by %.0f degrees", d))
	}
	if s := stretch(l); s >= uprightStretch {
		out = append(out, fmt.Sprintf("stretched by %.2f", s))
	}
	return strings.Join(out, ", ")
}

func turnWord(t raster.Turn) string {
	return [raster.Turns]string{"upright", "mirrored", "upside down and mirrored", "upside down",
		"turned and mirrored", "turned by 90 degrees", "turned by 270 degrees", "turned and mirrored the other way"}[t&7]
}
