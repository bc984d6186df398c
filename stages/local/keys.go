package local

// Key is what one keypoint leaves in the index: pictures that share words meet,
// and Agree tells from Data alone whether the words lie alike.
type Key struct {
	Word uint32 // 0..Words-1
	Data uint64 // below 1<<56: KeyBytes bytes
}

// KeyBytes is how many bytes of Data must be stored: the low ones.
const KeyBytes = 7

// A keypoint has its nearest word for a key, and up to furtherWords that come next. A word that lies
// farther is less often that of the copy, and a common word costs more postings: at a gap of g bits,
// in a word with a share s of all keys, exp(-0.17 g) / s is about what is won for a posting read. The weight of
// a word is a logarithm of 1/s, so that a word is a key where its weight less 1.5 for each bit of the gap is
// 94.5 or more. Both sides are treated alike: more words on one side
// only would make what is found depend on which picture came first. Two further
// words are no meeting, so that a pair needs one side to be sure. Of the edited test photos, at 0.4 and
// 0.75 strangers per query among 627 photos (TestMeasure):
//
//	further words            keys   postings   alike   hard   partial
//	none                     297     3.5       2.6     .987   .864  .875
//	one, from 95             395     5.1       3.0     .987   .899  .907
//	three, from 98           411     5.1       2.9     .991   .891  .907
//	three, from 95           519     7.9       3.4     .991   .930  .938
//	three, from 94           567     9.5       3.7     .991   .934  .938
//	three, from 93           618    11.4       4.0     .991   .934  .938
//	half of the words, and one more where it is at most 3 bits farther:
//	                         516    17.6       9.4     .991   .903  .911
//
// The postings that a query reads, its mirror image included, are for each picture in the index;
// alike are those of them that are Alike.
const (
	furtherWords = 3
	keysOfPoint  = 1 + furtherWords
	wordFrom     = 189 // halves
	gapCosts     = 3   // for each bit, halves

	// farthestWord is a gap at which no word is a key: weights end at 113 (see the train command).
	farthestWord = (2*115-wordFrom)/gapCosts + 1
)

// isKey says whether a word that is not the nearest is a key.
func (v *Vocabulary) isKey(n nearWord) bool {
	return n.gap < farthestWord && 2*v.weight(n.word) >= wordFrom+gapCosts*n.gap
}

// Data of a key, from the lowest bit: signature 32, angle 6, scale 5, second 1 (not the nearest word), y 6, x 6.
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

// Keys returns the keys of a feature, one to four for each keypoint, in their
// order. Finding the words takes 1.3 ms for 300 keypoints where the processor has AVX2, else 4 (BenchmarkKeys).
func Keys(f Feature) []Key {
	v := vocabulary()
	base := scaleBase(f)
	keys := make([]Key, 0, 2*len(f.Points))
	for i := range f.Points {
		p := &f.Points[i]
		near := v.words(p.Descriptor)
		k := Key{Word: near[0].word, Data: uint64(signature(p.Descriptor)) |
			uint64(p.Angle)<<angleAt |
			uint64(min(base+scaleSteps/3*int(p.Level), 31))<<scaleAt |
			uint64(p.Y>>5)<<yAt | uint64(p.X>>5)<<xAt}
		keys = append(keys, k)
		for _, n := range near[1:] {
			if v.isKey(n) {
				keys = append(keys, Key{Word: n.word, Data: k.Data | 1<<secondAt})
			}
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
