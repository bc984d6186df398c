package local

// Key is what one keypoint leaves in the index: pictures that share words meet,
// and Agree tells from Data alone whether the words lie alike.
type Key struct {
	Word uint32 // 0..Words-1
	Data uint64 // below 1<<56: KeyBytes bytes
}

// KeyBytes is how many bytes of Data must be stored: the low ones.
const KeyBytes = 7

// secondMargin is how many bits farther than the nearest word the second nearest
// may be to be a key too. Both sides are treated alike: more words on one side
// only would make what is found depend on which picture came first. Two second
// words are no meeting, so that a pair needs one side to be sure. At 0.75 strangers per query
// among 627 photos (TestMeasure):
//
//	margin   keys   postings read   hard   partial
//	none     297    5.6             .987   .864
//	1        427    12.0            .987   .895
//	3        516    17.6            .987   .911
//	all      594    22.0            .991   .914
//
// The postings that a query reads, its mirror image included, are for each picture in
// the index.
const secondMargin = 3

// Data of a key, from the lowest bit: signature 32, angle 6, scale 5, second 1, y 6, x 6.
// Of a probe, bit 63 says that it asks for the mirrored picture.
const (
	angleAt      = 32
	scaleAt      = 38
	secondAt     = 43
	yAt          = 44
	xAt          = 50
	probeFlag    = uint64(1) << 63
	scaleSteps   = 6  // per octave, from a level as wide as 512 pixels
	placeSteps   = 64 // over the long side
	signatureLow = 0xffff
)

// Keys returns the keys of a feature, one or two for each keypoint, in their
// order. Finding the words takes 1.0 ms for 300 keypoints where the processor has AVX2, else 3 (BenchmarkKeys).
func Keys(f Feature) []Key {
	v := vocabulary()
	base := scaleBase(f)
	keys := make([]Key, 0, 2*len(f.Points))
	for i := range f.Points {
		p := &f.Points[i]
		first, second, gap := v.words(p.Descriptor)
		k := Key{Word: first, Data: uint64(signature(p.Descriptor)) |
			uint64(p.Angle)<<angleAt |
			uint64(min(base+scaleSteps/3*int(p.Level), 31))<<scaleAt |
			uint64(p.Y>>5)<<yAt | uint64(p.X>>5)<<xAt}
		keys = append(keys, k)
		if gap <= secondMargin {
			keys = append(keys, Key{Word: second, Data: k.Data | 1<<secondAt})
		}
	}
	return keys
}

// Probes returns the keys to ask the index for: those of the picture, then
// those of its mirror image.
func Probes(f Feature) []Key {
	keys := Keys(f)
	for _, k := range keys[:len(keys):len(keys)] {
		keys = append(keys, k.mirror())
	}
	return keys
}

// Mirrored says whether a probe asks for the mirrored picture.
func (k Key) Mirrored() bool { return k.Data&probeFlag != 0 }

// mirror returns the key that the mirrored picture has, marked as such or, if
// it was marked, no longer. x is mirrored within the unit square: the shift
// against the mirrored frame is the same for all keys.
func (k Key) mirror() Key {
	s := uint32(k.Data)
	data := uint64(s>>16|s<<16) |
		uint64(mirrorAngle(k.angle()))<<angleAt |
		k.Data&(31<<scaleAt|1<<secondAt|63<<yAt) |
		uint64(placeSteps-1-k.x())<<xAt
	return Key{Word: k.Word ^ 1, Data: data | ^k.Data&probeFlag}
}

func (k Key) x() int     { return int(k.Data >> xAt & 63) }
func (k Key) y() int     { return int(k.Data >> yAt & 63) }
func (k Key) scale() int { return int(k.Data >> scaleAt & 31) }
func (k Key) angle() int { return int(k.Data >> angleAt & 63) }

// point is the keypoint alone, whatever the word.
func (k Key) point() uint64 { return k.Data &^ (1<<secondAt | probeFlag) }

// mirrorAngle mirrors x: half a turn minus the angle.
func mirrorAngle(a int) int { return (Angles/2 - a) & (Angles - 1) }

// signature is the answers of 16 tests and of their mirror images. The pattern
// begins with the most telling tests.
func signature(d Descriptor) uint32 {
	return uint32(d[0]&signatureLow) | uint32(d[2]&signatureLow)<<16
}

// scaleBase is the scale of level 0 against a level 512 pixels wide, in steps
// of a sixth of an octave.
func scaleBase(f Feature) int {
	long := float64(longSide(f))
	n := 0
	for n < 31 && float64(long*pow2(2*n+1, 2*scaleSteps)) < raster512 {
		n++
	}
	return n
}

const raster512 = 512

// longSide is the long side of level 0, in pixels.
func longSide(f Feature) int {
	long := max(f.Width, f.Height)
	if long <= enlargeTo {
		long *= 2
	}
	return long
}

// root24 holds 2^(n/24): written out, for math.Pow may differ between processors.
var root24 = [24]float64{
	1.0, 1.029302236643492, 1.0594630943592953, 1.0905077326652577,
	1.122462048309373, 1.155352696872273, 1.189207115002721, 1.2240535433046553,
	1.2599210498948732, 1.2968395546510096, 1.3348398541700344, 1.3739536474580891,
	1.4142135623730951, 1.4556531828421873, 1.4983070768766815, 1.5422108254079407,
	1.5874010519681994, 1.6339154532411, 1.681792830507429, 1.731073122012286,
	1.7817974362806785, 1.8340080864093424, 1.8877486253633868, 1.9430638823072117,
}

// pow2 returns 2^(n/d) for d of 3, 12 or 24 and any n.
func pow2(n, d int) float64 {
	n *= 24 / d
	octave := n / 24
	if n%24 < 0 {
		octave--
	}
	v := root24[n-24*octave]
	for ; octave > 0; octave-- {
		v *= 2
	}
	for ; octave < 0; octave++ {
		v /= 2
	}
	return v
}
