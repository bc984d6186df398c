package stages_test

import (
	"bytes"
	"image"
	"slices"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/raster/painted"
)

// odd are rasters at the edge of what a stage may be given.
func odd() map[string]*raster.Raster {
	return map[string]*raster.Raster{
		"one pixel": painted.Flat(7, 1, 1), "a line": painted.Flat(200, 512, 1), "a column": painted.Flat(0, 1, 512),
		"black": painted.Flat(0, 512, 384), "white": painted.Flat(255, 300, 512), "a scene": painted.Scene(1, 512, 341),
	}
}

// Every stage keeps the contract that ingest and dedup rely on.
func TestContract(t *testing.T) {
	for _, s := range stages.List() {
		t.Run(s.Name, func(t *testing.T) {
			for name, r := range odd() {
				feature := s.Extract(r)
				if !bytes.Equal(feature, s.Extract(r)) {
					t.Errorf("%s: two features of one raster", name)
				}
				if len(feature) == 0 || len(feature) > 16<<10 {
					t.Errorf("%s: a feature of %d bytes", name, len(feature))
				}
			}
			if s.Buckets == nil {
				return
			}
			testBuckets(t, s)
		})
	}
}

func testBuckets(t *testing.T, s stages.Stage) {
	for _, bad := range [][]byte{nil, {}, {99}, bytes.Repeat([]byte{1}, 7)} {
		if _, err := s.Buckets.Keys(bad); err == nil {
			t.Errorf("keys of foreign bytes % x", bad)
		}
		if _, err := s.Buckets.Probes(bad); err == nil {
			t.Errorf("probes of foreign bytes % x", bad)
		}
	}
	if flat, err := s.Buckets.Keys(s.Extract(painted.Flat(128, 512, 384))); err != nil || len(flat) != 0 {
		t.Errorf("a flat picture has %d keys, %v: it would meet every other", len(flat), err)
	}
	var features [][]byte
	var shows []uint64
	strangers := 0
	for seed := range uint64(6) {
		r := painted.Scene(seed, 480, 360)
		features = append(features, s.Extract(r))
		if seed < 2 {
			features = append(features, s.Extract(painted.Edited(r, func(m image.Image) *image.NRGBA { return imaging.Blur(m, 0.8) })),
				s.Extract(painted.Turn(r, 1)))
		}
		for len(shows) < len(features) {
			shows = append(shows, seed)
		}
	}
	for i, a := range features {
		if !proposes(t, s, a, a) {
			t.Errorf("picture %d does not find itself", i)
		}
		for j, b := range features[:i] {
			met := proposes(t, s, a, b)
			if met != proposes(t, s, b, a) {
				t.Errorf("pictures %d and %d: one finds the other, and is not found", i, j)
			}
			if met && shows[i] != shows[j] {
				strangers++
			}
		}
	}
	if !proposes(t, s, features[0], features[1]) {
		t.Error("a slightly blurred copy is not found")
	}
	// Drawn pictures are made of few shapes: some may meet, and are then told apart.
	if most := len(features) * (len(features) - 1) / 4; strangers > most {
		t.Errorf("%d pairs of other pictures meet, of %d", strangers, 2*most)
	}
}

// proposes asks the buckets of a stage in the way of index/dedup: does a, asking,
// meet b?
func proposes(t *testing.T, s stages.Stage, a, b []byte) bool {
	t.Helper()
	probes, err := s.Buckets.Probes(a)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.Buckets.Keys(b)
	if err != nil {
		t.Fatal(err)
	}
	stored := make(map[uint32]stages.Postings)
	for _, k := range keys {
		p := stored[k.Bucket]
		p.Contents, p.Low, p.High = append(p.Contents, 0), append(p.Low, uint32(k.Data)), append(p.High, uint32(k.Data>>32))
		stored[k.Bucket] = p
	}
	var hits []stages.Hit
	for _, p := range probes {
		for _, k := range keys {
			if p.Bucket == k.Bucket {
				hits = append(hits, stages.Hit{Probe: p, Stored: k})
			}
		}
	}
	if len(hits) == 0 {
		return false
	}
	if s.Buckets.Agree != nil {
		agree, heard := s.Buckets.Agree(hits), 0
		s.Buckets.Listen().Hear(probes, func(i int) stages.Postings { return stored[probes[i].Bucket] }, 1, -1,
			func(int, int) bool { return false }, func(int, []stages.Hit) { heard++ })
		if agree != (heard > 0) {
			t.Errorf("%d hits agree: %t, and a listener finds them %d times", len(hits), agree, heard)
		}
		if !agree {
			return false
		}
	}
	if s.Buckets.Confirm != nil {
		confirm, err := s.Buckets.Confirm(a)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := confirm(b, hits); err != nil || !ok {
			return false
		}
	}
	if s.Buckets.Near == nil {
		return true
	}
	near, err := s.Buckets.Near(a)
	if err != nil {
		t.Fatal(err)
	}
	strength, err := near(b)
	if err != nil {
		t.Fatal(err)
	}
	return strength > 0
}

// A posting carries no more data than its stage says is kept.
func TestKeyDataFitsItsWidth(t *testing.T) {
	for _, s := range stages.List() {
		if s.Buckets == nil {
			continue
		}
		keys, err := s.Buckets.Keys(s.Extract(painted.Scene(3, 512, 384)))
		if err != nil || len(keys) == 0 {
			t.Fatalf("%s: %d keys, %v", s.Name, len(keys), err)
		}
		for _, k := range keys {
			if s.Buckets.Width < 8 && k.Data>>(8*s.Buckets.Width) != 0 {
				t.Errorf("%s: data %x is more than %d bytes", s.Name, k.Data, s.Buckets.Width)
			}
		}
	}
}

func TestFeaturesReadBack(t *testing.T) {
	encoded := stages.ExtractAll(painted.Scene(4, 400, 300))
	if names := len(encoded); names != len(stages.List()) {
		t.Errorf("%d features of %d stages", names, len(stages.List()))
	}
	if _, err := stages.DecodeFeatures(encoded); err != nil {
		t.Error(err)
	}
	for _, s := range stages.List() {
		broken := make(map[string][]byte)
		for n, b := range encoded {
			broken[n] = slices.Clone(b)
		}
		broken[s.Name] = broken[s.Name][:len(broken[s.Name])/3]
		if _, err := stages.DecodeFeatures(broken); err == nil {
			t.Errorf("a cut feature of %s is read", s.Name)
		}
		delete(broken, s.Name)
		if _, err := stages.DecodeFeatures(broken); err == nil {
			t.Errorf("a missing feature of %s is no error", s.Name)
		}
		if _, err := stages.DecodeStanding(encoded[stages.Quality][:3]); err == nil {
			t.Error("a cut feature of quality has a standing")
		}
	}
}
