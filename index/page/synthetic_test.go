package page_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// fill makes groups of three files whose contents are of a few drawn scenes: the
// photos themselves are nowhere, but their features are stored.
func fill(t testing.TB, x *index.Index, groups int) {
	t.Helper()
	ctx := context.Background()
	root, err := x.AddRoot(ctx, "/photos", 0)
	must(t, err)
	var features [][]index.Feature
	for seed := range uint64(20) {
		r, err := raster.Decode(ctx, drawn.JPEG(drawn.Scene(seed, 240, 160), 90), raster.Limits{})
		must(t, err)
		var list []index.Feature
		for _, s := range stages.List() {
			list = append(list, index.Feature{Stage: s.Name, Version: s.Version, Bytes: s.Extract(r)})
		}
		features = append(features, list)
	}
	day := time.Date(2020, 5, 17, 10, 30, 0, 0, time.UTC)
	for from := 0; from < groups; from += 500 {
		var batch index.Batch
		var names [][3]index.Hash
		for g := from; g < min(from+500, groups); g++ {
			var of [3]index.Hash
			for i := range of {
				of[i] = blake3.Sum256(fmt.Appendf(nil, "%d %d", g, i))
				batch.Contents = append(batch.Contents, index.ContentWrite{Content: index.Content{
					Hash: of[i], Size: 3_000_000, Width: 4000, Height: 3000, Format: "jpeg", Decoder: "test", Source: "full",
				}, Features: features[g%len(features)]})
				batch.Files = append(batch.Files, index.FileWrite{Hash: of[i], File: index.File{
					Place: index.Place{Root: root.ID, Folder: fmt.Sprintf("20%02d/album %d/%s", g%20, g/50, [3]string{"best", "web", "mail"}[i]), Name: fmt.Sprintf("p%d-%d.jpg", g, i)},
					State: index.OK, Stat: index.Stat{Size: 3_000_000, Mtime: day.Add(time.Duration(g) * time.Minute).UnixNano()},
				}})
			}
			names = append(names, of)
		}
		must(t, x.Write(ctx, batch))
		var clusters []index.Cluster
		for k, of := range names {
			c := index.Cluster{Space: 6_000_000, Similarity: 0.95, Files: 3, Path: fmt.Sprintf("/photos/%d", from+k)}
			for i, h := range of {
				content, _, err := x.ContentByHash(ctx, h)
				must(t, err)
				kind := [3]string{"best", "near", "transformed"}[i]
				if i == 0 {
					c.ID = content.ID
				}
				c.Members = append(c.Members, index.Member{Content: content.ID, Kind: kind, Similarity: 1 - float64(i)/100, Transform: index.Transform{1, 0, 0, 0, 1, 0}})
			}
			clusters = append(clusters, c)
		}
		must(t, x.WriteClusters(ctx, nil, map[string]index.Regrouped{"normal": {Clusters: clusters}}, nil))
	}
}
