package main

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// copula draws vectors of standard normal numbers that are correlated as measured.
type copula struct {
	lower [][]float64 // Cholesky factor, row by row
}

// shrink is what the measured correlations lose, so that the noise of a few
// hundred donors does not pass for structure (Ledoit and Wolf, Journal of
// Multivariate Analysis 88, 2004, section 3).
const shrink = 0.1

// newCopula takes a matrix of correlations, symmetric with ones on its diagonal.
// What is not positive definite is shrunk until it is.
func newCopula(correlation [][]float64) (copula, error) {
	for s := shrink; s < 1; s += 0.05 {
		if c, ok := cholesky(correlation, 1-s); ok {
			return c, nil
		}
	}
	return copula{}, fmt.Errorf("the correlations of the donors have no factor")
}

// cholesky factors the matrix with all but its diagonal multiplied by keep.
func cholesky(m [][]float64, keep float64) (copula, bool) {
	n := len(m)
	l := make([][]float64, n)
	for i := range n {
		l[i] = make([]float64, i+1)
		for j := range i + 1 {
			sum := m[i][j] * keep
			if i == j {
				sum = 1
			}
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			if i != j {
				l[i][j] = sum / l[j][j]
				continue
			}
			if sum < 1e-6 {
				return copula{}, false
			}
			l[i][i] = math.Sqrt(sum)
		}
	}
	return copula{l}, true
}

// draw fills z, as long as the matrix is wide.
func (c copula) draw(r *rand.Rand, z []float64) {
	for i := range z {
		z[i] = r.NormFloat64()
	}
	for i := len(z) - 1; i >= 0; i-- { // from below, so that what is above is still independent
		sum := 0.0
		for k, v := range c.lower[i] {
			sum += v * z[k]
		}
		z[i] = sum
	}
}

// correlate returns the correlations of the columns of samples. A column that
// never differs has none.
func correlate(samples [][]float64) [][]float64 {
	n, width := float64(len(samples)), len(samples[0])
	mean, sigma := make([]float64, width), make([]float64, width)
	for _, s := range samples {
		for i, v := range s {
			mean[i] += v / n
		}
	}
	for _, s := range samples {
		for i, v := range s {
			sigma[i] += (v - mean[i]) * (v - mean[i])
		}
	}
	out := make([][]float64, width)
	for i := range out {
		out[i] = make([]float64, width)
	}
	for _, s := range samples {
		for i := range width {
			di := s[i] - mean[i]
			for j := range i {
				out[i][j] += di * (s[j] - mean[j])
			}
		}
	}
	for i := range width {
		out[i][i] = 1
		for j := range i {
			if d := math.Sqrt(sigma[i] * sigma[j]); d > 0 {
				out[i][j] /= d
			}
			out[j][i] = out[i][j]
		}
	}
	return out
}

// chance is the share of normal numbers below z.
func chance(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// quantile is the number below which a share p of normal numbers lies.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
