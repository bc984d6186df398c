package main

import (
	"math"
	"slices"
	"sort"
)

// sample is a pair of pictures: what the stages say, and whether it is a copy.
type sample struct {
	x      []float64
	copy   bool
	weight float64
	kinds  [2]string // of edit of the two; empty for originals and strangers
}

// settings of the boosting.
type settings struct {
	trees     int
	leaves    int     // of each tree
	rate      float64 // shrinkage
	leafMin   float64 // least weight in a leaf
	l2        float64
	signs     []int8 // monotone direction of each feature
	bins      int
	maxWeight float64 // bound of a leaf's value
}

// grown is a tree while it is built and after.
type grown struct {
	feature     []int
	cut         []float64 // of a leaf: its value
	left, right []int
}

func (t *grown) value(x []float64) float64 {
	i := 0
	for t.feature[i] >= 0 {
		if x[t.feature[i]] <= t.cut[i] {
			i = t.left[i]
		} else {
			i = t.right[i]
		}
	}
	return t.cut[i]
}

// model is a sum of trees over a base, in log-odds.
type model struct {
	base  float64
	trees []grown
}

func (m *model) score(x []float64) float64 {
	s := m.base
	for i := range m.trees {
		s += m.trees[i].value(x)
	}
	return s
}

// fit boosts trees on the logistic loss: second-order gain, histograms over
// quantile bins, leaf-wise growth, monotone directions kept by bounding the two
// sides of a split at their middle (as in Chen and Guestrin, "XGBoost", 2016).
func fit(samples []sample, s settings) model {
	n, features := len(samples), len(s.signs)
	cuts := make([][]float64, features)
	b := binned{features: features, bins: make([]uint8, n*features), sums: make([][3]float64, n)}
	for f := range features {
		cuts[f] = quantiles(samples, f, s.bins)
		for i := range samples {
			b.bins[i*features+f] = uint8(sort.SearchFloat64s(cuts[f], samples[i].x[f]))
		}
	}
	var pos, all float64
	for _, p := range samples {
		all += p.weight
		if p.copy {
			pos += p.weight
		}
	}
	m := model{base: math.Log(pos / (all - pos))}
	score := make([]float64, n)
	for i := range score {
		score[i] = m.base
	}
	for range s.trees {
		for i, p := range samples {
			q := 1 / (1 + math.Exp(-score[i]))
			y := 0.0
			if p.copy {
				y = 1
			}
			b.sums[i] = [3]float64{p.weight * (q - y), p.weight * q * (1 - q), p.weight}
		}
		t := grow(&b, cuts, s)
		for i := range samples {
			score[i] += t.value(samples[i].x)
		}
		m.trees = append(m.trees, t)
	}
	return m
}

// quantiles returns ascending cuts: x falls into bin k when it is at most cuts[k]
// and above cuts[k-1].
func quantiles(samples []sample, f, bins int) []float64 {
	v := make([]float64, len(samples))
	for i := range samples {
		v[i] = samples[i].x[f]
	}
	slices.Sort(v)
	distinct := slices.Compact(slices.Clone(v))
	var out []float64
	if len(distinct) <= bins {
		for i := 1; i < len(distinct); i++ {
			out = append(out, (distinct[i-1]+distinct[i])/2)
		}
		return out
	}
	for k := 1; k < bins; k++ {
		c := v[k*len(v)/bins]
		if len(out) == 0 || c > out[len(out)-1] {
			out = append(out, c)
		}
	}
	return out
}

// leaf is a node that may still be split.
type leaf struct {
	node     int
	hist     histograms
	rows     []int
	g, h     float64
	low, top float64 // bounds of its value
	best     split
}

type split struct {
	gain                   float64
	feature, bin           int
	gl, hl, gr, hr, vl, vr float64
}

// binned is the samples as the trees see them.
type binned struct {
	features int
	bins     []uint8      // of sample i and feature f at i*features+f
	sums     [][3]float64 // gradient, curvature and weight of a sample
}

func (b *binned) bin(i, f int) int { return int(b.bins[i*b.features+f]) }

func grow(b *binned, cuts [][]float64, s settings) grown {
	rows := make([]int, len(b.sums))
	var root leaf
	for i := range rows {
		rows[i] = i
		root.g += b.sums[i][0]
		root.h += b.sums[i][1]
	}
	root.rows, root.low, root.top = rows, -s.maxWeight, s.maxWeight
	t := grown{}
	add := func(value float64) int {
		t.feature, t.cut = append(t.feature, -1), append(t.cut, value)
		t.left, t.right = append(t.left, 0), append(t.right, 0)
		return len(t.cut) - 1
	}
	value := func(g, h float64) float64 { return -g / (h + s.l2) }
	root.node = add(s.rate * min(max(value(root.g, root.h), root.low), root.top))
	root.hist = b.count(root.rows)
	root.best = bestSplit(root, s)
	open := []leaf{root}
	for len(open) < s.leaves {
		k := -1
		for i := range open {
			if open[i].best.gain > 1e-9 && (k < 0 || open[i].best.gain > open[k].best.gain) {
				k = i
			}
		}
		if k < 0 {
			break
		}
		p := open[k]
		at := p.best
		left := leaf{g: at.gl, h: at.hl, low: p.low, top: p.top}
		right := leaf{g: at.gr, h: at.hr, low: p.low, top: p.top}
		middle := (at.vl + at.vr) / 2
		switch s.signs[at.feature] {
		case 1:
			left.top, right.low = middle, middle
		case -1:
			left.low, right.top = middle, middle
		}
		for _, i := range p.rows {
			if b.bin(i, at.feature) <= at.bin {
				left.rows = append(left.rows, i)
			} else {
				right.rows = append(right.rows, i)
			}
		}
		left.node, right.node = add(s.rate*at.vl), add(s.rate*at.vr)
		t.feature[p.node], t.cut[p.node] = at.feature, cuts[at.feature][at.bin]
		t.left[p.node], t.right[p.node] = left.node, right.node
		// The larger side is what the smaller leaves of their parent.
		small, large := &left, &right
		if len(right.rows) < len(left.rows) {
			small, large = large, small
		}
		small.hist = b.count(small.rows)
		large.hist = p.hist.minus(small.hist)
		left.best, right.best = bestSplit(left, s), bestSplit(right, s)
		open[k] = left
		open = append(open, right)
	}
	return t
}

// bins3 sums gradient, curvature and weight of the samples in each bin.
type bins3 [256][3]float64

type histograms []bins3 // by feature

// count sums rows by feature and bin, a sample at a time: its bins lie side by side.
func (b *binned) count(rows []int) histograms {
	out := make(histograms, b.features)
	for _, i := range rows {
		v := &b.sums[i]
		for f, bin := range b.bins[i*b.features : (i+1)*b.features] {
			k := &out[f][bin]
			k[0] += v[0]
			k[1] += v[1]
			k[2] += v[2]
		}
	}
	return out
}

// minus takes out of the sums, which it changes, what another side has.
func (a histograms) minus(b histograms) histograms {
	for f := range a {
		for k := range a[f] {
			for j := range a[f][k] {
				a[f][k][j] -= b[f][k][j]
			}
		}
	}
	return a
}

func bestSplit(l leaf, s settings) split {
	var best split
	clip := func(v float64) float64 { return min(max(v, l.low), l.top) }
	gain := func(g, h, v float64) float64 { return -(g*v + (h+s.l2)*v*v/2) }
	parent := gain(l.g, l.h, clip(-l.g/(l.h+s.l2)))
	for f := range l.hist {
		hist := &l.hist[f]
		var total float64
		for b := range hist {
			total += hist[b][2]
		}
		var gl, hl, wl float64
		for b := range 255 {
			gl, hl, wl = gl+hist[b][0], hl+hist[b][1], wl+hist[b][2]
			if hist[b][2] < 1e-9 || wl < s.leafMin {
				continue
			}
			if total-wl < s.leafMin {
				break
			}
			gr, hr := l.g-gl, l.h-hl
			vl, vr := clip(-gl/(hl+s.l2)), clip(-gr/(hr+s.l2))
			if s.signs[f] > 0 && vl > vr || s.signs[f] < 0 && vl < vr {
				continue
			}
			if n := gain(gl, hl, vl) + gain(gr, hr, vr) - parent; n > best.gain {
				best = split{n, f, b, gl, hl, gr, hr, vl, vr}
			}
		}
	}
	return best
}

// platt fits scale and shift of scores to what they turned out to be, by Newton
// steps on the logistic loss, halved where they lead uphill.
func platt(scores []float64, copies []bool, weights []float64) (scale, shift float64) {
	loss := func(scale, shift float64) float64 {
		sum := 0.0
		for i, s := range scores {
			v := scale*s + shift
			if copies[i] {
				v = -v
			}
			sum += weights[i] * (max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))))
		}
		return sum
	}
	scale = 1
	for range 50 {
		var ga, gb, haa, hab, hbb float64
		for i, s := range scores {
			p := 1 / (1 + math.Exp(-(scale*s + shift)))
			y := 0.0
			if copies[i] {
				y = 1
			}
			d, w := weights[i]*(p-y), weights[i]*p*(1-p)
			ga, gb = ga+d*s, gb+d
			haa, hab, hbb = haa+w*s*s, hab+w*s, hbb+w
		}
		det := (haa+1e-6)*(hbb+1e-6) - hab*hab
		if det <= 0 {
			break
		}
		da := ((hbb+1e-6)*ga - hab*gb) / det
		db := ((haa+1e-6)*gb - hab*ga) / det
		for was := loss(scale, shift); loss(scale-da, shift-db) > was && math.Abs(da)+math.Abs(db) > 1e-9; {
			da, db = da/2, db/2
		}
		scale, shift = scale-da, shift-db
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return scale, shift
}
