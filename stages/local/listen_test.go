package local

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// crowd makes the keys of a picture, and those of many others: some share a few words with
// it in any place, some are its copies, mirrored or in part.
func crowd(r *rand.Rand, pictures int) (probes []Key, stored [][]Key) {
	var keys []Key
	for range 40 {
		keys = append(keys, Key{Word: r.Uint32N(Words), Data: r.Uint64() & (1<<56 - 1)})
	}
	for range pictures {
		var of []Key
		turn, mirrored, copied := r.IntN(4), r.IntN(2) == 1, r.IntN(4) == 0
		for range r.IntN(12) {
			k := keys[r.IntN(len(keys))]
			if copied {
				k.Data = k.Data&^(63<<angleAt) | uint64((k.angle()+turn)&(Angles-1))<<angleAt
			} else {
				k.Data = k.Data&(1<<32-1) | r.Uint64()&(1<<56-1)&^(1<<32-1)
			}
			for range r.IntN(10) {
				k.Data ^= 1 << r.IntN(32)
			}
			if mirrored {
				k = k.mirror()
				k.Data &^= probeFlag
			}
			of = append(of, k)
		}
		stored = append(stored, of)
	}
	for _, k := range keys[:len(keys):len(keys)] {
		keys = append(keys, k.mirror())
	}
	return keys, stored
}

// A listener finds just those pictures whose pairs agree, with all their pairs that are
// alike, whatever it heard before.
func TestListenerFindsWhatAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var l Listener
	agreed, all, mirrors := 0, 0, 0
	for round := range 300 {
		pictures := 1 + r.IntN(60)
		probes, stored := crowd(r, pictures)
		self := r.IntN(pictures+1) - 1
		words := make(map[uint32]Postings)
		for n, keys := range stored {
			for _, k := range keys {
				p := words[k.Word]
				p.Pictures, p.Low, p.High = append(p.Pictures, uint32(n)), append(p.Low, uint32(k.Data)), append(p.High, uint32(k.Data>>32))
				words[k.Word] = p
			}
		}
		got := make(map[int]int) // by picture, the pairs found
		alike := l.Hear(probes, func(i int) Postings { return words[probes[i].Word] }, pictures, self, func(int, int) bool { return false }, func(n int, pairs []Pair) {
			got[n] += len(pairs)
			if Agree(pairs).Votes < MinVotes {
				t.Errorf("round %d: picture %d was found by %v, which do not agree", round, n, pairs)
			}
		})
		want := make(map[int]int)
		for n, keys := range stored {
			var sides [2][]Pair
			for _, p := range probes {
				for _, k := range keys {
					if p.Word == k.Word && Alike(p, k) {
						alike--
						side := 0
						if p.Mirrored() {
							side = 1
						}
						sides[side] = append(sides[side], Pair{p, k})
					}
				}
			}
			for side, pairs := range sides {
				enough := Agree(pairs).Votes >= MinVotes
				if Agreed(pairs) != enough {
					t.Errorf("round %d: %v agree: %t, and Agreed says no such thing", round, pairs, enough)
				}
				if enough && n != self {
					want[n] += len(pairs)
					mirrors += side
				}
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("round %d: found %v, of which agree %v", round, got, want)
		}
		if alike != 0 {
			t.Errorf("round %d: %d more pairs are counted than are alike", round, alike)
		}
		agreed += len(want)
		all += pictures
	}
	if agreed < all/20 || agreed > all/2 || mirrors < agreed/10 {
		t.Errorf("%d of %d agree, %d of them mirrored: the test asks little", agreed, all, mirrors)
	}
}

// The fast way gives what the plain loop gives, whatever the postings hold and how many
// there are.
func TestWeighAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		probe := Key{Word: r.Uint32N(Words), Data: r.Uint64()}
		n := r.IntN(70)
		var p Postings
		for i := range n {
			p.Pictures = append(p.Pictures, r.Uint32N(MaxPictures))
			low := uint32(probe.Data)
			for range r.IntN(14) {
				low ^= 1 << r.IntN(32)
			}
			p.Low, p.High = append(p.Low, low), append(p.High, r.Uint32()&(1<<24-1))
			if i%5 == 0 {
				p.Low[i] = r.Uint32()
			}
		}
		marks, at := make([]uint32, n+weighRoom), make([]uint32, n+weighRoom)
		k := weighAlike(probe, p, marks, at)
		var wantMarks, wantAt []uint32
		for i := range n {
			stored := Key{Word: probe.Word, Data: uint64(p.Low[i]) | uint64(p.High[i])<<32}
			worth := keyWorth(vocabulary().weight(probe.Word), probe.Data, stored.Data, signaturesDiffer(probe.Data, stored.Data))
			if (worth > 0) != Alike(probe, stored) {
				t.Fatalf("%x and %x are worth %d", probe, stored, worth)
			}
			if worth > 0 {
				turn := uint32(stored.angle()-probe.angle()) % Angles / tallyStep
				wantMarks = append(wantMarks, p.Pictures[i]<<markPicture|turn<<markTurn|uint32((worth+tallyUnit-1)/tallyUnit))
				wantAt = append(wantAt, uint32(i))
			}
		}
		if !slices.Equal(marks[:k], wantMarks) || !slices.Equal(at[:k], wantAt) {
			t.Fatalf("%d postings of %x: %x at %d, want %x at %d", n, probe, marks[:k], at[:k], wantMarks, wantAt)
		}
	}
}

// To look at some pairs at once gives what looking at each gives.
func TestMayAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	may := 0
	const rounds = 100_000
	for range rounds {
		worths := make([]worthPair, 1+r.IntN(fewPairs))
		for i := range worths {
			worths[i] = worthPair{worth: uint16(1 + r.IntN(1260)), turn: uint8(r.IntN(Angles)), scale: int8(r.IntN(63) - 31)}
			if r.IntN(2) == 0 {
				worths[i].turn, worths[i].scale = uint8(60+r.IntN(20))%Angles, int8(r.IntN(9)-4)
			}
		}
		want := mayAgreeEach(worths)
		if mayAgree(worths) != want {
			t.Fatalf("%v may agree is not %t", worths, want)
		}
		if want {
			may++
		}
	}
	if may < rounds/10 || may > rounds*9/10 {
		t.Errorf("%d of %d may agree: the test asks little", may, rounds)
	}
}
