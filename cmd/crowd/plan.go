package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/color"
	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/local"
	"github.com/dedupidx/dedupidx/stages/quality"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// block is how many contents are planned together, and share a folder.
const block = 1000

// families are the sizes of the groups in a block: 30 contents.
var families = [...]int{2, 3, 4, 5, 6, 2, 3, 5}

// kind says what a content is in its block.
type kind struct {
	family int // 1 and up for who stands in a group, 0 for who does not
	member int // 0 is the original
	flat   bool
	hot    bool
}

// kindOf spreads the groups over their block, so that they come in several batches.
func kindOf(n int) kind {
	const stride = 377 // has no divisor in common with a block
	at := n % block * stride % block
	for f, size := range families {
		if at < size {
			return kind{family: f + 1, member: at}
		}
		at -= size
	}
	switch {
	case at < 10:
		return kind{flat: true}
	case at < 11:
		return kind{hot: true}
	}
	return kind{}
}

// picture makes content n.
func (c *crowd) picture(n int) picture {
	const strangers, originals = 1, 2
	k := kindOf(n)
	r := rand.New(rand.NewPCG(c.seed, uint64(n)<<8|strangers))
	switch {
	case k.flat:
		return c.flat(r)
	case k.family == 0:
		p := c.stranger(r)
		if k.hot {
			c.heat(&p)
		}
		return p
	}
	base := c.stranger(rand.New(rand.NewPCG(c.seed, uint64(n/block*len(families)+k.family)<<8|originals)))
	if k.member == 0 {
		return base
	}
	return c.copyOf(r, base)
}

// flat makes a picture of one grey with some noise, as of a covered lens.
func (c *crowd) flat(r *rand.Rand) picture {
	const w, h, noise = 128, 96, 3
	img := raster.Raster{Width: w, Height: h, RGB: make([]byte, 3*w*h), Luma: make([]byte, w*h)}
	img.Picture = raster.Picture{Width: w, Height: h}
	grey := r.IntN(256 - noise)
	for i := range img.Luma {
		img.Luma[i] = byte(grey + r.IntN(noise))
		for j := range 3 {
			img.RGB[3*i+j] = img.Luma[i]
		}
	}
	f, err := stages.DecodeFeatures(stages.ExtractAll(&img))
	if err != nil {
		panic(err) // what was just encoded can be decoded
	}
	p := picture{donor: r.IntN(len(c.donors)), features: f}
	p.keys = keysOf(f.Local)
	return p
}

// heat gives a picture the band and the keypoint that all hot ones have.
func (c *crowd) heat(p *picture) {
	p.features.Wavelet.Bits[0], p.features.Wavelet.Valid = 0b0101_1010_0101_1010, p.features.Wavelet.Valid|1
	if len(p.keys) > 0 {
		p.features.Local.Points[0], p.keys[0] = c.pool[0].point, c.pool[0].keys
	}
}

// hashOf is the made-up hash of content n, and with another salt of its picture data.
func (c *crowd) hashOf(n int, salt string) index.Hash {
	b := binary.LittleEndian.AppendUint64([]byte("crowd "+salt), c.seed)
	return blake3.Sum256(binary.LittleEndian.AppendUint64(b, uint64(n)))
}

// encode writes the feature of one stage.
func encode(stage string, f stages.Features) []byte {
	switch stage {
	case stages.Wavelet:
		return wavelet.Encode(f.Wavelet)
	case stages.Color:
		return color.Encode(f.Color)
	case stages.Global:
		return global.Encode(f.Global)
	case stages.Local:
		return local.Encode(f.Local)
	case stages.Quality:
		return quality.Encode(f.Quality)
	}
	panic("unknown stage " + stage)
}

// write is content n as a scan would commit it, without its file.
func (c *crowd) write(n int, list []stages.Stage) (index.ContentWrite, error) {
	p := c.picture(n)
	d := c.donors[p.donor].content
	w := index.ContentWrite{Content: d}
	w.Hash, w.Picture = c.hashOf(n, "content"), c.hashOf(n, "picture")
	w.Size = d.Size + int64(n%4096)
	for _, s := range list {
		b := encode(s.Name, p.features)
		w.Features = append(w.Features, index.Feature{Stage: s.Name, Version: s.Version, Bytes: b})
		if s.Buckets == nil {
			continue
		}
		k := index.Keys{Stage: s.Name, Version: s.Version, Width: s.Buckets.Width}
		if s.Name == stages.Local {
			for _, key := range slices.Concat(p.keys...) {
				k.Keys = append(k.Keys, index.Key{Bucket: key.Word, Data: key.Data})
			}
		} else {
			keys, err := s.Buckets.Keys(b)
			if err != nil {
				return w, fmt.Errorf("make content %d: %w", n, err)
			}
			for _, key := range keys {
				k.Keys = append(k.Keys, index.Key(key))
			}
		}
		w.Keys = append(w.Keys, k)
	}
	return w, nil
}
