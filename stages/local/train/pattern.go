package main

import (
	"bytes"
	"fmt"
	"go/format"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"sort"

	"github.com/dedupidx/dedupidx/stages/local"
)

const (
	candidates = 3000 // tests to choose from, each with its mirror image
	chosen     = 128
	perPhoto   = 40 // matched keypoints of each photo and copy
	reach      = 14
)

// drawn returns the candidates: the first point around the middle, the second
// likewise or around the first.
func drawn(rnd *rand.Rand) []local.Test {
	point := func(x, y, sigma float64) (int8, int8) {
		for {
			px, py := math.Round(x+sigma*rnd.NormFloat64()), math.Round(y+sigma*rnd.NormFloat64())
			if px*px+py*py <= reach*reach {
				return int8(px), int8(py)
			}
		}
	}
	var tests []local.Test
	for len(tests) < candidates {
		var t local.Test
		t.X1, t.Y1 = point(0, 0, 6.2)
		if rnd.IntN(2) == 0 {
			t.X2, t.Y2 = point(0, 0, 6.2)
		} else {
			t.X2, t.Y2 = point(float64(t.X1), float64(t.Y1), 4.5)
		}
		t.Radius = int8(2 + 2*rnd.IntN(2))
		// A test that is its own mirror image, or reversed by it, says nothing new.
		if m := t.Mirror(); (t.X1 == t.X2 && t.Y1 == t.Y2) || m == t || (m.X1 == t.X2 && m.Y1 == t.Y2 && m.X2 == t.X1 && m.Y2 == t.Y1) {
			continue
		}
		tests = append(tests, t)
	}
	return tests
}

// choose returns a Go file with the best tests, most telling first: ordered by
// how much more often they differ between strangers than between matches, and
// taken while they are not correlated with those taken before.
func choose(photos []gray) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	tests := drawn(rnd)
	all := append([]local.Test(nil), tests...)
	for _, t := range tests {
		all = append(all, t.Mirror())
	}
	// Answers of matched keypoints: side 0 in the photo, side 1 in the copy.
	var sides [2][][]uint64
	for _, g := range photos {
		copyOf, m := edited(g, rnd)
		pa, ba := local.Respond(g.raster(), all)
		pb, bb := local.Respond(copyOf.raster(), all)
		la, lb := longSide(g), longSide(copyOf)
		grow := math.Sqrt(math.Abs(m.Determinant()))
		taken := 0
		for i, p := range pa {
			x, y := m.Apply(float64(p.X)/2048*la, float64(p.Y)/2048*la)
			size := grow * pixel(g) * math.Exp2(float64(p.Level)/3)
			near, at := math.Inf(1), -1
			for j, q := range pb {
				other := pixel(copyOf) * math.Exp2(float64(q.Level)/3)
				d := math.Hypot(float64(q.X)/2048*lb-x, float64(q.Y)/2048*lb-y) / other
				if ratio := math.Abs(math.Log2(size / other)); ratio > 0.35 {
					continue
				} else if d += 2 * ratio; d < near {
					near, at = d, j
				}
			}
			if at < 0 || near > 2 {
				continue
			}
			// The angle as the map turns it.
			sin, cos := math.Sincos(float64(p.Angle) * 2 * math.Pi / local.Angles)
			want := math.Atan2(m.D*cos+m.E*sin, m.A*cos+m.B*sin)
			off := math.Remainder(want-float64(pb[at].Angle)*2*math.Pi/local.Angles, 2*math.Pi)
			if math.Abs(off) > 0.35 {
				continue
			}
			sides[0], sides[1] = append(sides[0], ba[i]), append(sides[1], bb[at])
			if taken++; taken == perPhoto {
				break
			}
		}
	}
	n := len(sides[0])
	fmt.Fprintf(os.Stderr, "%d matched keypoints\n", n)

	// Column i: the answers of test i over all keypoints.
	columns := func(side [][]uint64) [][]uint64 {
		out := make([][]uint64, len(all))
		for i := range out {
			out[i] = make([]uint64, (n+63)/64)
			for k, b := range side {
				out[i][k/64] |= b[i/64] >> (i % 64) & 1 << (k % 64)
			}
		}
		return out
	}
	// Strangers: each keypoint with one of some other photo.
	shifted := append(append([][]uint64(nil), sides[1][n/2:]...), sides[1][:n/2]...)
	ca, cb, cs := columns(sides[0]), columns(sides[1]), columns(shifted)
	differ := func(a, b []uint64) float64 {
		sum := 0
		for i := range a {
			sum += bits.OnesCount64(a[i] ^ b[i])
		}
		return float64(sum) / float64(n)
	}
	worth := make([]float64, candidates)
	order := make([]int, candidates)
	for i := range order {
		j := i + candidates
		order[i] = i
		worth[i] = differ(ca[i], cs[i]) + differ(ca[j], cs[j]) - differ(ca[i], cb[i]) - differ(ca[j], cb[j])
	}
	sort.SliceStable(order, func(i, j int) bool { return worth[order[i]] > worth[order[j]] })

	share := make([]float64, len(all))
	for i, c := range ca {
		ones := 0
		for _, w := range c {
			ones += bits.OnesCount64(w)
		}
		share[i] = float64(ones) / float64(n)
	}
	correlation := func(i, j int) float64 {
		both := 0
		for k := range ca[i] {
			both += bits.OnesCount64(ca[i][k] & ca[j][k])
		}
		v := math.Sqrt(share[i] * (1 - share[i]) * share[j] * (1 - share[j]))
		return math.Abs(float64(both)/float64(n)-share[i]*share[j]) / max(v, 1e-9)
	}
	var taken []int
	limit := 0.15
	for ; len(taken) < chosen; limit += 0.01 {
		taken = taken[:0]
	next:
		for _, i := range order {
			if len(taken) == chosen {
				break
			}
			if correlation(i, i+candidates) > limit {
				continue
			}
			for _, j := range taken {
				if correlation(i, j) > limit || correlation(i, j+candidates) > limit {
					continue next
				}
			}
			taken = append(taken, i)
		}
	}
	match, stranger := 0.0, 0.0
	for _, i := range taken {
		for _, j := range []int{i, i + candidates} {
			match, stranger = match+differ(ca[j], cb[j])/(2*chosen), stranger+differ(ca[j], cs[j])/(2*chosen)
		}
	}
	fmt.Fprintf(os.Stderr, "correlation at most %.2f; bits differ: matches %.3f, strangers %.3f\n", limit-0.01, match, stranger)

	var b bytes.Buffer
	fmt.Fprintf(&b, "// Code generated by stages/local/train; DO NOT EDIT.\n\npackage local\n\n"+
		"// pattern is the first half of the descriptor's tests; the other half mirrors it.\n"+
		"// Chosen from %d tests on %d matched keypoints: correlation at most %.2f, of the bits\n"+
		"// %.3f differ between matches and %.3f between strangers.\nvar pattern = [%d]Test{\n", candidates, n, limit-0.01, match, stranger, chosen)
	for _, i := range taken {
		t := tests[i]
		fmt.Fprintf(&b, "{%d, %d, %d, %d, %d},\n", t.X1, t.Y1, t.X2, t.Y2, t.Radius)
	}
	b.WriteString("}\n")
	out, err := format.Source(b.Bytes())
	if err != nil {
		return b.Bytes()
	}
	return out
}

func longSide(g gray) float64 { return float64(max(g.w, g.h)) }

// pixel is the size of a pixel of level 0, in pixels of the picture.
func pixel(g gray) float64 {
	if max(g.w, g.h) <= 256 {
		return 0.5
	}
	return 1
}
