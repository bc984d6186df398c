package stages

import "github.com/dedupidx/dedupidx/stages/local"

// Thumbnail is the small picture, at most 96 pixels a side, that an encoded
// feature of stage local keeps: RGB, interleaved, row-major. It has no pixels
// where the feature holds none.
func Thumbnail(encoded []byte) (rgb []byte, width, height int, err error) {
	f, err := local.Decode(encoded)
	if err != nil {
		return nil, 0, 0, err
	}
	rgb, width, height = local.Thumbnail(f)
	return rgb, width, height, nil
}
