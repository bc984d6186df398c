package raster

import "testing"

// Go's encoder scales the same tables, so its files give their quality back. At 1 to
// 3 nearly all entries are 255.
func TestEstimateQuality(t *testing.T) {
	m := noise("nrgba", 8, 8, 1)
	for q := 1; q <= 100; q++ {
		info := readJPEG(encodeJPEG(t, m, q))
		if !info.lumaKnown {
			t.Fatal("no table")
		}
		if got := estimateQuality(&info.luma); got != q {
			t.Errorf("quality %d is taken for %d", q, got)
		}
	}
	ones := [64]uint16{}
	for i := range ones {
		ones[i] = 1
	}
	if got := estimateQuality(&ones); got != 100 {
		t.Errorf("no quantization is taken for %d", got)
	}
}
