package raster

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkDecode decodes the untouched camera files, one an iteration.
func BenchmarkDecode(b *testing.B) {
	paths, _ := filepath.Glob(filepath.Join(corpus(b, "camera-original"), "*.jpg"))
	var files [][]byte
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, data)
	}
	b.ReportAllocs()
	n, pixels := 0, 0
	for b.Loop() {
		r, err := Decode(context.Background(), files[n%len(files)], Limits{})
		if err != nil {
			b.Fatal(paths[n%len(files)], err)
		}
		pixels += r.Picture.Width * r.Picture.Height
		n++
	}
	b.ReportMetric(float64(pixels)/1e6/b.Elapsed().Seconds(), "MP/s")
}

// BenchmarkReduce is the part of it that comes after the decoder.
func BenchmarkReduce(b *testing.B) {
	paths, _ := filepath.Glob(filepath.Join(corpus(b, "camera-original"), "*.jpg"))
	data, err := os.ReadFile(paths[0])
	if err != nil {
		b.Fatal(err)
	}
	d, err := decodeJPEG(context.Background(), data, Limits{}.withDefaults())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.raster(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d.width*d.height)/1e6*float64(b.N)/b.Elapsed().Seconds(), "MP/s")
}

// BenchmarkPictureHash hashes a camera file.
func BenchmarkPictureHash(b *testing.B) {
	paths, _ := filepath.Glob(filepath.Join(corpus(b, "camera-original"), "*.jpg"))
	data, err := os.ReadFile(paths[0])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, ok := PictureHash(data, JPEG, 1); !ok {
			b.Fatal("no hash")
		}
	}
}
