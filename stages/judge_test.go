package stages_test

import (
	"image"
	"math"
	"strings"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/raster/painted"
)

func features(t testing.TB, img image.Image) stages.Features {
	t.Helper()
	f, err := stages.DecodeFeatures(stages.ExtractAll(painted.FromImage(imaging.Clone(img))))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What people do to a photo has the kind that the report's reader expects.
func TestKindsOfSameness(t *testing.T) {
	scene := drawn.Scene(11, 480, 320)
	original := features(t, scene)
	for _, c := range []struct {
		name     string
		edit     image.Image
		kind     stages.Kind
		contains int // of the pair original, edit
		says     string
	}{
		{"the same", scene, stages.Near, 0, ""},
		{"smaller", drawn.Resize(scene, 300, 200), stages.Near, 0, ""},
		{"grey", drawn.Grey(scene), stages.Near, 0, ""},
		{"turned", drawn.Turn(scene), stages.Transformed, 0, "turned by"},
		{"mirrored", drawn.Mirror(scene), stages.Transformed, 0, "mirrored"},
		{"cut a little", drawn.Crop(scene, 0.06, 0.06, 0.95, 0.95), stages.Transformed, 0, ""},
		{"cut to a part", drawn.Crop(scene, 0.3, 0.2, 0.9, 0.9), stages.Partial, 1, ""},
		{"another scene", drawn.Scene(12, 480, 320), stages.None, 0, ""},
	} {
		edit := features(t, c.edit)
		v := stages.Judge(stages.Compare(original, edit))
		if v.Kind != c.kind || v.Contains != c.contains {
			t.Errorf("%s: %s, contains %d, probability %v (%s); want %s, %d", c.name, v.Kind, v.Contains, v.Probability, v.Reason, c.kind, c.contains)
		}
		if !strings.Contains(v.Reason, c.says) {
			t.Errorf("%s: %q says nothing of %q", c.name, v.Reason, c.says)
		}
		for stage, score := range v.Scores {
			if score < 0 || score > 1 {
				t.Errorf("%s: %s scores %v", c.name, stage, score)
			}
		}
	}
}

// A verdict is the same whichever picture is named first.
func TestVerdictIsSymmetric(t *testing.T) {
	scene := drawn.Scene(21, 420, 300)
	all := []stages.Features{
		features(t, scene), features(t, drawn.Turn(scene)), features(t, drawn.Mirror(scene)),
		features(t, drawn.Crop(scene, 0.2, 0.2, 0.8, 0.8)), features(t, drawn.Rotate(scene, 9)), features(t, drawn.Scene(22, 420, 300)),
	}
	for i, a := range all {
		for j, b := range all {
			v, w := stages.Judge(stages.Compare(a, b)), stages.Judge(stages.Compare(b, a))
			if v.Probability != w.Probability || v.Kind != w.Kind || v.Contains != -w.Contains {
				t.Errorf("%d and %d: %+v one way, %+v the other", i, j, v, w)
			}
			if v.Kind == stages.None {
				continue
			}
			x, y := v.Transform.Apply(0.4, 0.3)
			if x, y = w.Transform.Apply(x, y); math.Hypot(x-0.4, y-0.3) > 1e-4 {
				t.Errorf("%d and %d: there and back moves (0.4, 0.3) to (%v, %v)", i, j, x, y)
			}
		}
	}
}

// The transform of a verdict lays the one picture on the other.
func TestVerdictAligns(t *testing.T) {
	scene := drawn.Scene(31, 480, 320)
	v := stages.Judge(stages.Compare(features(t, scene), features(t, drawn.Crop(scene, 0.1, 0.05, 0.9, 0.95))))
	// The crop begins 48 and 16 pixels from the corner and is 384 x 288.
	x, y := v.Transform.Apply(240.0/480, 160.0/480)
	if math.Hypot(x*384-(240-48), y*384-(160-16)) > 1.5 {
		t.Errorf("the middle lies at %.1f, %.1f of the crop, want 192, 144", x*384, y*384)
	}
}

// Flat pictures give no reason to call them copies of a scene, and none of each other.
func TestFlatPicturesAreNoCopies(t *testing.T) {
	read := func(r *raster.Raster) stages.Features {
		f, err := stages.DecodeFeatures(stages.ExtractAll(r))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	black, white, scene := read(painted.Flat(0, 512, 384)), read(painted.Flat(255, 512, 384)), read(painted.Scene(5, 512, 384))
	for name, pair := range map[string][2]stages.Features{"black and white": {black, white}, "black and a scene": {black, scene}} {
		if v := stages.Judge(stages.Compare(pair[0], pair[1])); v.Probability >= stages.Normal.Cut() {
			t.Errorf("%s: %s at %v: %s", name, v.Kind, v.Probability, v.Reason)
		}
	}
}

// Of the evidence that has a direction, more never speaks against.
func TestJudgeIsMonotone(t *testing.T) {
	scene := drawn.Scene(41, 420, 300)
	e := stages.Compare(features(t, scene), features(t, drawn.Rotate(scene, 7)))
	was := 0.0
	for _, inliers := range []int{5, 8, 12, 20, 40, 80, 160} {
		e.Local.Inliers, e.Local.Matches = inliers, max(inliers, 200)
		v := stages.Judge(e)
		if v.Probability < was {
			t.Errorf("%d inliers: %v, with fewer %v", inliers, v.Probability, was)
		}
		was = v.Probability
	}
	was = 1
	e.Local.Inliers = 30
	for _, elsewhere := range []int{5, 20, 40, 80, 200} {
		e.Local.Matches = e.Local.Inliers + elsewhere
		v := stages.Judge(e)
		if v.Probability > was {
			t.Errorf("%d matches elsewhere: %v, with fewer %v", elsewhere, v.Probability, was)
		}
		was = v.Probability
	}
	was = 1
	for _, cells := range []int{0, 4, 16, 40} {
		e.Local.CellsContradicting = cells
		v := stages.Judge(e)
		if v.Probability > was {
			t.Errorf("%d cells contradict: %v, with fewer %v", cells, v.Probability, was)
		}
		was = v.Probability
	}
}

func TestCutsFall(t *testing.T) {
	was := 1.0
	for _, s := range stages.Sensitivities {
		if c := s.Cut(); c >= was || c < stages.Loose.Cut() {
			t.Errorf("%s cuts at %v, the stricter one at %v", s, c, was)
		}
		was = s.Cut()
	}
}

func TestBetter(t *testing.T) {
	scene := drawn.Scene(51, 480, 320)
	standing := func(img image.Image) stages.Standing {
		s, err := stages.DecodeStanding(stages.ExtractAll(painted.FromImage(imaging.Clone(img)))[stages.Quality])
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	large, small := standing(scene), standing(drawn.Resize(scene, 240, 160))
	if stages.Better(large, small) != 1 || stages.Better(small, large) != -1 || stages.Better(large, large) != 0 {
		t.Error("the larger picture is not the one to keep")
	}
}

// Two decodings of one picture are identical; one of another size, or with a region that is a
// little lighter, is not.
func TestIdentical(t *testing.T) {
	scene := drawn.Scene(7, 200, 140)
	a := features(t, scene)
	if !stages.Identical(a, features(t, scene)) {
		t.Error("a picture is not identical with itself")
	}
	other := features(t, drawn.Resize(scene, 198, 140))
	if stages.Identical(a, other) || stages.Identical(a, features(t, drawn.Grey(scene))) {
		t.Error("an edit is identical")
	}
	other = a
	other.Quality.Width++
	if stages.Identical(a, other) {
		t.Error("another width is identical")
	}
}
