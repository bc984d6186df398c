package evaluate

import "math"

// Judged is a stored verdict on two contents: the labelled files that hold them, or one key
// of a stranger each, and the similarity, 0..1.
type Judged struct {
	A, B       []string
	Similarity float64
}

// Curve says how far similarity can be trusted: by ranges of it the share of pairs that are
// true, and by thresholds what is claimed and found.
type Curve struct {
	Bins       []Bin       `json:"bins"`
	Thresholds []Threshold `json:"thresholds"`
}

// Bin is the pairs whose similarity lies from Low to below High.
type Bin struct {
	Low   float64  `json:"low"`
	High  float64  `json:"high"`
	Mean  float64  `json:"mean"` // of their similarity
	True  int      `json:"true"`
	Of    int      `json:"of"`
	Share *float64 `json:"share"`
	// With 95 % the share among all pairs like these lies from From to To (Wilson's interval).
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// Threshold is what a cut at a similarity gives, pair by pair, before groups are made: of the
// pairs at least as similar how many are true, and of the copies how many have a
// verdict with their original that is at least as similar.
type Threshold struct {
	At        float64  `json:"at"`
	Claimed   int      `json:"claimed"`
	True      int      `json:"true"`
	Precision *float64 `json:"precision"`
	Found     int      `json:"found"`
	Of        int      `json:"of"`
	Recall    *float64 `json:"recall"`
}

var (
	binEdges   = [...]float64{0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1}
	thresholds = [...]float64{0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999}
)

// Curve measures verdicts against the labels. A pair with a file that has no label is false.
// Copies are the pixel, near and hard files, once each, and the partial ones, once for each
// picture that they share a part with. Files of equal bytes have no verdict and count nowhere.
func (l Labels) Curve(pairs []Judged) Curve {
	var c Curve
	r := Result{labels: l}
	best := map[Pair]float64{}
	truth := make([]bool, len(pairs))
	for i, p := range pairs {
		truth[i] = r.truth(p.A[0], p.B[0])
		for _, a := range p.A {
			for _, b := range p.B {
				k := Pair{min(a, b), max(a, b)}
				best[k] = max(best[k], p.Similarity)
			}
		}
	}
	for i, low := range binEdges[:len(binEdges)-1] {
		b := Bin{Low: low, High: binEdges[i+1]}
		for j, p := range pairs {
			if p.Similarity < b.Low || p.Similarity >= b.High && (b.High < 1 || p.Similarity > 1) {
				continue
			}
			b.Of++
			b.Mean += p.Similarity
			if truth[j] {
				b.True++
			}
		}
		if b.Of > 0 {
			b.Mean /= float64(b.Of)
			b.From, b.To = wilson(b.True, b.Of)
		}
		b.Share = share(b.True, b.Of)
		c.Bins = append(c.Bins, b)
	}
	copies := l.copies()
	for _, at := range thresholds {
		t := Threshold{At: at, Of: len(copies)}
		for j, p := range pairs {
			if p.Similarity >= at {
				t.Claimed++
				if truth[j] {
					t.True++
				}
			}
		}
		for _, k := range copies {
			if v, ok := best[k]; ok && v >= at {
				t.Found++
			}
		}
		t.Precision, t.Recall = share(t.True, t.Claimed), share(t.Found, t.Of)
		c.Thresholds = append(c.Thresholds, t)
	}
	return c
}

// copies are the pairs of a copy and its original that a verdict should be on.
func (l Labels) copies() []Pair {
	original := map[string]string{}
	for _, x := range l.list {
		if x.Relation == Original {
			original[x.Group] = x.Path
		}
	}
	var out []Pair
	add := func(path, group string) { // where the original has no file, nothing can be found
		o := original[group]
		out = append(out, Pair{min(path, o), max(path, o)})
	}
	for _, x := range l.list {
		switch x.Relation {
		case Pixel, Near, Hard:
			add(x.Path, x.Group)
		case Partial:
			for _, g := range x.Of {
				add(x.Path, g)
			}
		}
	}
	return out
}

// wilson is the 95 % interval of a share (E. B. Wilson, Probable inference, the law of
// succession, and statistical inference, 1927).
func wilson(n, of int) (from, to float64) {
	const z = 1.96
	p, m := float64(n)/float64(of), float64(of)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, middle-half), min(1, middle+half)
}
