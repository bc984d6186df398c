package stages

import (
	"fmt"

	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// Bounds of the glance. Of two pictures whose keypoints propose no map only the whole
// frames can be copies, and then a hash sees it, and so do small thumbnails: of 98,038
// candidate pairs of the test photos and of the training sets of cmd/fitjudge the judge
// called 72 copies at the loosest cut though the keypoints proposed nothing, and of them
//
//	                              those called copies   bound   of tiles of photos, that are none, pass
//	distances, either             at most 95, 2,500      105, 3,000      5 of 100
//	frame correlation             at least .72           .6      half of those
//
// So none is lost, with as much to spare. 85 of 100 candidates of a picture that is a copy of
// nothing, in an index full of tiles of photos, propose no map (MeasureVerify of index/dedup).
const (
	glanceWavelet = 105
	glanceGlobal  = 3000
	glanceFrame   = 0.6
)

// Decide is Judge over what Compare says of two pictures. But most strangers are turned
// away before pixels are compared, which is where the time would go; then looked is
// false. Like Judge it is a function of the two pictures, whichever comes first. It is the
// first stage of a cascade as of Viola and Jones, "Rapid object detection using a boosted
// cascade of simple features", 2001.
func (p Prepared) Decide(q Prepared) (v Verdict, looked bool) {
	m := p.local.Meet(q.local)
	if !m.Proposed() {
		w, g := wavelet.Compare(p.Wavelet, q.Wavelet).Distance, global.Compare(p.Global, q.Global).Distance
		if w > glanceWavelet && g > glanceGlobal || m.FrameNCC() < glanceFrame {
			return stranger(w, g), false
		}
	}
	return Judge(p.compare(q, m.Evidence())), true
}

// stranger is the verdict over two pictures at whose pixels nobody looked.
func stranger(waveletDistance, globalDistance int) Verdict {
	var e Evidence
	e.Wavelet.Distance, e.Global.Distance = waveletDistance, globalDistance
	v := Verdict{
		Kind: None, Transform: raster.Identity(), Scores: scores(e),
		Reason: fmt.Sprintf("the points agree on no map, nor do the whole frames; %d of 256 wavelet signs differ", waveletDistance),
	}
	delete(v.Scores, Color) // was not asked
	return v
}
