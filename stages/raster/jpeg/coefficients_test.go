package jpeg

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A picture has one hash of its coefficients, however they are coded, and another as soon
// as a coefficient, a step of quantization, the size or the model is another.
func TestHashCoefficients(t *testing.T) {
	var d Decoder
	hash := func(draw *drawing) [32]byte {
		t.Helper()
		sum, err := d.HashCoefficients(draw.encode(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	seen := make(map[[32]byte]string)
	for i, factors := range samplings {
		plain := draw(uint64(40+i), 75, 53, factors...)
		want := hash(plain)
		if other, ok := seen[want]; ok {
			t.Errorf("%v has the hash of %s", factors, other)
		}
		seen[want] = "another sampling"
		for variant, change := range []func(*drawing){
			func(d *drawing) { d.apart = true },
			func(d *drawing) { d.restart = 1 },
			func(d *drawing) { d.progressive = true },
			func(d *drawing) { d.progressive, d.restart = true, 2 },
			func(d *drawing) { d.apart, d.restart, d.wide = true, 3, true },
			func(d *drawing) { d.head = []byte{0xFF, 0xE1, 0, 4, 1, 2} },
		} {
			other := *plain
			change(&other)
			if hash(&other) != want {
				t.Errorf("%v: variant %d has another hash", factors, variant)
			}
		}
		for variant, change := range []func(*drawing){
			func(d *drawing) { d.quant[63]++ },
			func(d *drawing) { d.width++ },
			func(d *drawing) {
				d.head = append([]byte{0xFF, markAPPE, 0, 14}, "Adobe\x00\x64\x00\x00\x00\x00\x02"...)
			},
		} {
			other := *plain
			change(&other)
			if variant == 2 && len(factors) != 4 {
				continue
			}
			if hash(&other) == want {
				t.Errorf("%v: change %d has the same hash", factors, variant)
			}
		}
		for _, k := range []int{0, 7, 63} { // the last block that holds samples
			for _, progressive := range []bool{false, true} {
				p := &plain.parts[len(plain.parts)-1]
				at := (p.rows-1)*p.stride + p.cols - 1
				p.blocks[at][k]++
				plain.progressive = progressive
				if hash(plain) == want {
					t.Errorf("%v: coefficient %d counts for nothing", factors, k)
				}
				p.blocks[at][k]--
			}
		}
	}
}

// What is damaged has no hash.
func TestHashDamaged(t *testing.T) {
	var d Decoder
	for _, progressive := range []bool{false, true} {
		draw := draw(5, 160, 160, [2]int{2, 1}, [2]int{1, 1}, [2]int{1, 1})
		draw.progressive = progressive
		data := draw.encode()
		_, err := d.HashCoefficients(data[:len(data)*3/4], Limits{})
		var f *FormatError
		if !errors.As(err, &f) {
			t.Errorf("progressive %t: %v", progressive, err)
		}
		var l *LimitError
		if _, err := d.HashCoefficients(data, Limits{Memory: 1000}); !errors.As(err, &l) {
			t.Errorf("progressive %t: %v", progressive, err)
		}
		if _, err := d.HashCoefficients(data, Limits{Visits: 10}); !errors.As(err, &l) {
			t.Errorf("progressive %t: %v", progressive, err)
		}
	}
	if _, err := d.HashCoefficients([]byte("GIF89a"), Limits{}); err == nil {
		t.Error("hash of a GIF")
	}
}

// What jpegtran makes of a photo without loss has its hash.
func TestHashLikeJpegtran(t *testing.T) {
	needTool(t, "jpegtran")
	var d Decoder
	n, files := 0, 0
	eachJPEG(t, func(name string, data []byte) {
		if n++; n%20 != 0 && !all || len(data) > 300_000 && !all || strings.HasPrefix(name, "bad/") {
			return
		}
		want, err := d.HashCoefficients(data, Limits{})
		if err != nil {
			var u *UnsupportedError
			if !errors.As(err, &u) {
				t.Errorf("%s: %v", name, err)
			}
			return
		}
		for _, args := range [][]string{{"-progressive"}, {"-optimize"}, {"-restart", "1", "-copy", "all"}} {
			cmd := exec.Command("jpegtran", args...)
			cmd.Stdin = bytes.NewReader(data)
			other, err := cmd.Output()
			if err != nil {
				return // it complains
			}
			if got, err := d.HashCoefficients(other, Limits{}); err != nil || got != want {
				t.Errorf("%s by jpegtran %v: %v, another hash", name, args, err)
			}
		}
		files++
	})
	t.Logf("%d files", files)
}

// BenchmarkHashCoefficients tells what the hash costs a byte of the file, beside a decoding
// at 1/8.
func BenchmarkHashCoefficients(b *testing.B) {
	var d Decoder
	for _, p := range photos(b) {
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(len(p.data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.HashCoefficients(p.data, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("camera-original", func(b *testing.B) {
		data, err := os.ReadFile(cameraOriginals(b)[0])
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := d.HashCoefficients(bytes.Clone(data), Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
