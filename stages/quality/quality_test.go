package quality

import (
	"bytes"
	"image/jpeg"
	"math"
	"testing"
	"time"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"

	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/raster/painted"
)

// saved sends a raster through a JPEG file of the given quality.
func saved(tb testing.TB, r *raster.Raster, quality int) *raster.Raster {
	tb.Helper()
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, painted.ToImage(r), &jpeg.Options{Quality: quality}); err != nil {
		tb.Fatal(err)
	}
	img, err := jpeg.Decode(&buf)
	if err != nil {
		tb.Fatal(err)
	}
	return painted.FromImage(imaging.Clone(img))
}

// enlarged makes a picture of w pixels from one of 1/factor of it.
func enlarged(r *raster.Raster, factor int, filter imaging.ResampleFilter) *raster.Raster {
	small := imaging.Resize(painted.ToImage(r), r.Width/factor, r.Height/factor, imaging.Box)
	return painted.FromImage(imaging.Resize(small, r.Width, r.Height, filter))
}

func TestEnlarged(t *testing.T) {
	for seed := range uint64(6) {
		r := painted.Scene(seed, 480, 360)
		if f := Extract(r); f.Missing != 0 || f.RealPixels() != 480*360 {
			t.Errorf("seed %d: %d octaves missing, ratio %d", seed, f.Missing, f.Sharpness)
		}
		for _, c := range []struct{ factor, missing int }{{2, 1}, {4, 2}} {
			for name, filter := range map[string]imaging.ResampleFilter{"linear": imaging.Linear, "Lanczos": imaging.Lanczos} {
				e := enlarged(r, c.factor, filter)
				f, g := Extract(e), Extract(saved(t, e, 75))
				if int(f.Missing) < c.missing || int(g.Missing) < 1 {
					t.Errorf("seed %d, enlarged %d times, %s: %d octaves missing, as JPEG %d", seed, c.factor, name, f.Missing, g.Missing)
				}
				if Better(Extract(r), f) != 1 || Better(f, Extract(r)) != -1 {
					t.Errorf("seed %d, enlarged %d times: better than what is real", seed, c.factor)
				}
				// A small picture is as good as what was made from it, and smaller.
				half := Extract(painted.FromImage(imaging.Resize(painted.ToImage(r), r.Width/2, 0, imaging.Box)))
				if c.factor == 4 && Better(half, f) != 1 {
					t.Errorf("seed %d: half size loses to %d times enlarged", seed, c.factor)
				}
			}
		}
	}
}

func TestBlocksGrowWithCompression(t *testing.T) {
	for seed := range uint64(4) {
		r := painted.Scene(seed, 400, 304)
		before := Extract(r).Blocks
		if before > 25 {
			t.Errorf("seed %d: %d %% without compression", seed, before)
		}
		harsh := saved(t, r, 15)
		b := Extract(harsh).Blocks
		if b < 2*before+40 {
			t.Errorf("seed %d: %d %% at quality 15, %d %% before", seed, b, before)
		}
		// A cut moves the grid and does not hide it.
		cut := painted.FromImage(imaging.Crop(painted.ToImage(harsh), painted.ToImage(harsh).Rect.Inset(3)))
		if c := Extract(cut).Blocks; c < b/2 {
			t.Errorf("seed %d: %d %% after a cut, %d %% before", seed, c, b)
		}
		harsh.Picture.Width *= 4
		if c := Extract(harsh).Blocks; c != 0 {
			t.Errorf("seed %d: %d %% of a reduced raster", seed, c)
		}
	}
}

// A turned copy is about as good: blocks of detail lie elsewhere where a side is
// no multiple of them, and that is all.
func TestTurnedIsAsGood(t *testing.T) {
	for seed := range uint64(4) {
		r := saved(t, painted.Scene(seed, 400, 300), 40)
		f := Extract(r)
		for o := range raster.Turn(raster.Turns) {
			g := Extract(painted.Turn(r, o))
			if g.Missing != f.Missing || math.Abs(float64(g.Sharpness)-float64(f.Sharpness)) > 12 ||
				math.Abs(float64(g.Blocks)-float64(f.Blocks)) > 40 {
				t.Errorf("seed %d, turn %d: %+v, upright %+v", seed, o, g, f)
			}
		}
	}
}

// base is a whole JPEG of a camera.
func base() *raster.Raster {
	r := painted.Scene(1, 512, 384)
	r.Picture = raster.Picture{Format: raster.JPEG, Width: 4000, Height: 3000, Bytes: 4 << 20, Source: raster.Full,
		JPEGQuality: 93, Taken: time.Unix(1e9, 0), Camera: "Maker Model", GPS: true, Tags: 60}
	return r
}

func TestBetterKeepsWhatPeopleKeep(t *testing.T) {
	cases := []struct {
		name   string
		change func(p *raster.Picture) // makes base worse
		reason string
	}{
		{"damaged", func(p *raster.Picture) { p.Damaged = 1e-9; p.Width *= 2; p.Height *= 2 }, "whole, the other is damaged"},
		{"preview only", func(p *raster.Picture) { p.Source = raster.Preview }, "whole, the other is damaged"},
		{"smaller", func(p *raster.Picture) { p.Width, p.Height = 2000, 1500; p.JPEGQuality = 99 }, "more real resolution: 4000x3000 against 2000x1500"},
		{"enlarged", func(p *raster.Picture) { p.Width, p.Height, p.JPEGQuality, p.Bytes, p.Tags = 6000, 4500, 67, 2<<20, 0 },
			"more of the picture: 4000x3000, JPEG quality 93, 4.1 MB against 6000x4500, JPEG quality 67, 2.0 MB"},
		{"framed", func(p *raster.Picture) {
			p.Width, p.Height, p.JPEGQuality, p.Bytes, p.Taken = 4400, 3400, 80, 3<<19, time.Time{}
		},
			"more of the picture: 4000x3000, JPEG quality 93, 4.1 MB against 4400x3400, JPEG quality 80, 1.5 MB"},
		{"half as large with more care", func(p *raster.Picture) { p.Width, p.Height, p.JPEGQuality, p.Bytes = 2828, 2121, 98, 4<<20 },
			"more real resolution: 4000x3000 against 2828x2121"},
		{"compressed again", func(p *raster.Picture) { p.JPEGQuality = 60; p.Width += 80 }, "less compression damage: JPEG quality 93 against JPEG quality 60"},
		{"no origin", func(p *raster.Picture) { p.Camera = ""; p.GPS = false; p.Tags = 100 }, "more metadata: capture time, camera, place against capture time"},
		{"stripped", func(p *raster.Picture) { p.Taken, p.Camera, p.GPS, p.Tags = time.Time{}, "", false, 0 }, "more metadata: capture time, camera, place against none"},
		{"fewer tags", func(p *raster.Picture) { p.Tags = 20 }, "more metadata: 60 tags against 20"},
		{"slightly smaller", func(p *raster.Picture) { p.Width -= 8 }, "more real resolution: 4000x3000 against 3992x3000"},
		{"slightly compressed", func(p *raster.Picture) { p.JPEGQuality = 91 }, "less compression damage: JPEG quality 93 against JPEG quality 91"},
		{"a tag less", func(p *raster.Picture) { p.Tags-- }, "more metadata: 60 tags against 59"},
		{"a byte less", func(p *raster.Picture) { p.Bytes-- }, "more bytes: 4194304 against 4194303"},
		{"a GIF", func(p *raster.Picture) { p.Format = raster.GIF }, "better format: JPEG against GIF"},
	}
	good := Extract(base())
	for _, c := range cases {
		r := base()
		c.change(&r.Picture)
		worse := Extract(r)
		if Better(good, worse) != 1 || Better(worse, good) != -1 {
			t.Errorf("%s: Better says %d and %d", c.name, Better(good, worse), Better(worse, good))
		}
		if a, b := Reason(good, worse), Reason(worse, good); a != c.reason || b != c.reason {
			t.Errorf("%s: %q and %q, want %q", c.name, a, b, c.reason)
		}
	}
	if Better(good, good) != 0 || Reason(good, good) != "equal in quality" {
		t.Errorf("against itself: %d, %q", Better(good, good), Reason(good, good))
	}
	// Of camera raw nothing but a preview is decoded, and it is the original. A HEIC that
	// was looked at by its thumbnail is no worse for that.
	for _, format := range []raster.Format{raster.RAW, raster.HEIC} {
		original := base()
		original.Format, original.Source, original.JPEGQuality = format, raster.Preview, 0
		if Better(Extract(original), good) != 1 {
			t.Errorf("%s loses to its JPEG: %s", format, Reason(Extract(original), good))
		}
	}
	// A file in a newer format that does not come from a camera was made from the JPEG, whatever
	// it is called; the HEIC of a telephone was there before it.
	for _, format := range []raster.Format{raster.HEIC, raster.AVIF, raster.WebP, raster.JXL} {
		plain, made := base(), base()
		plain.Taken, plain.Camera, plain.GPS, plain.Tags, plain.JPEGQuality = time.Time{}, "", false, 0, 80
		made.Picture, made.Format, made.JPEGQuality, made.Bytes = plain.Picture, format, 0, 3<<20
		if Better(Extract(plain), Extract(made)) != 1 {
			t.Errorf("a JPEG loses to the %s made from it: %s", format, Reason(Extract(plain), Extract(made)))
		}
	}
	shot := base()
	shot.Format, shot.JPEGQuality, shot.Bytes = raster.HEIC, 0, 2<<20
	if Better(Extract(shot), good) != 1 {
		t.Errorf("a telephone's HEIC loses to its JPEG: %s", Reason(Extract(shot), good))
	}
	// A JPEG saved as PNG keeps its blocks, and is told by them.
	small := painted.Scene(1, 400, 304)
	small.Format = raster.PNG
	harsh := saved(t, small, 20)
	harsh.Format = raster.PNG
	if got, want := Reason(Extract(small), Extract(harsh)), "less compression damage: PNG against PNG with JPEG blocks"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// Sharpening gains nothing; a blurred copy loses.
	blurred, sharpened := base(), base()
	blurred.Luma = painted.Edited(base(), painted.MildEdits["blur"]).Luma
	sharpened.Luma = painted.Edited(base(), painted.MildEdits["sharper"]).Luma
	sharpened.JPEGQuality--
	if Better(good, Extract(blurred)) != 1 || Better(good, Extract(sharpened)) != 1 {
		t.Errorf("against blurred: %s; against sharpened: %s", Reason(good, Extract(blurred)), Reason(good, Extract(sharpened)))
	}
}

var anyFeature = rapid.Custom(func(t *rapid.T) Feature {
	small := func(name string, values ...uint16) uint16 { return rapid.SampledFrom(values).Draw(t, name) }
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	return Feature{
		Width: small("width", 0, 1, 640, 700, 4000, 65535), Height: small("height", 0, 3, 480, 500, 3000, 65535),
		Bytes: rapid.SampledFrom([]uint64{0, 1, 2, 90000, 4 << 20, 1 << 63}).Draw(t, "bytes"), Format: Format(rapid.IntRange(0, int(formats)-1).Draw(t, "format")),
		Preview: yes("preview"), Damaged: small("damaged", 0, 0, 1, 5, 5000, 10000), Reduced: yes("reduced"),
		Side: small("side", 1, 200, 512), Missing: uint8(small("missing", 0, 0, 1, 2, 3)),
		Sharpness: uint8(small("sharpness", 0, 100, 127, 190, 230, 255)), Blocks: uint8(small("blocks", 0, 29, 31, 255)),
		JPEGQuality: uint8(small("quality", 0, 1, 75, 80, 95, 100)),
		Taken:       yes("taken"), Camera: yes("camera"), GPS: yes("gps"), Tags: small("tags", 0, 1, 2, 3, 60),
	}
})

func TestBetterIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyFeature.Draw(t, "a"), anyFeature.Draw(t, "b"), anyFeature.Draw(t, "c")
		ab, bc, ac := Better(a, b), Better(b, c), Better(a, c)
		if ab != -Better(b, a) {
			t.Fatalf("a to b %d, b to a %d", ab, Better(b, a))
		}
		if (ab == 0) != (a == b) {
			t.Fatalf("%d between %+v and %+v", ab, a, b)
		}
		if ab >= 0 && bc >= 0 && ac < 0 || ab <= 0 && bc <= 0 && ac > 0 {
			t.Fatalf("not transitive: %d, %d, %d", ab, bc, ac)
		}
		if a.damage() == 0 && b.damage() > 0 && ab != 1 {
			t.Fatal("a damaged copy beats a whole one")
		}
		if r := Reason(a, b); r == "" || r != Reason(b, a) {
			t.Fatalf("reasons %q and %q", r, Reason(b, a))
		}
		if Compare(a, b) != Compare(b, a) {
			t.Fatalf("%+v and %+v", Compare(a, b), Compare(b, a))
		}
	})
}

func TestCompare(t *testing.T) {
	a := Feature{Width: 4000, Height: 3000, Side: 512}
	b := Feature{Width: 1500, Height: 2000, Side: 512, Missing: 2, Damaged: 2500, Preview: true}
	if got, want := Compare(a, b), (Evidence{Pixels: 0.25, Aspect: 1, Seen: 128, Damaged: 0.25, Preview: true}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := Compare(a, Feature{}); got.Pixels != 0 || got.Aspect != 0 {
		t.Errorf("unknown size: %+v", got)
	}
}

func TestFlatAndTiny(t *testing.T) {
	for _, r := range []*raster.Raster{painted.Flat(0, 1, 1), painted.Flat(255, 1, 512), painted.Flat(77, 512, 3), painted.Flat(200, 512, 512)} {
		if f := Extract(r); f.Missing != 0 || f.Blocks != 0 || f.Sharpness != 255 {
			t.Errorf("flat %dx%d: %+v", r.Width, r.Height, f)
		}
	}
	for _, size := range [][2]int{{2, 1}, {5, 7}, {31, 33}, {66, 1}, {1, 512}} {
		Extract(painted.Scene(1, size[0], size[1])) // must not panic
	}
}

func TestHostilePicture(t *testing.T) {
	r := painted.Flat(3, 2, 2)
	r.Picture = raster.Picture{Format: "no such", Width: -5, Height: 1 << 30, Bytes: -1, Damaged: math.NaN(), JPEGQuality: 1000, Tags: 1 << 20}
	f := Extract(r)
	if _, err := Decode(Encode(f)); err != nil {
		t.Error(err)
	}
	if f.Damaged != 10000 || f.Format != Unknown || f.Bytes != 0 {
		t.Errorf("%+v", f)
	}
}

// Every format of the raster has its own value, and its name.
func TestFormats(t *testing.T) {
	seen := map[Format]bool{}
	for _, f := range []raster.Format{raster.Unknown, raster.JPEG, raster.PNG, raster.GIF, raster.BMP, raster.TIFF,
		raster.WebP, raster.HEIC, raster.AVIF, raster.JXL, raster.RAW} {
		q := formatOf(f)
		if seen[q] || q.String() == "" {
			t.Errorf("%q is %d, %q", f, q, q)
		}
		seen[q] = true
	}
}

func TestQuarterOctave(t *testing.T) {
	for v := uint64(1); v < 1<<33; v += v/17 + 1 {
		want := 4 + int(math.Floor(4*math.Log2(float64(v))))
		if got := quarterOctave(v); got != want && math.Abs(math.Round(4*math.Log2(float64(v)))-4*math.Log2(float64(v))) > 1e-4 {
			t.Errorf("%d: %d, want %d", v, got, want)
		}
	}
}

func TestLog256(t *testing.T) {
	for v := uint64(1); v < 1<<62; v += v/17 + 1 {
		if got, want := log256(v), 256*math.Log2(float64(v)); float64(got) > want+1e-6 || float64(got) < want-1-1e-4 {
			t.Fatalf("%d: %d, want %.3f rounded down", v, got, want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFeature.Draw(t, "f")
		g, err := Decode(Encode(f))
		if err != nil || g != f {
			t.Fatalf("%v, got %+v of %+v", err, g, f)
		}
	})
}

func FuzzDecode(f *testing.F) {
	good := Encode(Extract(base()))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(append(bytes.Clone(good), 0))
	f.Add([]byte{})
	f.Add([]byte{Version + 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err == nil && !bytes.Equal(Encode(v), b) {
			t.Errorf("% x was taken for % x", b, Encode(v))
		}
		if err == nil {
			Reason(v, Extract(base()))
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	good := Encode(Extract(base()))
	with := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for _, b := range [][]byte{nil, good[:1], good[:encodedLen-1], append(bytes.Clone(good), 0), with(0, Version+1),
		with(13, byte(formats)), with(14, flagsEnd), with(16, 255), with(19, octaves+1), with(22, 101)} {
		if _, err := Decode(b); err == nil {
			t.Errorf("% x was taken", b)
		}
	}
}

func BenchmarkExtract(b *testing.B) {
	r := painted.Scene(1, 512, 384)
	for b.Loop() {
		Extract(r)
	}
}
