package copies

import (
	"fmt"
	"image"
	"math/rand/v2"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// Edit is a kind of copy.
type Edit struct {
	Relation string // near, hard or partial: what it leaves of the picture, in the words of index/evaluate
	Kind     string
	Others   int // so many other photos are needed, to stand beside it

	do func(h *hand, img *image.NRGBA) (image.Image, string)
}

// hand makes one copy: its random source, and how the file is encoded.
type hand struct {
	*rand.Rand
	others  []*image.NRGBA
	quality int // of JPEG; 0 for PNG
}

// Copy is a copy of a photo.
type Copy struct {
	Bytes []byte
	Ext   string // .jpg or .png
	How   string // what was done, the kind first
}

// Make makes a copy of a picture. The same source, picture and others give the same bytes.
func (e Edit) Make(r *rand.Rand, img *image.NRGBA, others []*image.NRGBA) Copy {
	h := &hand{Rand: r, others: others, quality: 70 + r.IntN(23)}
	out, how := e.do(h, img)
	c := Copy{Ext: ".jpg", How: e.Kind}
	if how != "" {
		c.How += " " + how
	}
	if h.quality == 0 {
		c.Bytes, c.Ext = drawn.PNG(out), ".png"
		c.How += "; png"
	} else {
		c.Bytes = drawn.JPEG(out, h.quality)
		c.How += fmt.Sprintf("; jpeg %d", h.quality)
	}
	return c
}

// Edits lists the kinds of copies, the mildest first.
func Edits() []Edit {
	var out []Edit
	add := func(relation string, list []Edit) {
		for _, e := range list {
			e.Relation = relation
			out = append(out, e)
		}
	}
	add("near", mild())
	add("hard", strong())
	add("partial", parts())
	return out
}

// between is a number from low to high.
func (h *hand) between(low, high float64) float64 { return low + (high-low)*h.Float64() }

// either is a number of one range or the other: what makes less or more of something.
func (h *hand) either(low, high, low2, high2 float64) float64 {
	if h.IntN(2) == 0 {
		return h.between(low, high)
	}
	return h.between(low2, high2)
}

func share(k float64) string { return fmt.Sprintf("%.2f", k) }

// scaled resizes a picture by a factor.
func scaled(img image.Image, k float64) *image.RGBA {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	return drawn.Resize(img, max(1, int(k*float64(w)+0.5)), max(1, int(k*float64(h)+0.5)))
}

// fitted resizes a picture to a long side.
func fitted(img image.Image, long float64) *image.RGBA {
	return scaled(img, long/float64(max(img.Bounds().Dx(), img.Bounds().Dy())))
}

// Small is a picture at the size in which it stands in a collage of others.
func Small(img *image.NRGBA) *image.NRGBA { return opaque(fitted(img, 480)) }

// cropped leaves a share of the area, anywhere in the picture, of nearly its shape.
func (h *hand) cropped(img image.Image, area float64) *image.RGBA {
	side := sqrt(area)
	w := min(1, side*h.between(0.95, 1.05))
	t := min(1, area/w)
	x, y := h.Float64()*(1-w), h.Float64()*(1-t)
	return drawn.Crop(img, x, y, x+w, y+t)
}
