package jpeg

import (
	"os"
	"path/filepath"
	"testing"
)

// seeds adds drawn files and the small ones of the test photos where they are.
func seeds(f *testing.F) {
	for i, factors := range samplings {
		d := draw(uint64(i), 40, 24, factors...)
		d.restart = i % 3
		f.Add(d.encode())
		d.progressive = true
		f.Add(d.encode())
	}
	root := os.Getenv("DEDUPIDX_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "corpus")
	}
	for _, dir := range []string{"formats/jpeg", "bad/jpeg", "bad/flipped", "bad/truncated"} {
		paths, _ := filepath.Glob(filepath.Join(root, dir, "*.jpg"))
		for _, p := range paths {
			if data, err := os.ReadFile(p); err == nil && len(data) < 50_000 {
				f.Add(data)
			}
		}
	}
}

func FuzzReadHeader(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ReadHeader(data)
		if err != nil {
			return
		}
		if h.Width < 1 || h.Width > 65535 || h.Height < 1 || h.Height > 65535 || h.Model == "" || h.Blocks() < 1 || h.Memory(Full) < h.Blocks()*64 {
			t.Errorf("%+v", h)
		}
	})
}

func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var d Decoder
		limits := Limits{Memory: 16 << 20, Visits: 1_000_000}
		sum, hashErr := d.HashCoefficients(data, limits)
		if again, err := d.HashCoefficients(data, limits); again != sum || (err == nil) != (hashErr == nil) {
			t.Error("hashed twice, differs")
		}
		if img, err := d.Decode(data, Full, limits); hashErr == nil && (err != nil || img.Damage != nil) {
			t.Errorf("what is damaged has a hash: %v, %+v", err, img)
		}
		for s := Full; s <= Eighth; s *= 2 {
			img, err := d.Decode(data, s, Limits{Memory: 16 << 20, Visits: 1_000_000})
			if err != nil {
				continue
			}
			for _, p := range img.Planes {
				if p.Width < 1 || p.Height < 1 || p.Stride < p.Width || len(p.Pix) < p.Stride*p.Height {
					t.Errorf("plane of %d x %d, %d bytes", p.Width, p.Height, len(p.Pix))
				}
			}
			if m := img.Damage; m != nil && (!(m.Missing >= 0 && m.Missing < 1) || m.Offset < 0 || m.Offset > len(data) || m.Reason == "") {
				t.Errorf("%+v", *m)
			}
			again, err := d.Decode(data, s, Limits{Memory: 16 << 20, Visits: 1_000_000})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range img.Planes {
				if string(p.Pix) != string(again.Planes[i].Pix) {
					t.Error("decoded twice, differs")
				}
			}
		}
	})
}
