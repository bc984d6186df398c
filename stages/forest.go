package stages

import "math"

// tree is a binary decision tree in arrays. Node i with Feature[i] >= 0 goes to
// Left[i] where the feature is at most Cut[i], else to Right[i]; with Feature[i]
// < 0 it is a leaf of value Cut[i].
type tree struct {
	Feature     []int8
	Cut         []float64
	Left, Right []uint8
}

// forest is a sum of trees whose value is the logarithm of the odds, made by
// gradient boosting (Friedman, "Greedy function approximation: a gradient boosting
// machine", 2001).
type forest struct {
	Base  float64
	Trees []tree
	// Scale and Shift calibrate the log-odds (Platt, "Probabilistic outputs for
	// support vector machines", 1999): fitted on pictures that the trees did not see.
	Scale, Shift float64
}

// probability evaluates the forest. The sum runs over multiples of 2^-20, so that
// it does not depend on a processor's rounding.
func (f *forest) probability(x []float64) float64 {
	sum := f.Base
	for i := range f.Trees {
		sum += f.Trees[i].value(x)
	}
	p := 1 / (1 + math.Exp(-(float64(f.Scale*sum) + f.Shift)))
	return math.Round(p*1e6) / 1e6
}

func (t *tree) value(x []float64) float64 {
	i := 0
	for t.Feature[i] >= 0 {
		if x[t.Feature[i]] <= t.Cut[i] {
			i = int(t.Left[i])
		} else {
			i = int(t.Right[i])
		}
	}
	return t.Cut[i]
}
