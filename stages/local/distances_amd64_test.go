package local

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// Each way that this processor has gives what the plain loop does.
func TestEachWayOfDistances(t *testing.T) {
	ways := map[string]func(d, first *Descriptor, stride, eights int, out *uint8){}
	if cpu.X86.HasAVX2 {
		ways["AVX2"] = distancesAVX2
	}
	if countsBits() {
		ways["AVX-512"] = distancesAVX512
	}
	r := rand.New(rand.NewPCG(3, 4))
	draw := func() Descriptor { return Descriptor{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()} }
	for name, distances := range ways {
		for eights := range 5 {
			d := draw()
			points := make([]Point, 8*eights+1)
			for i := range points {
				points[i] = Point{X: uint16(r.Uint32()), Y: uint16(r.Uint32()), Descriptor: draw()}
			}
			points[0].Descriptor = Descriptor{^d[0], ^d[1], ^d[2], ^d[3]} // 256
			out := make([]uint8, 8*eights+1)
			out[8*eights] = 77
			distances(&d, &points[0].Descriptor, int(unsafe.Sizeof(Point{})), eights, &out[0])
			for i, v := range out[:8*eights] {
				if want := min(Distance(d, points[i].Descriptor), 255); int(v) != want {
					t.Errorf("%s, point %d of %d: %d, want %d", name, i, 8*eights, v, want)
				}
			}
			if out[8*eights] != 77 {
				t.Errorf("%s writes more than %d distances", name, 8*eights)
			}
		}
	}
}
