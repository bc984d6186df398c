package stages

import "github.com/dedupidx/dedupidx/stages/raster"

// Kind says what two pictures are to each other.
type Kind string

const (
	None        Kind = "none"        // no copies
	Best        Kind = "best"        // in a report: the one that stands for its group
	Exact       Kind = "exact"       // the same bytes
	Pixels      Kind = "pixels"      // the same picture data in other wrapping
	Near        Kind = "near"        // whole frame on whole frame, upright
	Transformed Kind = "transformed" // turned, mirrored, cropped, warped or framed, sharing CoreShare of the larger frame
	Partial     Kind = "partial"     // sharing less: a part of one is in the other
)

// Verdict is what the judge says of two pictures.
type Verdict struct {
	Kind        Kind
	Probability float64            // that they are copies, 0..1, in millionths
	Similarity  float64            // calibrated: of pairs at 0.95, about 95 % are copies
	Contains    int                // of a partial pair: 1 where the first contains the second, -1 the reverse, 0 neither
	Transform   raster.Affine      // first to second, in unit coordinates
	Scores      map[string]float64 // what each stage says for a copy, 0..1, by its name
	Reason      string             // in words
}

// Sensitivity is how sure a match must be to tie a group.
type Sensitivity string

const (
	Strict Sensitivity = "strict"
	Normal Sensitivity = "normal"
	Loose  Sensitivity = "loose"
)

// Sensitivities lists them, the strictest first.
var Sensitivities = []Sensitivity{Strict, Normal, Loose}

// Cut is the probability that a match must have. Nothing below the cut of Loose
// is stored.
func (s Sensitivity) Cut() float64 {
	switch s {
	case Strict:
		return 0.99
	case Loose:
		return 0.5
	}
	return 0.9
}
