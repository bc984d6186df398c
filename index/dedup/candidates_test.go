package dedup

import (
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// seen are pictures with what the stages say of them: scenes with copies, turned,
// cut and framed, a collage of four, and strangers.
var seen = sync.OnceValues(func() ([]index.ContentWrite, error) {
	var images []image.Image
	var four [4]image.Image
	for i := range 6 {
		s := drawn.Scene(uint64(900+i), 300, 200)
		if i < 4 {
			four[i] = s
		}
		images = append(images, s, drawn.Resize(s, 240, 160))
		switch i {
		case 0:
			images = append(images, drawn.Turn(s), drawn.Crop(s, 0.05, 0.05, 1, 1))
		case 1:
			images = append(images, drawn.Mirror(s), drawn.Rotate(s, 5))
		case 2:
			images = append(images, drawn.Crop(s, 0.3, 0.25, 0.95, 0.9))
		}
	}
	for i := range 12 {
		images = append(images, drawn.Scene(uint64(950+i), 300, 200))
	}
	images = append(images, drawn.Collage(600, 400, four))
	return contentsOf(images)
})

// contentsOf are pictures as they are stored.
func contentsOf(images []image.Image) (out []index.ContentWrite, err error) {
	decoder := raster.NewDecoder(raster.DecoderOptions{})
	for i, img := range images {
		r, err := decoder.Decode(context.Background(), drawn.JPEG(img, 88), "")
		if err != nil {
			return nil, err
		}
		c := index.ContentWrite{Content: index.Content{Hash: index.Hash{byte(i * 37), byte(i), 1}, Size: 1000, Format: "jpeg"}}
		for _, s := range stages.List() {
			f := s.Extract(r)
			c.Features = append(c.Features, index.Feature{Stage: s.Name, Version: s.Version, Bytes: f})
			if s.Buckets == nil {
				continue
			}
			keys, err := s.Buckets.Keys(f)
			if err != nil {
				return nil, err
			}
			k := index.Keys{Stage: s.Name, Version: s.Version, Width: s.Buckets.Width}
			for _, key := range keys {
				k.Keys = append(k.Keys, index.Key(key))
			}
			c.Keys = append(c.Keys, k)
		}
		out = append(out, c)
	}
	return out, nil
}

func pictures(t testing.TB) []index.ContentWrite {
	t.Helper()
	list, err := seen()
	must(t, err)
	return list
}

// stored returns the matches of an index by the hashes of their ends.
func stored(t testing.TB, x *index.Index) map[string]index.Match {
	t.Helper()
	var ids []int64
	for i := range 100 {
		ids = append(ids, int64(i))
	}
	contents, err := x.Contents(t.Context(), ids)
	must(t, err)
	list, err := x.MatchesOf(t.Context(), ids)
	must(t, err)
	out := map[string]index.Match{}
	for _, m := range list {
		a, b := contents[m.A].Hash, contents[m.B].Hash
		m.A, m.B = 0, 0
		out[fmt.Sprintf("%d-%d", a[1], b[1])] = m
	}
	return out
}

func compareAll(t testing.TB, x *index.Index, workers int) (sum Counts) {
	t.Helper()
	for {
		c, done, err := Compare(t.Context(), x, Options{Workers: workers})
		must(t, err)
		sum.Voted += c.Voted
		sum.Candidates += c.Candidates
		sum.Looked += c.Looked
		sum.Matches += c.Matches
		if done {
			return sum
		}
	}
}

// The matches are the same in whatever order and in whatever batches contents are
// stored and asked, and so is the number of candidates.
func TestBatchesDoNotMatter(t *testing.T) {
	list := pictures(t)
	version := Version(stages.List())
	x := newIndex(t)
	must(t, x.Write(t.Context(), index.Batch{Contents: list}))
	first := compareAll(t, x, 1)
	want := stored(t, x)
	if len(want) < 12 {
		t.Errorf("only %d matches in the set", len(want))
	}
	for seed := range uint64(4) {
		if raceDetector && seed > 1 {
			break
		}
		r := rand.New(rand.NewPCG(seed, 1))
		list := slices.Clone(list)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		x := newIndex(t)
		var candidates int64
		o := Options{Workers: 3}.withDefaults()
		if seed == 1 {
			o.heldHits = 1 // each asker is confirmed before the next is heard
		}
		if seed == 0 { // all stored, and asked one by one
			must(t, x.Write(t.Context(), index.Batch{Contents: list}))
		}
		for len(list) > 0 {
			n := min(len(list), 1+r.IntN(9))
			if seed == 0 {
				n = 1
			} else {
				must(t, x.Write(t.Context(), index.Batch{Contents: list[:n]}))
			}
			batch, err := x.Uncompared(t.Context(), version, 1000)
			must(t, err)
			r.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
			batch = batch[:n]
			c, err := compareBatch(t.Context(), x, o, batch, version)
			must(t, err)
			candidates += c.Candidates
			list = list[n:]
		}
		if got := stored(t, x); !maps.Equal(got, want) {
			t.Errorf("order %d: %d matches, want %d", seed, len(got), len(want))
			for k := range want {
				if got[k] != want[k] {
					t.Errorf("%s: %+v, want %+v", k, got[k], want[k])
				}
			}
		}
		if candidates != first.Candidates {
			t.Errorf("order %d: %d candidates, want %d", seed, candidates, first.Candidates)
		}
	}
}

// What the buckets find is what a judge of all pairs finds, with the same verdict.
func TestCandidatesAgainstAllPairs(t *testing.T) {
	list := pictures(t)
	x := newIndex(t)
	must(t, x.Write(t.Context(), index.Batch{Contents: list}))
	c := compareAll(t, x, 2)
	got := stored(t, x)
	var all []pair
	contents := map[int64]index.Content{}
	for i := range list {
		content, _, err := x.ContentByHash(t.Context(), list[i].Hash)
		must(t, err)
		contents[content.ID] = content
	}
	ids := slices.Sorted(maps.Keys(contents))
	for i, a := range ids {
		for _, b := range ids[i+1:] {
			all = append(all, canonical(contents[a], contents[b]))
		}
	}
	judged, _, err := judge(t.Context(), x, Options{Workers: 2}.withDefaults(), all)
	must(t, err)
	if len(judged) != len(all) {
		t.Fatalf("%d verdicts of %d pairs", len(judged), len(all))
	}
	if c.Candidates > int64(len(all))/3 {
		t.Errorf("%d candidates of %d pairs", c.Candidates, len(all))
	}
	want, missed := 0, []string{}
	for _, m := range judged {
		key := fmt.Sprintf("%d-%d", contents[m.A].Hash[1], contents[m.B].Hash[1])
		found, ok := got[key]
		if m.Probability < stages.Loose.Cut() {
			if ok {
				t.Errorf("%s is stored, and the judge says %v", key, m.Probability)
			}
			continue
		}
		if want++; !ok {
			missed = append(missed, fmt.Sprintf("%s %s %.2f", key, m.Kind, m.Probability))
			continue
		}
		if found.Kind != m.Kind || found.Contains != m.Contains || found.Reason != m.Reason {
			t.Errorf("%s is stored as %+v, and judged %+v", key, found, m)
		}
	}
	t.Logf("%d of %d pairs are candidates; of %d matches missed: %s", c.Candidates, len(all), want, strings.Join(missed, ", "))
	if len(missed) > want/10 {
		t.Errorf("the buckets miss %d of %d matches", len(missed), want)
	}
}

// Where all pictures of an index are new each pair is asked once, by the one that came
// later; one that is compared anew when all others are known asks them all. The pixels of strangers
// that met by chance are not looked at.
func TestPairsAreAskedOnce(t *testing.T) {
	list := pictures(t)[:9]
	x := newIndex(t)
	must(t, x.Write(t.Context(), index.Batch{Contents: list}))
	first := compareAll(t, x, 2)
	if first.Looked < first.Matches || first.Looked > first.Candidates {
		t.Errorf("the pixels of %d of %d candidates are looked at; %d are matches", first.Looked, first.Candidates, first.Matches)
	}
	var alone int64
	for i := range list {
		content, _, err := x.ContentByHash(t.Context(), list[i].Hash)
		must(t, err)
		must(t, x.WriteComparison(t.Context(), 0, []int64{content.ID}, nil))
		alone += compareAll(t, x, 2).Voted
	}
	if first.Voted == 0 || alone != 2*first.Voted {
		t.Errorf("%d pairs have the votes when all ask, %d when each asks alone; want the double", first.Voted, alone)
	}
}

// A pair of which a feature is missing is left out, and judged when it is there.
func TestMissingFeature(t *testing.T) {
	list := slices.Clone(pictures(t)[:2])
	whole := list[1]
	list[1].Features = slices.DeleteFunc(slices.Clone(list[1].Features), func(f index.Feature) bool { return f.Stage == stages.Color })
	x := newIndex(t)
	must(t, x.Write(t.Context(), index.Batch{Contents: list}))
	if c := compareAll(t, x, 1); c.Candidates != 1 || c.Matches != 0 {
		t.Errorf("%d candidates and %d matches, want 1 and 0", c.Candidates, c.Matches)
	}
	must(t, x.Write(t.Context(), index.Batch{Contents: []index.ContentWrite{whole}}))
	if c := compareAll(t, x, 1); c.Candidates != 1 || c.Matches != 1 {
		t.Errorf("with the feature %d candidates and %d matches, want 1 and 1", c.Candidates, c.Matches)
	}
}

// A picture whose data is that of another is a match without a judge.
func TestSamePictureData(t *testing.T) {
	list := slices.Clone(pictures(t)[14:18]) // strangers
	for i := range list {
		list[i].Picture = index.Hash{9}
	}
	list[3].Failure, list[3].Features, list[3].Keys = "is broken", nil, nil
	x := newIndex(t)
	for i := range list { // one after the other
		must(t, x.Write(t.Context(), index.Batch{Contents: list[i : i+1]}))
		compareAll(t, x, 1)
	}
	got := stored(t, x)
	if len(got) != 3 {
		t.Errorf("%d matches, want the 3 of three contents", len(got))
	}
	for k, m := range got {
		if m.Kind != "pixels" || m.Probability != 1 || m.Similarity != 1 || m.Transform != (index.Transform{1, 0, 0, 0, 1, 0}) {
			t.Errorf("%s is %+v", k, m)
		}
	}
}

// bucketStage is one whose pictures all have the same keys: n of one bucket.
func bucketStage(n int) stages.Stage {
	keys := func([]byte) ([]stages.Key, error) {
		out := make([]stages.Key, n)
		for i := range out {
			out[i] = stages.Key{Bucket: 7, Data: uint64(i)}
		}
		return out, nil
	}
	return stages.Stage{Name: "bucket", Version: 1, Buckets: &stages.Buckets{
		Width: 4, Keys: keys,
		Probes: func([]byte) ([]stages.Key, error) { return []stages.Key{{Bucket: 7}}, nil },
	}}
}

// A bucket that holds more than HotBucket is cut off there, and counted.
func TestHotBucket(t *testing.T) {
	for _, n := range []int{HotBucket, HotBucket + 1} {
		x := newIndex(t)
		s := bucketStage(n)
		keys, err := s.Buckets.Keys(nil)
		must(t, err)
		k := index.Keys{Stage: s.Name, Version: 1, Width: 4}
		for _, key := range keys {
			k.Keys = append(k.Keys, index.Key(key))
		}
		must(t, x.Write(t.Context(), index.Batch{Contents: []index.ContentWrite{
			{Content: index.Content{Hash: index.Hash{1}}, Keys: []index.Keys{k}}}}))
		var c Counts
		met, err := ask(t.Context(), x, Options{Workers: 1}.withDefaults(), s, []asker{{content: 99, feature: []byte{1}}}, &c)
		must(t, err)
		if len(met) != 1 || c.Hits != HotBucket || c.Hot != int64(n-HotBucket) {
			t.Errorf("of %d postings: %d meetings, %d hits, %d hot buckets", n, len(met), c.Hits, c.Hot)
		}
	}
}

// Where many share a bucket with a picture it is compared with those that share most, however they are
// spread over runs.
func TestMostShared(t *testing.T) {
	keys := func(feature []byte) (out []stages.Key, _ error) {
		for _, b := range feature {
			out = append(out, stages.Key{Bucket: uint32(b)})
		}
		return out, nil
	}
	s := stages.Stage{Name: "bare", Version: 1, Buckets: &stages.Buckets{Keys: keys, Probes: keys}}
	x := newIndex(t)
	features := []string{"a", "ab", "z", "b", "abc", "c", "bc", "y", "a", "ac", "b"}
	for i, f := range features {
		w := index.ContentWrite{Content: index.Content{Hash: index.Hash{byte(i), 1}}}
		ks, err := keys([]byte(f))
		must(t, err)
		k := index.Keys{Stage: s.Name, Version: 1}
		for _, key := range ks {
			k.Keys = append(k.Keys, index.Key(key))
		}
		w.Keys = []index.Keys{k}
		must(t, x.Write(t.Context(), index.Batch{Contents: []index.ContentWrite{w}}))
	}
	for most, want := range map[int]string{1: "abc", 4: "ab abc bc ac", 5: "a ab abc bc ac", 100: "a ab b abc c bc a ac b"} {
		var c Counts
		o := Options{Workers: 2, mostShared: most}.withDefaults()
		met, err := ask(t.Context(), x, o, s, []asker{{content: 99, feature: []byte("abc")}}, &c)
		must(t, err)
		var got []string
		for _, m := range met {
			got = append(got, features[m.stored-1])
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("at most %d: met %s, want %s", most, g, want)
		}
	}
}

// A stage that cannot read its feature ends the comparison and says of whom.
func TestBrokenFeature(t *testing.T) {
	list := slices.Clone(pictures(t)[:2])
	list[0].Features = slices.Clone(list[0].Features)
	list[0].Features[0].Bytes = []byte("nonsense")
	x := newIndex(t)
	must(t, x.Write(t.Context(), index.Batch{Contents: list}))
	_, _, err := Compare(t.Context(), x, Options{})
	if err == nil || !strings.Contains(err.Error(), "ask the buckets of wavelet for content 1") {
		t.Errorf("it says %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Compare(ctx, x, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it says %v", err)
	}
	if _, _, err := Regroup(ctx, x, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it says %v", err)
	}
}

// Version changes with the stages, so that contents are compared anew.
func TestVersion(t *testing.T) {
	list := stages.List()
	v := Version(list)
	list[1].Version++
	if w := Version(list); w == v || w == 0 || v == 0 {
		t.Errorf("versions %d and %d", v, w)
	}
}

// A picture that is not stored finds what a scan would, and Explain says the same
// of the two.
func TestQuery(t *testing.T) {
	list := pictures(t)
	x := newIndex(t)
	must(t, x.Write(t.Context(), index.Batch{Contents: list[1:]}))
	compareAll(t, x, 1)
	encoded := map[string][]byte{}
	for _, f := range list[0].Features {
		encoded[f.Stage] = f.Bytes
	}
	found, err := Query(t.Context(), x, Options{}, encoded, index.Hash{})
	must(t, err)
	var got []byte
	for i, f := range found {
		got = append(got, f.Content.Hash[1])
		if i > 0 && f.Verdict.Probability > found[i-1].Verdict.Probability {
			t.Error("the surest does not stand first")
		}
		other := map[string][]byte{}
		for _, g := range list[f.Content.Hash[1]].Features {
			other[g.Stage] = g.Bytes
		}
		_, v, err := Explain(encoded, other)
		must(t, err)
		if v.Kind != f.Verdict.Kind || v.Probability != f.Verdict.Probability || v.Transform != f.Verdict.Transform || v.Reason != f.Verdict.Reason {
			t.Errorf("picture %d: Query says %+v, Explain %+v", f.Content.Hash[1], f.Verdict, v)
		}
	}
	for _, n := range []byte{1, 2, 3} { // resized, turned, cropped
		if !slices.Contains(got, n) {
			t.Errorf("picture %d is not found, only %d", n, got)
		}
	}
	// With the hash of its picture data it is found whatever it looks like.
	stranger := list[20]
	stranger.Picture = index.Hash{5}
	must(t, x.Write(t.Context(), index.Batch{Contents: []index.ContentWrite{stranger}}))
	found, err = Query(t.Context(), x, Options{}, encoded, index.Hash{5})
	must(t, err)
	if !slices.ContainsFunc(found, func(f Found) bool { return f.Content.Hash == stranger.Hash && f.Verdict.Kind == stages.Pixels }) {
		t.Error("the same picture data is not found")
	}
	if _, err := Query(t.Context(), x, Options{}, map[string][]byte{}, index.Hash{}); err == nil {
		t.Error("a picture without features is no error")
	}
	for _, pair := range [][2]map[string][]byte{{encoded, nil}, {nil, encoded}} {
		if _, _, err := Explain(pair[0], pair[1]); err == nil {
			t.Error("a picture without features is no error")
		}
	}
}

// Study gives the evidence on which Compare's verdicts rest.
func TestStudy(t *testing.T) {
	list := pictures(t)[:8]
	x := newIndex(t)
	must(t, x.Write(t.Context(), index.Batch{Contents: list}))
	c := compareAll(t, x, 1)
	want := stored(t, x)
	contents, err := x.Contents(t.Context(), []int64{1, 2, 3, 4, 5, 6, 7, 8})
	must(t, err)
	var batch []index.Content
	for _, id := range slices.Sorted(maps.Keys(contents)) {
		batch = append(batch, contents[id])
	}
	pairs, err := Study(t.Context(), x, Options{}, batch)
	must(t, err)
	if int64(len(pairs)) != c.Candidates {
		t.Errorf("%d pairs, want the %d candidates", len(pairs), c.Candidates)
	}
	for _, p := range pairs {
		if !p.A.Hash.Less(p.B.Hash) {
			t.Error("the smaller hash does not stand first")
		}
		m, err := p.Match(stages.Judge(p.Evidence), 1)
		must(t, err)
		found, ok := want[fmt.Sprintf("%d-%d", p.A.Hash[1], p.B.Hash[1])]
		if ok != (m.Probability >= stages.Loose.Cut()) || ok && (found.Kind != m.Kind || found.Reason != m.Reason) {
			t.Errorf("Study says %+v, Compare %+v", m, found)
		}
	}
}
