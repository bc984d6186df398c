package local

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

func FuzzDecode(f *testing.F) {
	full := Encode(Extract(plain(30)))
	f.Add(full)
	f.Add(full[:headBytes+3*pointBytes])
	f.Add(Encode(Extract(flat(40, 30))))
	f.Add([]byte{Version, 1, 0, 1, 0, 0, 0, 0, 0})
	other := Extract(plain(31))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Decode(b)
		if err != nil {
			return
		}
		if !bytes.Equal(Encode(g), b) {
			t.Fatal("decoded and encoded, the bytes differ")
		}
		Keys(g)
		Thumbnail(g)
		e := Compare(g, other)
		if e.OverlapA < 0 || e.OverlapA > 1 || e.OverlapB < 0 || e.OverlapB > 1 || e.Pixels.NCC != e.Pixels.NCC || e.Transform != e.Transform {
			t.Fatalf("out of range: %+v", e)
		}
		Compare(g, g)
	})
}

// FuzzAgree: hostile keys end in a score, the same from either side.
func FuzzAgree(f *testing.F) {
	var seed []byte
	for _, p := range pairsOf(Extract(plain(32)), Extract(plain(32)))[:40] {
		seed = binary.LittleEndian.AppendUint64(seed, p.Probe.Data)
		seed = binary.LittleEndian.AppendUint64(seed, p.Stored.Data)
	}
	f.Add(seed)
	f.Add(bytes.Repeat([]byte{0xff}, 64))
	f.Fuzz(func(t *testing.T, b []byte) {
		var there, back []Pair
		for ; len(b) >= 16; b = b[16:] {
			probe := Key{1, binary.LittleEndian.Uint64(b) & (probeFlag | 1<<56 - 1)}
			stored := Key{1, binary.LittleEndian.Uint64(b[8:]) & (1<<56 - 1)}
			there = append(there, Pair{probe, stored})
			if probe.Mirrored() {
				own, asked := probe.mirror(), stored.mirror()
				own.Word, asked.Word = 0, 0 // the mirrored words
				back = append(back, Pair{asked, own})
			} else {
				back = append(back, Pair{stored, probe})
			}
		}
		a := Agree(there)
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(back), func(i, j int) { back[i], back[j] = back[j], back[i] })
		if c := Agree(back); a != c || a.Votes < 0 || a.Votes > 2*len(there) {
			t.Fatalf("asked one way %+v, the other %+v", a, c)
		}
		if enough := a.Votes >= MinVotes; Agreed(there) != enough {
			t.Fatalf("%+v is enough: %t, and Agreed says no such thing", a, enough)
		}
	})
}
