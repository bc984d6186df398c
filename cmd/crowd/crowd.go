package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/local"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// crowd makes contents like those of its donors.
type crowd struct {
	seed    uint64
	donors  []donor
	bits    copula    // of the wavelet's bits
	cuts    []float64 // below which a bit is set
	texture copula    // of the texture, then the layout
	shares  [][]uint8 // of each place of the texture, the donors' values, sorted
	pool    []keyed
}

// keyed is a keypoint with its key. Finding its word takes 10 microseconds, so
// that it is done once for many contents.
type keyed struct {
	point local.Point
	keys  []local.Key
}

const (
	waveletBits  = 16 * wavelet.Bands
	textureCells = len(global.Feature{}.Texture)
	textureBins  = len(global.Feature{}.Texture[0])
	textures     = textureCells * textureBins

	// variants is how many keypoints are made of one of a donor, so that few
	// descriptors are the same to the bit.
	variants = 4
	// flip is the share of a descriptor's bits that turn over in a variant: few, so
	// that signatures of one word are as like as in photos (compareHistograms
	// prints how many pass; with 0.15 a third as many do).
	flip = 0.03
	// long is the long side of the rasters of which keypoints are taken: the
	// keys of all then have the same scale.
	long = 512
)

func newCrowd(donors []donor, seed uint64) (*crowd, error) {
	c := &crowd{seed: seed, donors: donors}
	if err := c.measureBits(); err != nil {
		return nil, err
	}
	if err := c.measureTexture(); err != nil {
		return nil, err
	}
	c.fillPool()
	return c, nil
}

// measureBits takes the sign of a coefficient as that of a normal number, whose
// correlations follow from those of the signs (Sheppard 1899).
func (c *crowd) measureBits() (err error) {
	samples := make([][]float64, len(c.donors))
	share := make([]float64, waveletBits)
	for n, d := range c.donors {
		samples[n] = make([]float64, waveletBits)
		for i := range waveletBits {
			if d.Wavelet.Bits[i/16]>>(i%16)&1 != 0 {
				samples[n][i] = 1
				share[i] += 1 / float64(len(c.donors))
			}
		}
	}
	m := correlate(samples)
	for i := range m {
		for j := range m[i] {
			m[i][j] = math.Sin(m[i][j] * math.Pi / 2)
		}
	}
	c.cuts = make([]float64, waveletBits)
	for i, p := range share {
		c.cuts[i] = quantile(p)
	}
	c.bits, err = newCopula(m)
	return err
}

// measureTexture correlates the normal scores of the texture and of the layout.
func (c *crowd) measureTexture() (err error) {
	n, width := len(c.donors), textures+textureCells
	samples := make([][]float64, n)
	for i := range samples {
		samples[i] = make([]float64, width)
	}
	value := func(d *donor, at int) uint8 {
		if at >= textures {
			return d.Global.Layout[at-textures]
		}
		return d.Global.Texture[at/textureBins][at%textureBins]
	}
	order := make([]int, n)
	for at := range width {
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(value(&c.donors[i], at), value(&c.donors[j], at)) })
		sorted := make([]uint8, n)
		for rank, i := range order {
			samples[i][at] = quantile((float64(rank) + 0.5) / float64(n))
			sorted[rank] = value(&c.donors[i], at)
		}
		if at < textures {
			c.shares = append(c.shares, sorted)
		}
	}
	c.texture, err = newCopula(correlate(samples))
	return err
}

// fillPool makes variants of the donors' keypoints.
func (c *crowd) fillPool() {
	parts := make([][]keyed, len(c.donors))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for n := range next {
				parts[n] = c.variantsOf(n)
			}
		})
	}
	for n := range c.donors {
		next <- n
	}
	close(next)
	wait.Wait()
	c.pool = slices.Concat(parts...)
}

// variantsOf makes variants of the keypoints of a donor.
func (c *crowd) variantsOf(n int) (out []keyed) {
	f := c.donors[n].Local
	if max(f.Width, f.Height) != long {
		return nil
	}
	r := rand.New(rand.NewPCG(c.seed, uint64(n)))
	for range variants {
		v := f
		v.Points = slices.Clone(f.Points)
		for i := range v.Points {
			turnBits(r, &v.Points[i].Descriptor, flip)
		}
		for i, keys := range keysOf(v) {
			out = append(out, keyed{v.Points[i], keys})
		}
	}
	return out
}

// keysOf returns the keys of each keypoint: one, or two where it has a second word.
func keysOf(f local.Feature) [][]local.Key {
	keys := make([][]local.Key, len(f.Points))
	one := f
	for i := range f.Points {
		one.Points = f.Points[i : i+1]
		keys[i] = local.Keys(one)
	}
	return keys
}

// turnBits turns over about a share of the bits of a descriptor.
func turnBits(r *rand.Rand, d *local.Descriptor, share float64) {
	for range int(share*256 + r.Float64()) {
		bit := r.IntN(256)
		d[bit/64] ^= 1 << (bit % 64)
	}
}

// picture is what a content is made of.
type picture struct {
	donor    int // who gave its row, its colors and its quality
	features stages.Features
	keys     [][]local.Key // of each of its keypoints
}

// stranger makes a picture that is like no other.
func (c *crowd) stranger(r *rand.Rand) picture {
	p := picture{donor: r.IntN(len(c.donors))}
	d := &c.donors[p.donor]
	for max(d.Local.Width, d.Local.Height) != long {
		p.donor = (p.donor + 1) % len(c.donors)
		d = &c.donors[p.donor]
	}
	p.features = d.Features
	var z [waveletBits]float64
	c.bits.draw(r, z[:])
	p.features.Wavelet = wavelet.Feature{Valid: d.Wavelet.Valid}
	for i, v := range z {
		if v < c.cuts[i] {
			p.features.Wavelet.Bits[i/16] |= 1 << (i % 16)
		}
	}
	p.features.Global = c.drawTexture(r)
	p.features.Local.Points = make([]local.Point, len(d.Local.Points))
	p.keys = make([][]local.Key, len(d.Local.Points))
	for i := range p.keys {
		p.features.Local.Points[i], p.keys[i] = c.keypoint(r)
	}
	return p
}

// keypoint draws what a keypoint looks like from one photo and where it lies from
// another: else pictures that share two keypoints would agree on their places.
func (c *crowd) keypoint(r *rand.Rand) (local.Point, []local.Key) {
	const signature = 1<<32 - 1 // the part of a key's data that the descriptor gives
	looks, lies := &c.pool[r.IntN(len(c.pool))], &c.pool[r.IntN(len(c.pool))]
	p := lies.point
	p.Descriptor = looks.point.Descriptor
	keys := slices.Clone(looks.keys)
	for i, k := range keys {
		second := k.Data ^ looks.keys[0].Data // what marks a second word, else nothing
		keys[i].Data = k.Data&signature | second | lies.keys[0].Data&^signature
	}
	return p, keys
}

func (c *crowd) drawTexture(r *rand.Rand) (f global.Feature) {
	var z [textures + textureCells]float64
	c.texture.draw(r, z[:])
	for i, sorted := range c.shares {
		at := min(int(chance(z[i])*float64(len(sorted))), len(sorted)-1)
		f.Texture[i/textureBins][i%textureBins] = sorted[at]
	}
	layout := z[textures:]
	for i, v := range layout {
		for _, w := range layout {
			if w < v {
				f.Layout[i] += 2
			}
		}
	}
	return f
}

// copyOf makes an edited copy of a picture.
func (c *crowd) copyOf(r *rand.Rand, p picture) picture {
	for range 4 {
		bit := r.IntN(waveletBits)
		p.features.Wavelet.Bits[bit/16] ^= 1 << (bit % 16)
	}
	for i := range p.features.Global.Texture {
		for j, v := range p.features.Global.Texture[i] {
			p.features.Global.Texture[i][j] = uint8(min(max(int(v)+r.IntN(3)-1, 0), 255))
		}
	}
	var points []local.Point
	for _, q := range p.features.Local.Points {
		if r.IntN(10) == 0 {
			continue
		}
		q.X, q.Y = jitter(r, q.X), jitter(r, q.Y)
		turnBits(r, &q.Descriptor, 0.03)
		points = append(points, q)
	}
	p.features.Local.Points = points
	p.keys = keysOf(p.features.Local)
	return p
}

func jitter(r *rand.Rand, at uint16) uint16 { return uint16(min(max(int(at)+r.IntN(3)-1, 0), 2047)) }
