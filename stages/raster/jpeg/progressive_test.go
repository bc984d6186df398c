package jpeg

import (
	"bytes"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// difference is how far the samples of pictures lie apart.
type difference struct {
	most          int
	square, count float64
}

// add compares two decodings of one picture, padding left out.
func (d *difference) add(a, b *Image) {
	for i := range a.Planes {
		p, q := a.Planes[i], b.Planes[i]
		for y := range p.Height {
			for x := range p.Width {
				off := int(p.Pix[y*p.Stride+x]) - int(q.Pix[y*q.Stride+x])
				d.most = max(d.most, off, -off)
				d.square += float64(off * off)
				d.count++
			}
		}
	}
}

// rms is the root of the mean square.
func (d *difference) rms() float64 { return math.Sqrt(d.square / max(d.count, 1)) }

// The progressive and the sequential version of drawings are the same at each scale.
func TestProgressiveLikeSequential(t *testing.T) {
	for i, factors := range samplings {
		d := draw(uint64(20+i), 83, 61, factors...)
		sequential := d.encode()
		d.progressive, d.restart = true, i%3
		progressive := d.encode()
		for s := Full; s <= Eighth; s *= 2 {
			a, errA := Decode(sequential, s, Limits{})
			b, errB := Decode(progressive, s, Limits{})
			if errA != nil || errB != nil || a.Damage != nil || b.Damage != nil {
				t.Fatalf("%v at 1/%d: %v, %v", factors, s, errA, errB)
			}
			var off difference
			if off.add(a, b); off.most != 0 {
				t.Errorf("%v at 1/%d: differs by %d", factors, s, off.most)
			}
		}
	}
}

// The progressive and the baseline version of a photo, one made of the other by jpegtran,
// are the same at each scale. With DEDUPIDX_MEASURE all test photos are compared, and what
// the progressive version costs beside the baseline one at 1/4 is told.
func TestProgressiveLikeBaseline(t *testing.T) {
	needTool(t, "jpegtran")
	var d Decoder
	var off [9]difference
	var taken difference // at the scale of a side of 512
	var spent [9][2]time.Duration
	n, files := 0, 0
	eachJPEG(t, func(name string, data []byte) {
		h, err := ReadHeader(data)
		if n++; err != nil || n%3 != 0 && !all || strings.HasPrefix(name, "bad/") || len(data) > 1_500_000 && !all {
			return
		}
		to := "-progressive"
		if h.Progressive {
			to = "-optimize"
		}
		cmd := exec.Command("jpegtran", "-copy", "all", to)
		cmd.Stdin = bytes.NewReader(data)
		other, err := cmd.Output()
		if err != nil {
			return // 12 bits, lossless
		}
		files++
		baseline, progressive := data, other
		if h.Progressive {
			baseline, progressive = other, data
		}
		for s := Full; s <= Eighth; s *= 2 {
			from := time.Now()
			a, errA := d.Decode(baseline, s, Limits{})
			between := time.Now()
			b, errB := d.Decode(progressive, s, Limits{})
			if s == ScaleFor(h.Width, h.Height, 512) {
				spent[s][0] += between.Sub(from)
				spent[s][1] += time.Since(between)
			}
			if errA != nil || errB != nil || a.Damage != nil || b.Damage != nil || a.Progressive || !b.Progressive {
				t.Errorf("%s: %v, %v", name, errA, errB)
				return
			}
			before := off[s].most
			off[s].add(a, b)
			if off[s].most > before {
				t.Logf("%s at 1/%d: %d", name, s, off[s].most)
			}
			if s == ScaleFor(h.Width, h.Height, 512) {
				taken.add(a, b)
			}
		}
	})
	t.Logf("%d files; at their scales: largest difference %d, rms %.3f", files, taken.most, taken.rms())
	for s := Full; s <= Eighth; s *= 2 {
		t.Logf("1/%d: largest difference %d, rms %.3f; files of this scale: baseline %v, progressive %v",
			s, off[s].most, off[s].rms(), spent[s][0].Round(time.Millisecond), spent[s][1].Round(time.Millisecond))
		if off[s].most > 1 {
			t.Errorf("at 1/%d they differ by %d", s, off[s].most)
		}
	}
}
