//go:build unix

package pipeline_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// A scan that chooses workers, batch and memory by the machine it runs on: the
// zero Options. The disk ties package watch to the pipeline, as
// cmd/dedupidx/disk.go does.
func ExampleScan() {
	scan(pipeline.Options{})
	// Output:
	// 3 pictures, 2 of them extracted
	// photo copy.jpg best
	// photo.jpg best
	// small.jpg near
}

// A scan with two workers that commit four pictures each at a time, and tell how
// far they are.
func ExampleScan_workers() {
	var told bool
	scan(pipeline.Options{
		Budget:   pipeline.Budget{Workers: 2, Batch: 4},
		Progress: func(s pipeline.Snapshot) { told = told || s.Task == pipeline.Photos && s.Final },
	})
	fmt.Println("progress told:", told)
	// Output:
	// 3 pictures, 2 of them extracted
	// photo copy.jpg best
	// photo.jpg best
	// small.jpg near
	// progress told: true
}

// scan makes an index of a photo, its copy and a small version of it, and prints
// the group that they are.
func scan(o pipeline.Options) {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "example")
	check(err)
	defer os.RemoveAll(folder)
	photo := drawn.Scene(1, 480, 320)
	check(os.WriteFile(filepath.Join(folder, "photo.jpg"), drawn.JPEG(photo, 92), 0o600))
	check(os.WriteFile(filepath.Join(folder, "photo copy.jpg"), drawn.JPEG(photo, 92), 0o600))
	check(os.WriteFile(filepath.Join(folder, "small.jpg"), drawn.JPEG(drawn.Resize(photo, 320, 213), 80), 0o600))

	home, err := os.MkdirTemp("", "example")
	check(err)
	defer os.RemoveAll(home)
	x, err := index.Create(ctx, filepath.Join(home, "index.db"))
	check(err)
	defer x.Close()
	root, err := x.AddRoot(ctx, folder, 0)
	check(err)
	sum, err := pipeline.Scan(ctx, x, &disk{}, []index.Root{root}, o)
	check(err)
	fmt.Printf("%d pictures, %d of them extracted\n", sum.Files, sum.Decoded)
	for g, err := range x.ClusterRows(ctx, "normal", index.BySpace) {
		check(err)
		for _, row := range g.Rows {
			fmt.Println(filepath.Base(row.File.Path), row.Kind)
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
