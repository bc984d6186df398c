package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
)

var small = settings{trees: 40, leaves: 4, rate: 0.2, leafMin: 5, l2: 1, bins: 32, maxWeight: 4, signs: []int8{1, 0, -1}}

// made are pairs that are copies where the first number is large, but those of kind "odd", whose
// third is small and which are copies where the second is large.
func made(n int) []pair {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]pair, n)
	for i := range out {
		p := &out[i]
		p.x = []float64{rng.Float64(), rng.Float64(), 0.7 + 0.3*rng.Float64()}
		p.copy, p.weight = p.x[0] > 0.5, 1
		p.apart = []string{fmt.Sprint("g", i%40)}
		if i%5 == 0 {
			p.kinds, p.leave = [2]string{"odd", ""}, []string{"odd"}
			p.x[0], p.x[2] = p.x[0]/2, p.x[2]-0.7
			p.copy = p.x[1] > 0.5
		}
	}
	return out
}

func TestFoldsLeaveOutWhatAPairShows(t *testing.T) {
	d := division{folds: 5}
	var all []int
	for i := range 200 {
		p := pair{apart: []string{fmt.Sprint(i), fmt.Sprint(i + 1), fmt.Sprint(i + 2), fmt.Sprint(i + 3), fmt.Sprint(i + 4)}}
		out := d.out(&p)
		if !slices.IsSorted(out) || len(out) > mostOut || !slices.Contains(out, d.fold(p.apart[0])) {
			t.Fatalf("%v: folds %v, the first is %d", p.apart, out, d.fold(p.apart[0]))
		}
		if !d.touches(&p, out) || d.touches(&p, []int{9}) {
			t.Fatal("touches")
		}
		all = append(all, out...)
	}
	slices.Sort(all)
	if got := slices.Compact(all); !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("folds in use %v", got)
	}
	if other := (division{folds: 5, salt: 1}); !slices.ContainsFunc([]string{"a", "b", "c", "d"}, func(g string) bool { return d.fold(g) != other.fold(g) }) {
		t.Error("a salt changes nothing")
	}
	if got := commonFirst([]string{"a", "b", "c"}, []string{"c", "d"}); !slices.Equal(got, []string{"c", "a", "b", "d"}) {
		t.Errorf("common first: %v", got)
	}
}

// A kind that the trees have not seen is judged as the others are, and wrongly here.
func TestAKindLeftOutIsNotLearned(t *testing.T) {
	pairs, by := made(1000), division{folds: 5}
	right := func(scores []float64) (odd, rest float64) {
		var n, m float64
		for i, p := range pairs {
			ok := 0.0
			if (scores[i] > 0) == p.copy {
				ok = 1
			}
			switch {
			case p.kinds[0] == "odd" && p.copy:
				odd, n = odd+ok, n+1
			case p.kinds[0] == "":
				rest, m = rest+ok, m+1
			}
		}
		return odd / n, rest / m
	}
	scores := crossValidate(pairs, nil, false, by, small)
	odd, rest := right(scores)
	if odd < 0.8 || rest < 0.95 {
		t.Errorf("seen: %.2f of the odd ones and %.2f of the others are right", odd, rest)
	}
	without, _ := right(leaveKinds(pairs, nil, scores, "all", by, small))
	if without > 0.2 {
		t.Errorf("unseen: %.2f of the odd ones are right, seen %.2f", without, odd)
	}
	more := samplesOf(pairs) // the training sets hold the kind: it goes there, too
	if again, _ := right(leaveKinds(pairs, more, scores, "some,odd", by, small)); again > 0.2 {
		t.Errorf("%.2f of the odd ones are right where the training sets hold the kind", again)
	}
	alone := crossValidate(pairs, more, true, by, small)
	if _, rest := right(alone); rest < 0.95 {
		t.Errorf("%.2f are right by training sets alone", rest)
	}
}

func TestFit(t *testing.T) {
	samples := samplesOf(made(1000))
	m, again := fit(samples, small), fit(samples, small)
	rise, fall := math.Inf(-1), math.Inf(1)
	for k := range 100 {
		more, less := m.score([]float64{float64(k) / 100, 0.4, 0.5}), m.score([]float64{0.5, 0.4, float64(k) / 100})
		if more < rise || less > fall {
			t.Fatalf("at %d: %v after %v, which may only rise, and %v after %v, which may only fall", k, more, rise, less, fall)
		}
		rise, fall = more, less
		if more != again.score([]float64{float64(k) / 100, 0.4, 0.5}) {
			t.Fatal("two fits differ")
		}
	}
}

// The scores are fitted from far away too, where plain Newton steps run off.
func TestPlatt(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var copies []bool
	var scores, weights []float64
	for range 20000 {
		v := rng.NormFloat64() * 3
		copies, scores, weights = append(copies, rng.Float64() < logistic(0.5*v+1)), append(scores, v), append(weights, 1)
	}
	if scale, shift := platt(scores, copies, weights); math.Abs(scale-0.5) > 0.03 || math.Abs(shift-1) > 0.06 {
		t.Errorf("scale %.3f and shift %.3f, want 0.5 and 1", scale, shift)
	}
}

func TestKeptPairsComeBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.pairs")
	p := pair{Studied: dedup.Studied{A: index.Content{ID: 3, Width: 7}, B: index.Content{ID: 5}}, apart: []string{"g"},
		files: [2]string{"a", "b"}, leave: []string{"turn"}, sample: sample{copy: true, kinds: [2]string{"turn", ""}}}
	p.Evidence.Local.Proposed, p.Evidence.Local.Inliers = true, 9
	if err := writeKept(file, "labels", 4, []pair{p}); err != nil {
		t.Fatal(err)
	}
	got, err := readKept(file, "labels", 4)
	if err != nil || len(got) != 1 || got[0].A != p.A || got[0].Evidence != p.Evidence || !got[0].copy || got[0].kinds != p.kinds ||
		got[0].files != p.files || !slices.Equal(got[0].apart, p.apart) || !slices.Equal(got[0].leave, p.leave) || got[0].x[0] != 9 || got[0].weight != 1 {
		t.Errorf("%v, %+v", err, got)
	}
	for _, other := range []struct {
		labels  string
		version int64
	}{{"other", 4}, {"labels", 5}} {
		if got, err := readKept(file, other.labels, other.version); err != nil || len(got) > 0 {
			t.Errorf("%+v: %d pairs, %v", other, len(got), err)
		}
	}
	if got, err := readKept(file+"x", "labels", 4); err != nil || len(got) > 0 {
		t.Errorf("no file: %d pairs, %v", len(got), err)
	}
}
