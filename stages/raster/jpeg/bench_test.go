package jpeg

import (
	"bytes"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gen2brain/jpegn"
)

// photo is a file to measure.
type photo struct {
	name string
	data []byte
}

// photos are camera files, cut to 12 megapixels, or to 24 by repeating them, encoded by
// cjpeg at quality 97 with half of the chroma each way, and made progressive by jpegtran.
func photos(tb testing.TB) []photo {
	tb.Helper()
	dir := corpus(tb, "camera-original")
	needTool(tb, "djpeg")
	needTool(tb, "cjpeg")
	needTool(tb, "jpegtran")
	var out []photo
	for _, size := range []struct {
		name, file string
		w, h       int
	}{{"12MP", "Nikon D3100.jpg", 4000, 3000}, {"24MP", "Leica T (Typ 701).jpg", 6000, 4000}} {
		ppm := run(tb, nil, "djpeg", "-pnm", filepath.Join(dir, size.file))
		fields := bytes.Fields(ppm[:30])
		w, _ := strconv.Atoi(string(fields[1]))
		h, _ := strconv.Atoi(string(fields[2]))
		pix := ppm[len(ppm)-3*w*h:]
		big := []byte("P6\n" + strconv.Itoa(size.w) + " " + strconv.Itoa(size.h) + "\n255\n")
		for y := range size.h {
			for x := 0; x < size.w; {
				n := min(size.w-x, w-x%w)
				big = append(big, pix[3*(y%h*w+x%w):][:3*n]...)
				x += n
			}
		}
		base := run(tb, big, "cjpeg", "-quality", "97", "-sample", "2x2")
		out = append(out, photo{size.name + "-baseline", base}, photo{size.name + "-progressive", run(tb, base, "jpegtran", "-progressive", "-copy", "none")})
	}
	data, err := os.ReadFile(filepath.Join(dir, "Canon EOS 450D.jpg"))
	if err != nil {
		tb.Fatal(err)
	}
	return append(out, photo{"12MP-422-camera", data})
}

// run gives the output of a program.
func run(tb testing.TB, input []byte, name string, args ...string) []byte {
	tb.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// BenchmarkPhotos decodes photos at each scale.
func BenchmarkPhotos(b *testing.B) {
	var d Decoder
	for _, p := range photos(b) {
		for _, scale := range []Scale{Eighth, Quarter, Half, Full} {
			b.Run(p.name+"/1:"+strconv.Itoa(int(scale)), func(b *testing.B) {
				b.SetBytes(int64(len(p.data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := d.Decode(p.data, scale, Limits{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkDecoders lets this package, image/jpeg and gen2brain/jpegn decode the same
// photos in turns, in full and at 1/8, so that ratios can be taken on a machine that others
// use too. The metrics are the least milliseconds of all rounds a photo, and how many times
// as long as this package at 1/8 the others take.
//
//	go test -run xxx -bench Decoders -benchtime 10x ./stages/raster/jpeg
func BenchmarkDecoders(b *testing.B) {
	sets := make(map[string][][]byte)
	for _, p := range photos(b) {
		sets[p.name] = [][]byte{p.data}
	}
	for _, path := range cameraOriginals(b) {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		sets["camera-original"] = append(sets["camera-original"], data)
	}
	var d Decoder
	ours := func(scale Scale) func([]byte) error {
		return func(data []byte) error { _, err := d.Decode(data, scale, Limits{}); return err }
	}
	other := func(scale int) func([]byte) error {
		return func(data []byte) error {
			_, err := jpegn.Decode(bytes.NewReader(data), &jpegn.Options{ScaleDenom: scale})
			return err
		}
	}
	decoders := []struct {
		name   string
		decode func([]byte) error
	}{
		{"ours-1/8", ours(Eighth)},
		{"jpegn-1/8", other(8)},
		{"ours-1/1", ours(Full)},
		{"jpegn-1/1", other(1)},
		{"image/jpeg", func(data []byte) error { _, err := jpeg.Decode(bytes.NewReader(data)); return err }},
	}
	for _, name := range []string{"camera-original", "12MP-baseline", "12MP-progressive", "24MP-baseline", "24MP-progressive"} {
		b.Run(name, func(b *testing.B) {
			files := sets[name]
			least := make([]float64, len(decoders)*len(files))
			for b.Loop() {
				for i, data := range files {
					for j, dec := range decoders {
						from := time.Now()
						if err := dec.decode(data); err != nil {
							b.Fatal(dec.name, err)
						}
						spent := time.Since(from).Seconds() * 1000
						if m := &least[i*len(decoders)+j]; *m == 0 || spent < *m {
							*m = spent
						}
					}
				}
			}
			sums := make([]float64, len(decoders))
			for i, m := range least {
				sums[i%len(decoders)] += m
			}
			for j, dec := range decoders {
				b.ReportMetric(sums[j]/float64(len(files)), dec.name+"-ms")
				b.ReportMetric(sums[j]/sums[0], dec.name+"-x")
			}
		})
	}
}

// cameraOriginals lists the cameras' sequential files.
func cameraOriginals(tb testing.TB) (paths []string) {
	all, _ := filepath.Glob(filepath.Join(corpus(tb, "camera-original"), "*.jpg"))
	for _, path := range all {
		if !strings.Contains(path, "Sony") { // progressive
			paths = append(paths, path)
		}
	}
	return paths
}

// BenchmarkSmall decodes a small picture with a Decoder that has its tables and with
// a new one.
func BenchmarkSmall(b *testing.B) {
	data := draw(1, 320, 240, [2]int{2, 2}, [2]int{1, 1}, [2]int{1, 1}).encode()
	var d Decoder
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Decode(data, Eighth, Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			if _, err := Decode(data, Eighth, Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
