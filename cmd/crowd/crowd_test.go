//go:build !race

package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/local"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// donorIndex is an index of drawn scenes.
func donorIndex(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "donor.db")
	x, err := index.Create(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	root, err := x.AddRoot(ctx, t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var b index.Batch
	for n := range uint64(fewDonors) {
		file := drawn.JPEG(drawn.Scene(n, 512, 384), 90)
		r, err := raster.NewDecoder(raster.DecoderOptions{}).Decode(ctx, file, "scene.jpg")
		if err != nil {
			t.Fatal(err)
		}
		w := index.ContentWrite{Content: index.Content{Hash: blake3.Sum256(file), Size: int64(len(file)), Width: 512, Height: 384, Format: "jpeg"}}
		for _, s := range stages.List() {
			w.Features = append(w.Features, index.Feature{Stage: s.Name, Version: s.Version, Bytes: s.Extract(r)})
		}
		b.Contents = append(b.Contents, w)
		b.Files = append(b.Files, index.FileWrite{Hash: w.Hash, File: index.File{
			Place: index.Place{Root: root.ID, Name: fmt.Sprint(n)}, State: index.OK}})
	}
	if err := x.Write(ctx, b); err != nil {
		t.Fatal(err)
	}
	return path
}

// fill runs the command until the index holds count contents.
func fill(t *testing.T, donors, path string, count int, more ...string) string {
	t.Helper()
	var out bytes.Buffer
	args := append([]string{"--donor", donors, "--index", path, "--count", fmt.Sprint(count), "--batch", "32"}, more...)
	if err := run(context.Background(), args, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCrowd(t *testing.T) {
	ctx := context.Background()
	donors := donorIndex(t)
	folder := t.TempDir()
	root := filepath.Join(folder, "crowd")
	const count = 400 // four groups have two members and more by then
	once, twice := filepath.Join(folder, "once.db"), filepath.Join(folder, "twice.db")
	fill(t, donors, once, count, "--root", root, "--compared")
	fill(t, donors, twice, count/2, "--root", root)
	fill(t, donors, twice, count, "--root", root) // goes on

	var out bytes.Buffer
	if err := run(ctx, []string{"--donor", donors}, &out); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte("postings met in asking")) {
		t.Errorf("it prints no histogram: %s", &out)
	}

	a, err := index.OpenReader(ctx, once)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := index.OpenReader(ctx, twice)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s, err := a.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if s.Contents != count || s.Uncompared != 0 || s.Flagged != 0 {
		t.Errorf("the index holds %d contents, %d not compared and %d not grouped; want %d, 0 and 0", s.Contents, s.Uncompared, s.Flagged, count)
	}
	want := []string{"0 313", "8 321 382", "69 130", "77 138"}
	if got := clusters(t, a); !slices.Equal(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
	for _, id := range []int64{1, 9, 70, 200, 201, count} { // across the place where one run was stopped
		x, err := a.Features(ctx, stages.Local, local.Version, []int64{id})
		if err != nil {
			t.Fatal(err)
		}
		y, err := b.Features(ctx, stages.Local, local.Version, []int64{id})
		if err != nil {
			t.Fatal(err)
		}
		if len(x[id]) == 0 || !bytes.Equal(x[id], y[id]) {
			t.Errorf("content %d differs where the run was stopped and went on", id)
		}
	}
	for id := int64(1); id <= count; id += 50 { // originals, copies, strangers: the keys are those of the keypoints
		f, err := a.Features(ctx, stages.Local, local.Version, []int64{id})
		if err != nil {
			t.Fatal(err)
		}
		l, err := local.Decode(f[id])
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range local.Keys(l)[:10] {
			found := false
			for tiles, err := range a.Tiles(ctx, stages.Local, local.Version, []uint32{k.Word}) {
				if err != nil {
					t.Fatal(err)
				}
				for _, tile := range tiles {
					b := tile.Bucket(0)
					for i, at := range b.Offsets {
						found = found || tile.Low+int64(at) == id && uint64(b.Low[i])|uint64(b.High[i])<<32 == k.Data
					}
				}
			}
			if !found {
				t.Fatalf("content %d has a keypoint of word %d, %#x, and no posting of it", id, k.Word, k.Data)
			}
		}
	}
}

// clusters are the numbers of the contents of each group, the groups by their first.
func clusters(t *testing.T, x *index.Index) (out []string) {
	t.Helper()
	for g, err := range x.ClusterRows(context.Background(), string(stages.Normal), index.ByPath) {
		if err != nil {
			t.Fatal(err)
		}
		var numbers []int
		for _, r := range g.Rows {
			var n int
			if _, err := fmt.Sscanf(r.File.Name, fileName, &n); err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, n)
		}
		slices.Sort(numbers)
		out = append(out, strings.Trim(fmt.Sprint(numbers), "[]"))
	}
	return out
}

func TestWrongUse(t *testing.T) {
	var out bytes.Buffer
	for _, args := range [][]string{{}, {"--donor", "x", "--count", "0"}, {"--donor", filepath.Join(t.TempDir(), "none.db")}} {
		if err := run(context.Background(), args, &out); err == nil {
			t.Errorf("crowd %v: no error", args)
		}
	}
}

func TestKindsOfABlock(t *testing.T) {
	var grouped, flat, hot int
	for n := range block {
		switch k := kindOf(n); {
		case k.family > 0:
			grouped++
		case k.flat:
			flat++
		case k.hot:
			hot++
		}
	}
	if grouped != 30 || flat != 10 || hot != 1 {
		t.Errorf("of 1,000 contents %d stand in groups, %d are flat, %d hot; want 30, 10, 1", grouped, flat, hot)
	}
}
