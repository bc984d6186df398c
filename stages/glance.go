package stages

import (
	"fmt"

	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// Bounds of the glance. Of two pictures whose keypoints propose no map only the whole
// frames can be copies, and then their thumbnails of 32x32 correlate; where the wavelet signs
// are near, too, as of an equalized copy, by less. Of 129,235 candidate pairs of the
// test photos and of training sets of cmd/fitjudge the judge calls 89 copies at the loosest cut
// though the keypoints propose nothing:
//
//	wavelet distance   called copies   their correlation   bound   of pairs of tiles, which are none, pass
//	at most 95         79              at least .67        .5      279 of 618
//	more               10              at least .97        .85     2,831 of 83,566
//
// So none is lost, with something to spare; cmd/fitjudge counts again what the bounds turn away.
const (
	glanceFrame     = 0.85
	glanceNearFrame = 0.5 // where wavelet says near
)

// Glance tells from evidence whether Decide would have looked at the pixels.
func Glance(e Evidence) bool {
	return e.Local.Proposed || framesAlike(e.Wavelet, e.Local.Whole.NCC)
}

func framesAlike(w wavelet.Evidence, ncc float64) bool {
	if w.Near() {
		return ncc >= glanceNearFrame
	}
	return ncc >= glanceFrame
}

// Decide is Judge over what Compare says of two pictures. But most strangers are turned
// away before pixels are compared, which is where the time would go; then looked is
// false. Like Judge it is a function of the two pictures, whichever comes first. It is the
// first stage of a cascade as of Viola and Jones, "Rapid object detection using a boosted
// cascade of simple features", 2001.
func (p Prepared) Decide(q Prepared) (v Verdict, looked bool) {
	m := p.local.Meet(q.local)
	if !m.Proposed() {
		if w := wavelet.Compare(p.Wavelet, q.Wavelet); !framesAlike(w, m.FrameNCC()) {
			return stranger(w, global.Compare(p.Global, q.Global)), false
		}
	}
	return Judge(p.compare(q, m.Evidence())), true
}

// stranger is the verdict over two pictures at whose pixels nobody looked.
func stranger(w wavelet.Evidence, g global.Evidence) Verdict {
	e := Evidence{Wavelet: w, Global: g}
	v := Verdict{
		Kind: None, Transform: raster.Identity(), Scores: scores(e),
		Reason: fmt.Sprintf("the points agree on no map, nor do the whole frames; %d of 256 wavelet signs differ", w.Distance),
	}
	delete(v.Scores, Color) // was not asked
	return v
}
