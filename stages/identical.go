package stages

import (
	"bytes"

	"github.com/dedupidx/dedupidx/stages/local"
)

// Identical says whether two pictures look the same to every stage: equal sizes, and equal
// features of all but the file itself. Those of one picture that was coded twice without loss
// are; so may be those of another that differs in a few pixels.
func Identical(a, b Features) bool {
	return a.Quality.Width == b.Quality.Width && a.Quality.Height == b.Quality.Height &&
		a.Wavelet == b.Wavelet && a.Color == b.Color && a.Global == b.Global &&
		bytes.Equal(local.Encode(a.Local), local.Encode(b.Local))
}
