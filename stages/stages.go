package stages

import (
	"fmt"

	"github.com/dedupidx/dedupidx/stages/color"
	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/local"
	"github.com/dedupidx/dedupidx/stages/quality"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// Names of the stages, as they are stored.
const (
	Wavelet = "wavelet"
	Color   = "color"
	Global  = "global"
	Local   = "local"
	Quality = "quality"
)

// Key is a bucket of a stage, with the data that a posting carries.
type Key struct {
	Bucket uint32
	Data   uint64
}

// Stage is a stage as ingest and dedup see it: bytes and keys.
type Stage struct {
	Name    string
	Version int

	// Extract returns the encoded feature of a raster.
	Extract func(*raster.Raster) []byte

	// Buckets is nil for a stage that proposes no pairs.
	Buckets *Buckets
}

// Buckets is how a stage proposes pairs.
type Buckets struct {
	Width  int                                 // bytes of Data that a posting carries
	Keys   func(feature []byte) ([]Key, error) // what is stored
	Probes func(feature []byte) ([]Key, error) // what is asked

	// Agree tells from the hits of one pair whether it may be a candidate. Nil: one hit
	// is enough.
	Agree func(hits []Hit) bool
	// Listen gives what tells the same of all pictures that hits are of, in far less
	// time. Nil where Agree is.
	Listen func() Listener
	// Confirm readies the feature that asks, and gives what tells from a stored one and
	// the hits of the pair, which has the votes, whether it is a candidate. What it gives uses
	// memory again: one goroutine at a time may ask it. Nil: it is.
	Confirm func(asking []byte) (func(stored []byte, hits []Hit) (bool, error), error)
	// Near readies the feature that asks, and gives what tells of a stored one how strong a
	// candidate the pair is, 0 for none. Nil: it is one.
	Near func(asking []byte) (func(stored []byte) (strength int, err error), error)
	// Strength tells how strong a candidate the hits make their pair, where Listen is not nil;
	// elsewhere Near does.
	Strength func(hits []Hit) int
	// Outdone tells of a number of hits, likewise, whether a pair that has so many
	// is taken to be as plain as one of that strength, but not as strong.
	Outdone func(strength, hits int) bool
	// Plain is the strength of pairs that are plainly of one picture, or of one template.
	// Of many such pairs of one picture the strongest are enough.
	Plain int
}

// Postings are the stored keys of a bucket, in columns: numbers of contents, and the low
// and the high half of the data of each key.
type Postings struct{ Contents, Low, High []uint32 }

// A Listener hears what stored keys say to the probes of one picture. It has the memory
// that it works in: one for each goroutine.
type Listener interface {
	// Hear calls found for each content whose hits agree, once or twice, and gives those
	// hits, which are good until found returns. postings gives the bucket of a probe;
	// numbers in it are below contents, at most MaxHeard, and self is left out, and of whom
	// unheard is true, asked with the number of his hits. It returns how many hits were heard.
	Hear(probes []Key, postings func(probe int) Postings, contents, self int, unheard func(content, hits int) bool, found func(content int, hits []Hit)) int
}

// MaxHeard is how many contents a Listener tells apart.
const MaxHeard = local.MaxPictures

// Hit is a probe of one picture that met a stored key of another.
type Hit struct{ Probe, Stored Key }

// List returns the five stages, cheapest first.
func List() []Stage {
	return []Stage{
		{Name: Wavelet, Version: wavelet.Version,
			Extract: func(r *raster.Raster) []byte { return wavelet.Encode(wavelet.Extract(r)) },
			Buckets: &Buckets{
				Keys:   plainKeys(wavelet.Decode, wavelet.Keys),
				Probes: plainKeys(wavelet.Decode, wavelet.Probes),
				Near: near(wavelet.Decode, wavelet.MaxDistance, func(a wavelet.Feature) func(wavelet.Feature) int {
					return func(b wavelet.Feature) int { return wavelet.Compare(a, b).Distance }
				}),
				Plain: plainPart(wavelet.MaxDistance),
			}},
		{Name: Color, Version: color.Version,
			Extract: func(r *raster.Raster) []byte { return color.Encode(color.Extract(r)) }},
		{Name: Global, Version: global.Version,
			Extract: func(r *raster.Raster) []byte { return global.Encode(global.Extract(r)) },
			Buckets: &Buckets{
				Keys:   plainKeys(global.Decode, global.Keys),
				Probes: plainKeys(global.Decode, global.Probes),
				Near:   near(global.Decode, global.MaxDistance, global.Near),
				Plain:  plainPart(global.MaxDistance),
			}},
		{Name: Local, Version: local.Version,
			Extract: func(r *raster.Raster) []byte { return local.Encode(local.Extract(r)) },
			Buckets: &Buckets{
				Width:  local.KeyBytes,
				Keys:   localKeys(local.Keys),
				Probes: localKeys(local.Probes),
				Agree: func(hits []Hit) bool {
					var few [32]local.Pair
					return local.Agreed(localPairs(few[:0], hits))
				},
				Listen: func() Listener { return new(localListener) },
				Strength: func(hits []Hit) int {
					var few [32]local.Pair
					return local.Strength(localPairs(few[:0], hits))
				},
				Outdone: local.Outdone,
				Plain:   1,
				Confirm: func(asking []byte) (func([]byte, []Hit) (bool, error), error) {
					x, err := local.Decode(asking)
					var y local.Feature
					var pairs []local.Pair
					return func(stored []byte, hits []Hit) (bool, error) {
						if err := y.Decode(stored); err != nil {
							return false, err
						}
						pairs = localPairs(pairs[:0], hits)
						return local.Supported(x, y, pairs), nil
					}, err
				},
			}},
		{Name: Quality, Version: quality.Version,
			Extract: func(r *raster.Raster) []byte { return quality.Encode(quality.Extract(r)) }},
	}
}

// plainKeys carries a stage whose postings hold nothing beside the key.
func plainKeys[F any](decode func([]byte) (F, error), keys func(F) []uint32) func([]byte) ([]Key, error) {
	return func(b []byte) ([]Key, error) {
		f, err := decode(b)
		if err != nil {
			return nil, err
		}
		ks := keys(f)
		out := make([]Key, len(ks))
		for i, k := range ks {
			out[i].Bucket = k
		}
		return out, nil
	}
}

// near carries a stage that tells distances, of which those up to most are candidates.
func near[F any](decode func([]byte) (F, error), most int, measure func(F) func(F) int) func([]byte) (func([]byte) (int, error), error) {
	return func(asking []byte) (func([]byte) (int, error), error) {
		f, err := decode(asking)
		if err != nil {
			return nil, err
		}
		distance := measure(f)
		return func(stored []byte) (int, error) {
			g, err := decode(stored)
			if err != nil {
				return 0, err
			}
			return max(most+1-distance(g), 0), nil
		}, nil
	}
}

// plainPart is the strength of what lies within a third of the largest distance: blank
// pages and frames of a webcam do; of what else does there are few.
func plainPart(most int) int { return most + 1 - most/3 }

func localKeys(keys func(local.Feature) []local.Key) func([]byte) ([]Key, error) {
	return func(b []byte) ([]Key, error) {
		f, err := local.Decode(b)
		if err != nil {
			return nil, err
		}
		ks := keys(f)
		out := make([]Key, len(ks))
		for i, k := range ks {
			out[i] = Key{Bucket: k.Word, Data: k.Data}
		}
		return out, nil
	}
}

func localPairs(pairs []local.Pair, hits []Hit) []local.Pair {
	for _, h := range hits {
		pairs = append(pairs, local.Pair{
			Probe:  local.Key{Word: h.Probe.Bucket, Data: h.Probe.Data},
			Stored: local.Key{Word: h.Stored.Bucket, Data: h.Stored.Data},
		})
	}
	return pairs
}

// Features are the decoded features of one picture.
type Features struct {
	Wavelet wavelet.Feature
	Color   color.Feature
	Global  global.Feature
	Local   local.Feature
	Quality quality.Feature
}

// DecodeFeatures reads the encoded features of one picture, by stage name.
// A stage that is missing is an error.
func DecodeFeatures(encoded map[string][]byte) (Features, error) {
	var f Features
	var err error
	into := func(name string, read func([]byte) error) {
		if err != nil {
			return
		}
		b, ok := encoded[name]
		if !ok {
			err = fmt.Errorf("decode features: %s is missing", name)
			return
		}
		if e := read(b); e != nil {
			err = fmt.Errorf("decode the %s feature: %w", name, e)
		}
	}
	into(Wavelet, func(b []byte) (e error) { f.Wavelet, e = wavelet.Decode(b); return })
	into(Color, func(b []byte) (e error) { f.Color, e = color.Decode(b); return })
	into(Global, func(b []byte) (e error) { f.Global, e = global.Decode(b); return })
	into(Local, func(b []byte) (e error) { f.Local, e = local.Decode(b); return })
	into(Quality, func(b []byte) (e error) { f.Quality, e = quality.Decode(b); return })
	return f, err
}

// ExtractAll returns the encoded features of a raster, by stage name.
func ExtractAll(r *raster.Raster) map[string][]byte {
	out := make(map[string][]byte)
	for _, s := range List() {
		out[s.Name] = s.Extract(r)
	}
	return out
}

// localListener is a listener of stage local.
type localListener struct {
	local.Listener
	probes []local.Key
	hits   []Hit
}

func (l *localListener) Hear(probes []Key, postings func(int) Postings, contents, self int, unheard func(int, int) bool, found func(int, []Hit)) int {
	l.probes = l.probes[:0]
	for _, p := range probes {
		l.probes = append(l.probes, local.Key{Word: p.Bucket, Data: p.Data})
	}
	return l.Listener.Hear(l.probes, func(i int) local.Postings {
		p := postings(i)
		return local.Postings{Pictures: p.Contents, Low: p.Low, High: p.High}
	}, contents, self, unheard, func(content int, pairs []local.Pair) {
		l.hits = l.hits[:0]
		for _, p := range pairs {
			l.hits = append(l.hits, Hit{
				Probe:  Key{Bucket: p.Probe.Word, Data: p.Probe.Data},
				Stored: Key{Bucket: p.Stored.Word, Data: p.Stored.Data},
			})
		}
		found(content, l.hits)
	})
}
