package index

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// A run holds postings sorted by bucket, content and data, each once, in
// blocks. This file is the form of a block and the merge of runs: pure
// functions of their input.
//
// A block is a format byte (1), then for each posting: the distance of its
// bucket from the one before (the first: from 0) as a varint; its content, as
// the distance from the one before where the bucket is the same; and its data,
// width bytes, big-endian. Varints are unsigned LEB128 as in encoding/binary.

const (
	blockFormat = 1

	// Postings of a block: four to five KB. Against 256 and 128, 1,024 halves the
	// cost of a look-up at 12 keys a photo, and costs nothing at 200.
	blockPostings = 1024
)

func comparePostings(a, b Posting) int {
	if c := cmp.Compare(a.Bucket, b.Bucket); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Content, b.Content); c != 0 {
		return c
	}
	return cmp.Compare(a.Data, b.Data)
}

// encodeBlock writes sorted postings, at most blockPostings.
func encodeBlock(postings []Posting, width int) []byte {
	b := make([]byte, 1, 1+len(postings)*(5+width))
	b[0] = blockFormat
	var before Posting
	var data [8]byte
	for _, p := range postings {
		step := p.Bucket - before.Bucket
		b = binary.AppendUvarint(b, uint64(step))
		content := p.Content
		if step == 0 {
			content -= before.Content
		}
		b = binary.AppendUvarint(b, uint64(content))
		binary.BigEndian.PutUint64(data[:], p.Data)
		b = append(b, data[8-width:]...)
		before = p
	}
	return b
}

var errBlock = explain(ErrDamaged, nil, "block of postings damaged")

// decodeBlock reads what encodeBlock wrote into the memory of into. Bytes that
// encodeBlock cannot have written are an error; it never takes more memory
// than a full block needs.
func decodeBlock(b []byte, width int, into []Posting) ([]Posting, error) {
	into = into[:0]
	if width < 0 || width > 8 || len(b) < 2 || b[0] != blockFormat {
		return into, errBlock
	}
	var before Posting
	for b = b[1:]; len(b) > 0; {
		if len(into) == blockPostings {
			return into, errBlock
		}
		step, n := uvarint(b)
		if n <= 0 || step > math.MaxUint32-uint64(before.Bucket) {
			return into, errBlock
		}
		b = b[n:]
		content, n := uvarint(b)
		if n <= 0 || content > math.MaxInt64 || len(b) < n+width {
			return into, errBlock
		}
		b = b[n:]
		p := Posting{Content: int64(content)}
		p.Bucket = before.Bucket + uint32(step)
		if step == 0 {
			if int64(content) > math.MaxInt64-before.Content {
				return into, errBlock
			}
			p.Content += before.Content
		}
		if width > 0 && len(b) >= 8 {
			p.Data = binary.BigEndian.Uint64(b) >> (8 * (8 - width))
		} else {
			for _, v := range b[:width] {
				p.Data = p.Data<<8 | uint64(v)
			}
		}
		b = b[width:]
		if p.Content <= 0 || len(into) > 0 && step == 0 && content == 0 && p.Data <= before.Data {
			return into, errBlock // not in order
		}
		into = append(into, p)
		before = p
	}
	return into, nil
}

// uvarint is binary.Uvarint; most numbers have one byte, and b is not empty unless
// it is cut off.
func uvarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

// newRun gathers the postings of a batch for one stage.
type newRun struct {
	width    int
	postings []Posting
}

// add takes the keys of one content; of their data, width bytes count.
func (r *newRun) add(content int64, keys []Key) {
	mask := uint64(math.MaxUint64)
	if r.width < 8 {
		mask = 1<<(8*r.width) - 1
	}
	for _, k := range keys {
		r.postings = append(r.postings, Posting{Key{k.Bucket, k.Data & mask}, content})
	}
}

// sorted puts the postings in the order of a run, each once.
func (r *newRun) sorted() []Posting {
	slices.SortFunc(r.postings, comparePostings)
	r.postings = slices.Compact(r.postings)
	return r.postings
}

// runReader gives the blocks of a run in order, and nil at its end. A block
// is good until the next is asked for.
type runReader func() ([]Posting, error)

// mergeRuns gives the postings of all runs, sorted, each once, without those
// of contents that are to be dropped, to put in blocks. It holds one block of
// each run and one more. What put is given is good until it returns.
func mergeRuns(runs []runReader, drop func(content int64) bool, put func(block []Posting) error) error {
	rest := make([][]Posting, len(runs)) // of the block of each run that is being read
	for i := range runs {
		var err error
		if rest[i], err = runs[i](); err != nil {
			return err
		}
	}
	block := make([]Posting, 0, blockPostings)
	var last Posting // no posting is zero: contents begin at 1
	for {
		least := -1
		for i := range rest {
			if len(rest[i]) > 0 && (least < 0 || comparePostings(rest[i][0], rest[least][0]) < 0) {
				least = i
			}
		}
		if least < 0 {
			break
		}
		p := rest[least][0]
		if rest[least] = rest[least][1:]; len(rest[least]) == 0 {
			next, err := runs[least]()
			if err != nil {
				return err
			}
			if len(next) > 0 && comparePostings(next[0], p) <= 0 {
				return fmt.Errorf("%w: not in order", errBlock)
			}
			rest[least] = next
		}
		if p == last || drop(p.Content) {
			continue
		}
		last = p
		if block = append(block, p); len(block) == blockPostings {
			if err := put(block); err != nil {
				return err
			}
			block = block[:0]
		}
	}
	if len(block) > 0 {
		return put(block)
	}
	return nil
}
