package jpeg

import (
	"bytes"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
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

// BenchmarkPhotos decodes photos at each scale and by image/jpeg. With -count it
// interleaves them, so that ratios can be taken on a machine that others use too.
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
		b.Run(p.name+"/image-jpeg", func(b *testing.B) {
			b.SetBytes(int64(len(p.data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := jpeg.Decode(bytes.NewReader(p.data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
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
