package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// withKeys is a content with given keys of the stage local.
func withKeys(name string, version int, keys []Key) ContentWrite {
	c := photo(name)
	feature := fmt.Appendf(nil, "%d %v", version, keys)
	c.Features = []Feature{{Stage: "local", Version: version, Bytes: feature}}
	c.Keys = []Keys{{Stage: "local", Version: version, Width: 4, Keys: keys}}
	return c
}

func drawKeys(r *rand.Rand, n int, buckets uint32) []Key {
	keys := make([]Key, n)
	for i := range keys {
		keys[i] = Key{r.Uint32N(buckets), uint64(r.Uint32())}
	}
	return keys
}

// What a look-up finds is what all postings hold, whatever runs they lie in,
// after merges of two levels, extraction anew, failure and pruning.
func TestLookupAgainstAllPostings(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	r := rand.New(rand.NewPCG(5, 6))
	stored := map[string][]Key{}
	for batch := range 22 { // 22 runs: one of level 2, one of level 1, two of level 0
		var b Batch
		for i := range 5 {
			name := fmt.Sprint(batch, " ", i)
			keys := drawKeys(r, r.IntN(80), 3000)
			stored[name] = keys
			b.Contents = append(b.Contents, withKeys(name, 1, keys))
		}
		if batch > 0 { // one that is extracted anew keeps half of its keys
			name := fmt.Sprint(batch-1, " 0")
			keys := append(slices.Clone(stored[name][len(stored[name])/2:]), Key{7, 7})
			stored[name] = append(stored[name], keys...)
			b.Contents = append(b.Contents, withKeys(name, 1, keys))
		}
		must(t, x.Write(ctx, b))
	}
	if n := number(t, x, "SELECT count(*) FROM posting_run WHERE level = 2"); n != 1 {
		t.Errorf("%d runs of level 2, want 1", n)
	}
	if n := number(t, x, "SELECT count(*) FROM posting_run"); n != 1+1+2 {
		t.Errorf("%d runs, want 4", n)
	}
	if n := number(t, x, "SELECT max(length(bytes)) FROM posting_block"); n > blockBytes {
		t.Errorf("a block of %d bytes", n)
	}

	var want []posting
	for name, keys := range stored {
		id := ids(t, x, name)[0]
		for _, k := range keys {
			want = append(want, posting{k, id})
		}
	}
	slices.SortFunc(want, comparePostings)
	want = slices.Compact(want)
	for _, share := range []int{1, 2, 100} {
		var keys []uint32
		for k := range uint32(3001) {
			if r.IntN(share) == 0 {
				keys = append(keys, k)
			}
		}
		asked := slices.DeleteFunc(slices.Clone(want), func(p posting) bool {
			_, ok := slices.BinarySearch(keys, p.Bucket)
			return !ok
		})
		if got := lookup(t, x, "local", 1, keys...); !slices.Equal(got, asked) {
			t.Errorf("%d keys: %d postings, want %d", len(keys), len(got), len(asked))
		}
	}
	if got := lookup(t, x, "local", 2, 7); len(got) != 0 {
		t.Errorf("another version finds %v", got)
	}
	if got := lookup(t, x, "local", 1); len(got) != 0 {
		t.Errorf("no key finds %v", got)
	}
}

// The postings of what was pruned, or has failed since, go with the next merge.
func TestMergeDropsWhatIsGone(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	for i := range runsOfLevel - 1 {
		must(t, x.Write(ctx, Batch{Contents: []ContentWrite{withKeys(fmt.Sprint(i), 1, []Key{{1, uint64(i)}})}}))
	}
	_, err := x.writer.ExecContext(ctx, "DELETE FROM content WHERE id = ?", ids(t, x, "0")[0])
	must(t, err)
	failed := withKeys("1", 1, nil)
	failed.Features, failed.Keys, failed.Failure = nil, nil, "cannot be decoded"
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{failed, withKeys("3", 1, []Key{{1, 3}})}}))

	var data []uint64
	for _, p := range lookup(t, x, "local", 1, 1) {
		data = append(data, p.Data)
	}
	if !slices.Equal(data, []uint64{2, 3}) {
		t.Errorf("after the merge: %v", data)
	}
	if n := number(t, x, "SELECT entries FROM posting_run"); n != 2 {
		t.Errorf("%d entries", n)
	}
}

func TestDropPostings(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{withKeys("a", 1, []Key{{1, 1}}), withKeys("b", 2, []Key{{1, 2}})}}))
	must(t, x.DropPostings(ctx, "local", 2))
	if got := lookup(t, x, "local", 1, 1); len(got) != 0 {
		t.Errorf("version 1 still finds %v", got)
	}
	if got := lookup(t, x, "local", 2, 1); len(got) != 1 {
		t.Errorf("version 2 finds %v", got)
	}
	if n := number(t, x, "SELECT count(*) FROM posting_block"); n != 1 {
		t.Errorf("%d blocks are left", n)
	}
	commits := x.Commits()
	must(t, x.DropPostings(ctx, "local", 2))
	if x.Commits() != commits {
		t.Error("dropping nothing was committed")
	}
}

// A run is a pure function of what goes in.
func TestRunsAreTheSameForTheSameBatches(t *testing.T) {
	dump := func() (all []string) {
		x := create(t)
		r := rand.New(rand.NewPCG(7, 8))
		for batch := range 9 {
			var b Batch
			for i := range 20 {
				b.Contents = append(b.Contents, withKeys(fmt.Sprint(batch, i), 1, drawKeys(r, 100, 1<<20)))
			}
			must(t, x.Write(t.Context(), b))
		}
		rows, err := x.writer.QueryContext(t.Context(), "SELECT id || ' ' || hex(bytes) FROM posting_block UNION ALL SELECT id || ' ' || first || ' ' || hex(keys) FROM posting_run ORDER BY 1")
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var s string
			must(t, rows.Scan(&s))
			all = append(all, s)
		}
		return all
	}
	if a, b := dump(), dump(); !slices.Equal(a, b) {
		t.Error("two indexes of the same batches hold other blocks")
	}
}

func TestLookupRefuses(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{withKeys("a", 1, []Key{{1, 1}, {5, 1}})}}))
	last := func(ctx context.Context, keys ...uint32) (err error) {
		for _, e := range x.Tiles(ctx, "local", 1, keys) {
			err = e
		}
		return err
	}
	for _, keys := range [][]uint32{{2, 1}, {1, 1}} {
		if err := last(ctx, keys...); err == nil || !strings.Contains(err.Error(), "sorted") {
			t.Errorf("keys %v: %v", keys, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := last(cancelled, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, damage := range []string{"x''", "x'02'", "x'0101010100000000'", "zeroblob(5000000)"} {
		_, err := x.writer.ExecContext(ctx, "UPDATE posting_block SET bytes = "+damage)
		must(t, err)
		if err := last(ctx, 1, 5); !errors.Is(err, errBlock) || !strings.Contains(err.Error(), "run 1") {
			t.Errorf("block %s: %v", damage, err)
		}
	}
	for _, row := range []string{"entries = 4611686018427387904", "entries = -1", "low = -9223372036854775808", "low = 0", "high = 9223372036854775807", "high = 0", "blocks = 4611686018427387904", "blocks = -1", "first = 0", "keys = zeroblob(5000000)", "keys = x''", "keys = x'ffffffffffffffffff01ffffffffffffffffff01'"} {
		y := create(t)
		must(t, y.Write(ctx, Batch{Contents: []ContentWrite{withKeys("a", 1, []Key{{1, 1}, {5, 1}})}}))
		_, err := y.writer.ExecContext(ctx, "UPDATE posting_run SET "+row)
		must(t, err)
		for _, e := range y.Tiles(ctx, "local", 1, []uint32{1, 5}) {
			err = e
		}
		if tooMany := row == "entries = 4611686018427387904"; errors.Is(err, errBlock) == tooMany { // the blocks say how many
			t.Errorf("run with %s: %v", row, err)
		}
	}
	_, err := x.writer.ExecContext(ctx, "UPDATE posting_block SET bytes = ?", encodeBlock([]posting{{Key{2, 1}, 1}}, 4))
	must(t, err)
	if err := last(ctx, 1); !errors.Is(err, errBlock) {
		t.Errorf("a block of other keys: %v", err)
	}
}

func TestKeysAreChecked(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	wide := withKeys("a", 1, []Key{{1, 1}})
	wide.Keys[0].Width = 9
	if err := x.Write(ctx, Batch{Contents: []ContentWrite{wide}}); err == nil {
		t.Error("nine bytes of data were taken")
	}
	other := withKeys("b", 1, []Key{{1, 1}})
	other.Keys[0].Width = 3
	if err := x.Write(ctx, Batch{Contents: []ContentWrite{withKeys("a", 1, []Key{{1, 1}}), other}}); err == nil {
		t.Error("two widths were taken")
	}
	cut := withKeys("c", 1, []Key{{1, 0x1234567890}})
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{cut}}))
	if got := lookup(t, x, "local", 1, 1); len(got) != 1 || got[0].Data != 0x34567890 {
		t.Errorf("of data, four bytes count: %x", got)
	}
	if x.Commits() != 1 {
		t.Errorf("%d commits", x.Commits())
	}
}

// In the loop of a look-up other questions may be asked, from as many
// goroutines as there are connections.
func TestQuestionsInsideLookup(t *testing.T) {
	x := create(t)
	must(t, x.Write(t.Context(), Batch{Contents: []ContentWrite{withKeys("a", 1, []Key{{1, 1}, {1, 2}})}}))
	done := make(chan error)
	for range readConnections {
		go func() {
			for tiles, err := range x.Tiles(t.Context(), "local", 1, []uint32{1}) {
				if err == nil {
					_, err = x.Contents(t.Context(), []int64{tiles[0].Low})
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range readConnections {
		must(t, <-done)
	}
}

func benchmarkBatch(r *rand.Rand, batch, contents, keys int) Batch {
	var b Batch
	for i := range contents {
		c := withKeys(fmt.Sprint(batch, " ", i), 1, drawKeys(r, keys, 1<<20))
		c.Features[0].Bytes = binary.BigEndian.AppendUint64(make([]byte, 12<<10), r.Uint64())
		b.Contents = append(b.Contents, c)
		b.Files = append(b.Files, fileOf(fmt.Sprint("folder", batch), fmt.Sprint(i, ".jpg"), fmt.Sprint(batch, " ", i)))
	}
	return b
}

// BenchmarkWrite commits 256 photos with 300 local keys and 12 KiB of features each.
func BenchmarkWrite(b *testing.B) {
	x := create(b)
	_, err := x.AddRoot(b.Context(), "/photos", 1)
	must(b, err)
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		batch := benchmarkBatch(r, i, 256, 300)
		b.StartTimer()
		must(b, x.Write(b.Context(), batch))
	}
}

// BenchmarkLookup asks for the keys of 256 photos in an index of 10,000.
func BenchmarkLookup(b *testing.B) {
	x := create(b)
	_, err := x.AddRoot(b.Context(), "/photos", 1)
	must(b, err)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 10_000 / 250 {
		must(b, x.Write(b.Context(), benchmarkBatch(r, i, 250, 300)))
	}
	var keys []uint32
	for _, k := range drawKeys(r, 256*300, 1<<20) {
		keys = append(keys, k.Bucket)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for tiles, err := range x.Tiles(b.Context(), "local", 1, keys) {
			must(b, err)
			for _, tile := range tiles {
				for i := range keys {
					n += len(tile.Bucket(i).Offsets)
				}
			}
		}
	}
	b.ReportMetric(float64(n)/float64(b.N), "postings/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(keys)), "ns/key")
}
