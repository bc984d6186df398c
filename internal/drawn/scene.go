package drawn

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Scene draws the scene of a number. Its proportions decide what is in view;
// its size only how fine it is drawn.
func Scene(seed uint64, width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	c := &canvas{img, rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), float64(max(width, height))}
	c.ground()
	for range 14 + c.r.IntN(10) {
		c.shape()
	}
	c.lettering()
	return img
}

type canvas struct {
	img  *image.RGBA
	r    *rand.Rand
	unit float64 // the long side in pixels: shapes are placed in units of it
}

// rgb is a colour, 0..255 each.
type rgb [3]float64

func (c *canvas) colour() rgb {
	return rgb{20 + 215*c.r.Float64(), 20 + 215*c.r.Float64(), 20 + 215*c.r.Float64()}
}

func (a rgb) mix(b rgb, t float64) rgb {
	for i := range a {
		a[i] += (b[i] - a[i]) * t
	}
	return a
}

// ground fills the picture with a slanted gradient of three colours and clouds.
func (c *canvas) ground() {
	low, mid, high := c.colour(), c.colour(), c.colour()
	angle := c.r.Float64() * 2 * math.Pi
	dx, dy := math.Cos(angle), math.Sin(angle)
	clouds, grain := newNoise(c.r, 3+3*c.r.Float64()), newNoise(c.r, 60)
	each(c.img, c.img.Bounds(), func(x, y float64, at rgb) rgb {
		u, v := x/c.unit, y/c.unit
		t := (u-0.5)*dx + (v-0.4)*dy + 0.5 + 0.6*(clouds.at(u, v)-0.5)
		var p rgb
		if t < 0.5 {
			p = low.mix(mid, clamp(2*t))
		} else {
			p = mid.mix(high, clamp(2*t-1))
		}
		return p.add(26 * (grain.at(u, v) - 0.5))
	})
}

// shape lays an ellipse or a box over the picture, with a texture of its own.
func (c *canvas) shape() {
	b := c.img.Bounds()
	cx, cy := c.r.Float64()*float64(b.Dx()), c.r.Float64()*float64(b.Dy())
	rx := c.unit * (0.02 + 0.15*c.r.Float64()*c.r.Float64())
	ry := rx * (0.4 + 1.2*c.r.Float64())
	angle := c.r.Float64() * math.Pi
	cos, sin := math.Cos(angle), math.Sin(angle)
	ellipse := c.r.IntN(2) == 0
	first, second := c.colour(), c.colour()
	stripes := 4 + 16*c.r.Float64()
	texture := newNoise(c.r, 8+30*c.r.Float64())
	style := c.r.IntN(3)
	reach := int(math.Hypot(rx, ry)) + 2
	box := image.Rect(int(cx)-reach, int(cy)-reach, int(cx)+reach, int(cy)+reach).Intersect(b)
	each(c.img, box, func(x, y float64, at rgb) rgb {
		u, v := ((x-cx)*cos+(y-cy)*sin)/rx, ((y-cy)*cos-(x-cx)*sin)/ry
		var edge float64 // distance to the edge in pixels, inside is positive
		if ellipse {
			edge = (1 - math.Hypot(u, v)) * min(rx, ry)
		} else {
			edge = min((1-math.Abs(u))*rx, (1-math.Abs(v))*ry)
		}
		if edge <= -0.5 {
			return at
		}
		p := first
		switch style {
		case 0:
			p = first.mix(second, clamp((u+1)/2))
		case 1:
			p = first.mix(second, 0.5+0.5*math.Sin(stripes*u))
		case 2:
			p = first.mix(second, texture.at(x/c.unit, y/c.unit))
		}
		return at.mix(p, clamp(edge+0.5))
	})
}

// lettering writes a word or two across the picture.
func (c *canvas) lettering() {
	words := []string{"harbour", "No. 7", "OPEN", "1964", "via Roma", "lighthouse", "bakery", "summer", "platform 2", "museum"}
	for range 1 + c.r.IntN(2) {
		word := words[c.r.IntN(len(words))]
		face := basicfont.Face7x13
		small := image.NewAlpha(image.Rect(0, 0, 7*len(word), 13))
		(&font.Drawer{Dst: small, Src: image.Opaque, Face: face, Dot: fixed.P(0, 11)}).DrawString(word)
		scale := c.unit * (0.003 + 0.004*c.r.Float64())
		b := c.img.Bounds()
		x0 := c.r.Float64() * max(1, float64(b.Dx())-scale*float64(7*len(word)))
		y0 := c.r.Float64() * max(1, float64(b.Dy())-scale*13)
		ink := c.colour()
		box := image.Rect(int(x0), int(y0), int(x0+scale*float64(7*len(word)))+1, int(y0+scale*13)+1).Intersect(b)
		each(c.img, box, func(x, y float64, at rgb) rgb {
			a := small.AlphaAt(int((x-x0)/scale), int((y-y0)/scale)).A
			return at.mix(ink, float64(a)/255)
		})
	}
}

func (a rgb) add(v float64) rgb { return rgb{a[0] + v, a[1] + v, a[2] + v} }

func clamp(t float64) float64 { return max(0, min(1, t)) }

// each replaces the pixels of a part of a picture.
func each(img *image.RGBA, part image.Rectangle, paint func(x, y float64, at rgb) rgb) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			o := img.RGBAAt(x, y)
			p := paint(float64(x), float64(y), rgb{float64(o.R), float64(o.G), float64(o.B)})
			img.SetRGBA(x, y, color.RGBA{level(p[0]), level(p[1]), level(p[2]), 255})
		}
	}
}

func level(v float64) uint8 { return uint8(max(0, min(255, math.Round(v)))) }

// noise is smooth noise: random values on a grid, and between them cubic steps.
// Two octaves.
type noise struct {
	grid  [64 * 64]float64
	cells float64 // grid cells along the unit
}

func newNoise(r *rand.Rand, cells float64) *noise {
	n := &noise{cells: cells}
	for i := range n.grid {
		n.grid[i] = r.Float64()
	}
	return n
}

// at is the noise at a point, 0..1.
func (n *noise) at(u, v float64) float64 {
	return (2*n.octave(u*n.cells, v*n.cells) + n.octave(2.03*u*n.cells+17, 2.03*v*n.cells+5)) / 3
}

func (n *noise) octave(x, y float64) float64 {
	i, j := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-math.Floor(x), y-math.Floor(y)
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	g := func(i, j int) float64 { return n.grid[(i&63)+64*(j&63)] }
	top := g(i, j) + (g(i+1, j)-g(i, j))*fx
	low := g(i, j+1) + (g(i+1, j+1)-g(i, j+1))*fx
	return top + (low-top)*fy
}
