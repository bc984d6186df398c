//go:build unix

package dedup

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dedupidx/dedupidx/index"
)

// TestMeasureStrangers prints what pictures cost that are copies of nothing, when they
// come to an index: those in the folder DEDUPIDX_STRANGERS of the index DEDUPIDX_CORPUS_INDEX, of
// which a copy is made. The time is that of the processors, for all of Compare. The folder comes as in a
// first scan; with DEDUPIDX_EACH=16 every sixteenth comes when all others are there.
//
//	go run ./cmd/tiles -o TILES DISTRACTORS
//	dedupidx --index crowd.db scan PHOTOS && dedupidx --index crowd.db scan TILES
//	DEDUPIDX_MEASURE=1 DEDUPIDX_CORPUS_INDEX=crowd.db DEDUPIDX_STRANGERS=TILES \
//	    go test -run MeasureStrangers -v -timeout 1h ./index/dedup
func TestMeasureStrangers(t *testing.T) {
	path, folder := os.Getenv("DEDUPIDX_CORPUS_INDEX"), os.Getenv("DEDUPIDX_STRANGERS")
	if os.Getenv("DEDUPIDX_MEASURE") == "" || path == "" || folder == "" {
		t.Skip("needs DEDUPIDX_MEASURE=1, DEDUPIDX_CORPUS_INDEX and DEDUPIDX_STRANGERS, a folder in that index")
	}
	each, err := strconv.Atoi(cmp.Or(os.Getenv("DEDUPIDX_EACH"), "1"))
	must(t, err)
	ctx := t.Context()
	was, err := index.OpenReader(ctx, path)
	must(t, err)
	copied := filepath.Join(t.TempDir(), "index.db")
	must(t, was.Backup(ctx, copied, nil))
	must(t, was.Close())
	x, err := index.Open(ctx, copied)
	must(t, err)
	defer x.Close()
	o := Options{Workers: 2}.withDefaults()
	all, err := x.Uncompared(ctx, -1, 1<<30) // no version is negative
	must(t, err)
	var old, fresh []int64
	n := 0
	for part := range slices.Chunk(all, 256) {
		var ids []int64
		for _, c := range part {
			ids = append(ids, c.ID)
		}
		files, err := x.FilesOf(ctx, ids)
		must(t, err)
		for _, id := range ids {
			if f := files[id]; len(f) > 0 && strings.HasPrefix(string(f[0].Path), folder) {
				if n++; n%each == 0 {
					fresh = append(fresh, id)
					continue
				}
			}
			old = append(old, id)
		}
	}
	must(t, x.WriteComparison(ctx, Version(o.Stages), old, nil))
	must(t, x.WriteComparison(ctx, 0, fresh, nil))
	var sum Counts
	spent := processors(t)
	for done := false; !done; {
		var c Counts
		c, done, err = Compare(ctx, x, o)
		must(t, err)
		sum.Contents, sum.Hits, sum.Voted = sum.Contents+c.Contents, sum.Hits+c.Hits, sum.Voted+c.Voted
		sum.Candidates, sum.Looked, sum.Matches = sum.Candidates+c.Candidates, sum.Looked+c.Looked, sum.Matches+c.Matches
	}
	spent = processors(t) - spent
	if sum.Contents == 0 {
		t.Fatalf("nothing of the index lies in %s", folder)
	}
	mean := func(n int64) float64 { return float64(n) / float64(sum.Contents) }
	t.Logf("%d pictures beside %d others: %.0f hits each, descriptors read of %.1f to confirm votes, %.1f candidates, pixels compared of %.2f, %d matches in all, %v of CPU each",
		sum.Contents, len(old), mean(sum.Hits), mean(sum.Voted), mean(sum.Candidates), mean(sum.Looked), sum.Matches, (spent / time.Duration(sum.Contents)).Round(10*time.Microsecond))
}

// processors is the time that this process has spent on them.
func processors(t *testing.T) time.Duration {
	var u unix.Rusage
	must(t, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
