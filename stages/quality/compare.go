package quality

// Evidence is what two features say about each other. All of it is the same
// either way round; which one is better is told by [Better].
type Evidence struct {
	Pixels  float64 // pixels of the smaller picture over those of the larger, 0..1; 0 where unknown
	Aspect  float64 // ratio of the two aspects, long side over short, 0..1; 1 is the same shape
	Seen    int     // long side, in pixels, up to which both rasters show detail
	Damaged float64 // share of the more damaged one that could not be decoded, 0..1
	Preview bool    // either was decoded from a preview
}

// Compare returns the evidence of two features.
func Compare(a, b Feature) Evidence {
	return Evidence{
		Pixels:  ratio(uint64(a.Width)*uint64(a.Height), uint64(b.Width)*uint64(b.Height)),
		Aspect:  aspect(&a, &b),
		Seen:    min(int(a.Side)>>a.Missing, int(b.Side)>>b.Missing),
		Damaged: float64(max(a.Damaged, b.Damaged)) / 10000,
		Preview: a.Preview || b.Preview,
	}
}

// ratio is the smaller over the larger, 0 where both are 0.
func ratio(a, b uint64) float64 {
	if max(a, b) == 0 {
		return 0
	}
	return float64(min(a, b)) / float64(max(a, b))
}

// aspect compares long/short of a with that of b by products, which are exact.
func aspect(a, b *Feature) float64 {
	longA, shortA := uint64(max(a.Width, a.Height)), uint64(min(a.Width, a.Height))
	longB, shortB := uint64(max(b.Width, b.Height)), uint64(min(b.Width, b.Height))
	return ratio(longA*shortB, longB*shortA)
}
