package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// donor is a real photo: its row, its features and as they are stored.
type donor struct {
	content index.Content
	encoded map[string][]byte
	stages.Features
}

// fewDonors is what correlations of 256 bits need at the least; with 600 their
// error is 0.04.
const fewDonors = 12

// readDonors reads the contents of an index that have all features, by id.
func readDonors(ctx context.Context, path string) ([]donor, error) {
	x, err := index.OpenReader(ctx, path)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	roots, err := x.Roots(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, r := range roots {
		for folder, err := range x.Folders(ctx, r.ID) {
			if err != nil {
				return nil, err
			}
			files, err := x.FilesIn(ctx, r.ID, folder.Path)
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				if f.State == index.OK {
					ids = append(ids, f.Content)
				}
			}
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	contents, err := x.Contents(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := stages.List()
	encoded := make(map[int64]map[string][]byte, len(ids))
	for _, s := range list {
		found, err := x.Features(ctx, s.Name, s.Version, ids)
		if err != nil {
			return nil, err
		}
		for id, b := range found {
			if encoded[id] == nil {
				encoded[id] = make(map[string][]byte, len(list))
			}
			encoded[id][s.Name] = b
		}
	}
	var out []donor
	for _, id := range ids {
		e := encoded[id]
		if len(e) < len(list) {
			continue
		}
		f, err := stages.DecodeFeatures(e)
		if err != nil {
			return nil, fmt.Errorf("read content %d of %s: %w", id, path, err)
		}
		out = append(out, donor{contents[id], e, f})
	}
	if len(out) < fewDonors {
		return nil, fmt.Errorf("%s holds %d photos with all features, at least %d are needed: scan more into it", path, len(out), fewDonors)
	}
	return out, nil
}
