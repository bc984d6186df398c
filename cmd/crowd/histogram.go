package main

import (
	"fmt"
	"io"
	"math/bits"
	"text/tabwriter"

	"github.com/dedupidx/dedupidx/stages"
)

// census is how the postings of some pictures stand in the buckets of a stage.
type census struct {
	pictures int
	postings int
	lengths  [24]int // postings in buckets of 2^i to 2^(i+1)-1
	longest  int
	meetings int // pairs of postings of two pictures in one bucket
	near     int // pairs of pictures that met and pass the stage's test
}

// compareHistograms prints beside each other how donors and as many strangers
// stand in the buckets.
func (c *crowd) compareHistograms(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, s := range stages.List() {
		if s.Buckets == nil {
			continue
		}
		real := make([]described, len(c.donors))
		made := make([]described, len(c.donors))
		n := 0
		for i := range c.donors {
			var err error
			b := c.donors[i].encoded[s.Name]
			real[i].feature = b
			if real[i].keys, err = s.Buckets.Keys(b); err != nil {
				return err
			}
			for kindOf(n) != (kind{}) {
				n++
			}
			p := c.picture(n) // a stranger
			n++
			made[i].feature = encode(s.Name, p.features)
			if made[i].keys, err = s.Buckets.Keys(made[i].feature); err != nil {
				return err
			}
		}
		a, err := count(s, real)
		if err != nil {
			return err
		}
		b, err := count(s, made)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s, of %d\tphotos\tmade\t\n", s.Name, a.pictures)
		line := func(what string, x, y float64) { fmt.Fprintf(w, "%s\t%.4g\t%.4g\t\n", what, x, y) }
		line("postings a picture", a.each(a.postings), b.each(b.postings))
		for i := range a.lengths {
			if a.lengths[i]+b.lengths[i] > 0 {
				line(fmt.Sprintf("share in buckets of %d to %d", 1<<i, 1<<(i+1)-1),
					float64(a.lengths[i])/float64(a.postings), float64(b.lengths[i])/float64(b.postings))
			}
		}
		line("longest bucket", float64(a.longest), float64(b.longest))
		line("postings met in asking, for each picture stored", a.ofPairs(a.meetings), b.ofPairs(b.meetings))
		line("candidates in 1,000 pairs", 1000*a.ofPairs(a.near), 1000*b.ofPairs(b.near))
	}
	return w.Flush()
}

func (c census) each(n int) float64 { return float64(n) / float64(c.pictures) }

func (c census) ofPairs(n int) float64 {
	return float64(n) / (float64(c.pictures) * float64(c.pictures-1) / 2)
}

// described is a picture to one stage.
type described struct {
	feature []byte
	keys    []stages.Key
}

// count lets each picture ask those before it.
func count(s stages.Stage, pictures []described) (census, error) {
	type posting struct {
		picture int
		key     stages.Key
	}
	c := census{pictures: len(pictures)}
	buckets := make(map[uint32][]posting)
	for n, p := range pictures {
		probes, err := s.Buckets.Probes(p.feature)
		if err != nil {
			return c, err
		}
		var near func([]byte) (int, error)
		if s.Buckets.Near != nil {
			if near, err = s.Buckets.Near(p.feature); err != nil {
				return c, err
			}
		}
		hits := make(map[int][]stages.Hit)
		for _, probe := range probes {
			for _, q := range buckets[probe.Bucket] {
				c.meetings++
				hits[q.picture] = append(hits[q.picture], stages.Hit{Probe: probe, Stored: q.key})
			}
		}
		for other, h := range hits {
			ok := s.Buckets.Agree == nil || s.Buckets.Agree(h)
			if ok && near != nil {
				strength, err := near(pictures[other].feature)
				if err != nil {
					return c, err
				}
				ok = strength > 0
			}
			if ok {
				c.near++
			}
		}
		for _, k := range p.keys {
			buckets[k.Bucket] = append(buckets[k.Bucket], posting{n, k})
		}
	}
	for _, b := range buckets {
		c.postings += len(b)
		c.longest = max(c.longest, len(b))
		c.lengths[bits.Len(uint(len(b)))-1] += len(b)
	}
	return c, nil
}
