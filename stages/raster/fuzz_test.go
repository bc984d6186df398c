package raster

import (
	"bytes"
	"context"
	"errors"
	"image/gif"
	"io"
	"testing"
)

// FuzzDecode decodes in this process: any bytes end as a raster or a failure, the same
// each time.
func FuzzDecode(f *testing.F) {
	small := noise("nrgba", 9, 7, 1)
	jpg := encodeJPEG(f, small, 60)
	f.Add(jpg)
	f.Add(behindSOI(jpg, segment(0xE1, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")))
	f.Add(jpg[:len(jpg)/2])
	for _, kind := range imageKinds {
		f.Add(encodePNG(f, noise(kind, 9, 7, 1)))
	}
	var b bytes.Buffer
	if err := gif.Encode(&b, noise("paletted", 9, 7, 1), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) { fuzzDecode(t, data, Decode) })
}

// FuzzDecodeForeign does the same for what the decode helper decodes.
func FuzzDecodeForeign(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00\x00\x01\x03\x00\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(tinyWebP())
	s := new(libraries)
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzDecode(t, data, func(ctx context.Context, data []byte, l Limits) (*Raster, error) {
			return decode(ctx, bytes.Clone(data), ByContent(data), l.withDefaults(), s.decode)
		})
	})
}

func fuzzDecode(t *testing.T, data []byte, decode func(context.Context, []byte, Limits) (*Raster, error)) {
	l := Limits{Pixels: 1 << 20, Memory: 16 << 20}
	r, err := decode(context.Background(), data, l)
	again, err2 := decode(context.Background(), data, l)
	if err != nil {
		var f *Failure
		if !errors.As(err, &f) || f.Reason == "" || f.Class == "" {
			t.Fatalf("no failure: %v", err)
		}
		if err2 == nil || err2.Error() != err.Error() {
			t.Fatalf("%v, then %v", err, err2)
		}
		return
	}
	if err2 != nil || !bytes.Equal(r.RGB, again.RGB) {
		t.Fatalf("another raster the second time: %v", err2)
	}
	if r.Width < 1 || r.Height < 1 || r.Width > Side || r.Height > Side || len(r.RGB) != 3*r.Width*r.Height || len(r.Luma) != r.Width*r.Height {
		t.Fatalf("raster of %d x %d in %d bytes", r.Width, r.Height, len(r.RGB))
	}
	if r.Orientation < 1 || r.Orientation > 8 || r.Damaged < 0 || r.Damaged > 0.5 || r.Picture.Width < 1 {
		t.Fatalf("%+v", r.Picture)
	}
}

// FuzzFrame reads what a broken helper may write.
func FuzzFrame(f *testing.F) {
	var b bytes.Buffer
	if err := writeFrame(&b, reply{ID: 7, Width: 2, Height: 1}, []byte{1, 2, 3, 4, 5, 6}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("DDX1\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Add([]byte("DDX1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p reply
		body, err := readFrame(bytes.NewReader(data), &p, 3*Side*Side)
		if err != nil {
			return
		}
		r, err := p.raster(body)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := writeFrame(&out, p, body); err != nil {
			t.Fatal(err)
		}
		var q reply
		body2, err := readFrame(&out, &q, 3*Side*Side)
		if err != nil || !bytes.Equal(body, body2) || q.ID != p.ID || q.Width != r.Width {
			t.Fatalf("written and read again: %v, %+v, %+v", err, p, q)
		}
	})
}

func TestFrames(t *testing.T) {
	for name, data := range map[string]string{
		"long body":   "DDX1\x00\x00\x00\x02\x00\x00\x00\x7f\xff\xff\xff\xff{}",
		"other magic": "XXXX\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00{}",
		"no JSON":     "DDX1\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00[[",
		"cut head":    "DDX1\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00{}",
		"cut":         "DDX1\x00\x00",
	} {
		var p reply
		if _, err := readFrame(bytes.NewReader([]byte(data)), &p, 100); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	var p reply
	if _, err := readFrame(bytes.NewReader(nil), &p, 0); !errors.Is(err, io.EOF) {
		t.Errorf("end between frames: %v", err)
	}
	if _, err := (&reply{Width: 513, Height: 1}).raster(make([]byte, 3*513)); err == nil {
		t.Error("a raster larger than Side")
	}
	if _, err := (&reply{Width: 2, Height: 2}).raster(make([]byte, 11)); err == nil {
		t.Error("a raster of too few bytes")
	}
}
