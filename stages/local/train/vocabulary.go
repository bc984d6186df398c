package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"github.com/dedupidx/dedupidx/stages/local"
)

const (
	copies       = 3 // edited copies of each photo, beside itself
	coarseRounds = 6
	leafRounds   = 4
)

// vocabulary clusters the descriptors of photos and copies in two levels, by
// k-majority: a word is what most of its descriptors say, bit by bit. A descriptor
// joins a coarse word in whichever orientation lies nearer.
func vocabulary(photos []gray) []byte {
	rnd := rand.New(rand.NewPCG(3, 4))
	var all []local.Descriptor
	for _, g := range photos {
		gather := func(g gray) {
			for _, p := range local.Extract(g.raster()).Points {
				all = append(all, p.Descriptor)
			}
		}
		gather(g)
		for range copies {
			c, _ := edited(g, rnd)
			gather(c)
		}
	}
	fmt.Fprintf(os.Stderr, "%d descriptors\n", len(all))
	rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })

	var v local.Vocabulary
	coarse := v.Coarse[:]
	copy(coarse, all)
	member := make([]int, len(all))
	oriented := make([]local.Descriptor, len(all))
	for round := range coarseRounds + 1 {
		sum := 0
		for i, d := range all {
			best, m := 1<<30, d.Mirror()
			for c := range coarse {
				if n := local.Distance(d, coarse[c]); n < best {
					best, member[i], oriented[i] = n, c, d
				}
				if n := local.Distance(m, coarse[c]); n < best {
					best, member[i], oriented[i] = n, c, m
				}
			}
			sum += best
		}
		fmt.Fprintf(os.Stderr, "coarse round %d: mean distance %.1f\n", round, float64(sum)/float64(len(all)))
		if round < coarseRounds {
			majority(coarse, oriented, member, rnd)
		}
	}
	groups := make([][]local.Descriptor, len(coarse))
	for i, d := range oriented {
		groups[member[i]] = append(groups[member[i]], d)
	}
	sum := 0
	for c, group := range groups {
		leaves := v.Leaves[c][:]
		for l := range leaves { // few members: some leaves stay equal, and the first is used
			leaves[l] = group[l%len(group)]
		}
		member := make([]int, len(group))
		for round := range leafRounds + 1 {
			for i, d := range group {
				best := 1 << 30
				for l := range leaves {
					if n := local.Distance(d, leaves[l]); n < best {
						best, member[i] = n, l
					}
				}
				if round == leafRounds {
					sum += best
				}
			}
			if round < leafRounds {
				majority(leaves, group, member, rnd)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "leaves: mean distance %.1f\n", float64(sum)/float64(len(all)))

	// How often each word is met, mirrored or not. Three tenths of the mean are
	// added, for a word that is never met here may be common elsewhere.
	counts := make([]int, local.Words/2)
	for _, d := range all {
		counts[v.Word(d)>>1]++
	}
	words := float64(len(counts))
	equal := 0
	for i, n := range counts {
		share := (float64(n)/float64(len(all)) + 0.3/words) / 1.3
		v.Weights[i/len(v.Leaves[0])][i%len(v.Leaves[0])] = uint8(math.Round(100 * max(0, math.Log(1/share)/math.Log(words))))
		equal += n * n
	}
	fmt.Fprintf(os.Stderr, "two descriptors meet as if there were %.0f words\n", 2*float64(len(all))*float64(len(all))/float64(equal))

	out := make([]byte, 0, 33*len(coarse)*(1+len(v.Leaves[0])))
	for _, d := range coarse {
		out = add(out, d)
	}
	for c := range v.Leaves {
		for _, d := range v.Leaves[c] {
			out = add(out, d)
		}
	}
	for c := range v.Weights {
		out = append(out, v.Weights[c][:]...)
	}
	return out
}

// majority moves each word to what most of its members say; a word without
// members takes a random descriptor.
func majority(words, all []local.Descriptor, member []int, rnd *rand.Rand) {
	counts, sizes := make([][256]int32, len(words)), make([]int32, len(words))
	for i, d := range all {
		c := &counts[member[i]]
		sizes[member[i]]++
		for b := range c {
			c[b] += int32(d[b>>6] >> (b & 63) & 1)
		}
	}
	for w := range words {
		if sizes[w] == 0 {
			words[w] = all[rnd.IntN(len(all))]
			continue
		}
		var d local.Descriptor
		for b, n := range counts[w] {
			if 2*n > sizes[w] || 2*n == sizes[w] && words[w][b>>6]>>(b&63)&1 == 1 {
				d[b>>6] |= 1 << (b & 63)
			}
		}
		words[w] = d
	}
}

func add(out []byte, d local.Descriptor) []byte {
	for _, w := range d {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}
