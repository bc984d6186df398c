package index

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// A run holds postings sorted by bucket, content and data, each once, in
// blocks. This file is the form of a block and the merge of runs: pure
// functions of their input.
//
// A block is a format byte (2), then its buckets. Of each: the distance from the
// bucket before (the first: from 0), the number of its postings, and the content of
// the first, as varints; the distances between the contents, as varints; then the
// data in two columns, the low four bytes of all and what is left of the width of
// all, little-endian. Varints are unsigned LEB128 as in encoding/binary. Columns,
// because a look-up compares the low bytes of many postings and seldom more.

const (
	blockFormat = 2

	// blockBytes is how large a block becomes: two fill a page of 4 KiB with
	// their row headers. A block of few postings is what one picture alone costs:
	// its thousand keys lie in as many blocks of each large run.
	blockBytes = 2000
	// blockPostings bounds a block whose postings have no data.
	blockPostings = 1024
)

func comparePostings(a, b posting) int {
	if c := cmp.Compare(a.Bucket, b.Bucket); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Content, b.Content); c != 0 {
		return c
	}
	return cmp.Compare(a.Data, b.Data)
}

// newBlock gathers sorted postings until a block is full.
type newBlock struct {
	width    int
	postings []posting
	bucket   int // postings of the last bucket
	bytes    int // that encodeBlock writes
}

// add takes a posting, unless the block is full with it.
func (n *newBlock) add(p posting) bool {
	var last posting
	if len(n.postings) > 0 {
		last = n.postings[len(n.postings)-1]
	}
	more, bucket := n.width, 1
	switch {
	case len(n.postings) > 0 && last.Bucket == p.Bucket:
		bucket = n.bucket + 1
		more += varintBytes(uint64(p.Content-last.Content)) + varintBytes(uint64(bucket)) - varintBytes(uint64(n.bucket))
	default:
		more += varintBytes(uint64(p.Bucket-last.Bucket)) + 1 + varintBytes(uint64(p.Content))
	}
	if len(n.postings) == 0 {
		n.bytes = 1
	} else if len(n.postings) == blockPostings || n.bytes+more > blockBytes {
		return false
	}
	n.postings, n.bucket, n.bytes = append(n.postings, p), bucket, n.bytes+more
	return true
}

// take gives the block that was gathered, and begins the next.
func (n *newBlock) take() (postings []posting, bytes []byte) {
	postings, n.postings = n.postings, n.postings[:0]
	return postings, encodeBlock(postings, n.width)
}

func varintBytes(v uint64) int { return max((bits.Len64(v)+6)/7, 1) }

// encodeBlock writes sorted postings, at most blockPostings.
func encodeBlock(postings []posting, width int) []byte {
	b := make([]byte, 1, 1+len(postings)*(6+width))
	b[0] = blockFormat
	low := min(width, 4)
	var before uint32
	for len(postings) > 0 {
		bucket := postings[0].Bucket
		n := 1
		for n < len(postings) && postings[n].Bucket == bucket {
			n++
		}
		b = binary.AppendUvarint(b, uint64(bucket-before))
		b = binary.AppendUvarint(b, uint64(n))
		var content int64
		for _, p := range postings[:n] {
			b = binary.AppendUvarint(b, uint64(p.Content-content))
			content = p.Content
		}
		for _, p := range postings[:n] {
			b = appendLittle(b, p.Data, low)
		}
		for _, p := range postings[:n] {
			b = appendLittle(b, p.Data>>32, width-low)
		}
		before, postings = bucket, postings[n:]
	}
	return b
}

func appendLittle(b []byte, v uint64, n int) []byte {
	for ; n > 0; n-- {
		b = append(b, byte(v))
		v >>= 8
	}
	return b
}

var errBlock = explain(ErrDamaged, nil, "block of postings damaged")

// blockReader goes through a block, bucket by bucket.
type blockReader struct {
	width    int
	rest     []byte
	bucket   uint32
	count    int     // postings of the bucket
	contents []int64 // of the bucket, in order
	low      []byte  // data of the postings of the bucket, min(width, 4) bytes each
	high     []byte  // and the other bytes
	postings int     // so far
}

// open begins a block.
func (r *blockReader) open(b []byte, width int) error {
	if width < 0 || width > 8 || len(b) < 2 || b[0] != blockFormat {
		return errBlock
	}
	*r = blockReader{width: width, rest: b[1:], contents: r.contents[:0]}
	return nil
}

// next reads a bucket; false at the end of the block. Bytes that encodeBlock cannot
// have written are an error, and it never takes more memory than a full block needs;
// the order of the data of one content and bucket is for who takes them.
func (r *blockReader) next() (bool, error) {
	more, err := r.head()
	if !more || err != nil {
		return false, err
	}
	r.contents = slices.Grow(r.contents[:0], r.count)
	b, content := r.rest, int64(0)
	for range r.count {
		var far int64
		ok := true
		if len(b) > 0 && b[0] < 0x80 {
			far, b = int64(b[0]), b[1:]
		} else {
			far, b, ok = cutDistance(b)
		}
		if content += far; !ok || content <= 0 {
			return false, errBlock // none, or too far
		}
		r.contents = append(r.contents, content)
	}
	return true, r.columns(b)
}

// head reads which bucket comes, and how many postings it has; false at the end of the
// block. What follows is to be read by next, offsets or skip.
func (r *blockReader) head() (bool, error) {
	if len(r.rest) == 0 {
		return false, nil
	}
	step, b, ok := cutVarint(r.rest)
	if !ok || step > math.MaxUint32-uint64(r.bucket) || step == 0 && r.postings > 0 {
		return false, errBlock
	}
	count, b, ok := cutVarint(b)
	if !ok || count == 0 || count > uint64(blockPostings-r.postings) {
		return false, errBlock
	}
	r.bucket += uint32(step)
	r.count = int(count)
	r.postings += r.count
	r.rest = b
	return true, nil
}

// offsets reads the bucket and adds its contents to into, as offsets from low, as far as they are
// below most. They are those of its postings from one on to another.
func (r *blockReader) offsets(low int64, most int, into []uint32) (_ []uint32, from, to int, err error) {
	into = slices.Grow(into, r.count)
	b, content := r.rest, int64(0)
	for i := range r.count {
		var far int64
		ok := true
		// Nearly all are of one byte or of two, by chance: a branch between them would be guessed
		// wrong one time in three.
		if pair := pairOf(b); pair&0x8080 != 0x8080 {
			two := pair >> 7 & 1 // 1 where the second byte belongs to it
			far, b = int64(pair&0x7f|pair>>1&0x3f80&-two), b[1+two:]
		} else {
			far, b, ok = cutDistance(b)
		}
		if content += far; !ok || content <= 0 {
			return into, 0, 0, errBlock // none, or too far
		}
		switch at := content - low; {
		case at < 0:
			from = i + 1
		case at < int64(most):
			into = append(into, uint32(at))
			to = i + 1
		}
	}
	return into, from, max(from, to), r.columns(b)
}

// skip passes over the bucket. A varint ends with a byte whose highest bit is not set, so that
// eight bytes are counted at a time.
func (r *blockReader) skip() error {
	b, left := r.rest, r.count
	for left >= 8 && len(b) >= 8 {
		left -= bits.OnesCount64(^binary.LittleEndian.Uint64(b) & 0x8080808080808080)
		b = b[8:]
	}
	for ; left > 0; b = b[1:] {
		if len(b) == 0 {
			return errBlock
		}
		if b[0] < 0x80 {
			left--
		}
	}
	return r.columns(b)
}

// columns reads the data of the bucket, behind its contents.
func (r *blockReader) columns(b []byte) error {
	low := r.count * min(r.width, 4)
	all := r.count * r.width
	if len(b) < all {
		return errBlock
	}
	r.low, r.high, r.rest = b[:low], b[low:all], b[all:]
	return nil
}

// pairOf is the next two bytes, the first in the low ones. Where there are no two it is none that a
// short varint begins with.
func pairOf(b []byte) uint {
	if len(b) < 2 {
		return 0x8080
	}
	return uint(b[0]) | uint(b[1])<<8
}

// cutDistance reads how far a content is from the one before.
func cutDistance(b []byte) (far int64, rest []byte, ok bool) {
	v, b, ok := cutVarint(b)
	return int64(v), b, ok && v <= math.MaxInt64
}

// data of posting number i of the bucket.
func (r *blockReader) data(i int) uint64 {
	low := min(r.width, 4)
	high := r.width - low
	return uint64(little(r.low[i*low:][:low])) | uint64(little(r.high[i*high:][:high]))<<32
}

// little reads up to four bytes.
func little(b []byte) (v uint32) {
	for k := len(b) - 1; k >= 0; k-- {
		v = v<<8 | uint32(b[k])
	}
	return v
}

func cutVarint(b []byte) (v uint64, rest []byte, ok bool) {
	v, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, false
	}
	return v, b[n:], true
}

// decodeBlock reads what encodeBlock wrote into the memory of into.
func decodeBlock(b []byte, width int, into []posting) ([]posting, error) {
	into = into[:0]
	var r blockReader
	if err := r.open(b, width); err != nil {
		return into, err
	}
	for {
		more, err := r.next()
		if err != nil || !more {
			return into, err
		}
		for i, c := range r.contents {
			p := posting{Key{r.bucket, r.data(i)}, c}
			if i > 0 && comparePostings(into[len(into)-1], p) >= 0 {
				return into, errBlock // not in order
			}
			into = append(into, p)
		}
	}
}

// newRun gathers the postings of a batch for one stage.
type newRun struct {
	width    int
	postings []posting
}

// add takes the keys of one content; of their data, width bytes count.
func (r *newRun) add(content int64, keys []Key) {
	mask := uint64(math.MaxUint64)
	if r.width < 8 {
		mask = 1<<(8*r.width) - 1
	}
	for _, k := range keys {
		r.postings = append(r.postings, posting{Key{k.Bucket, k.Data & mask}, content})
	}
}

// sorted puts the postings in the order of a run, each once.
func (r *newRun) sorted() []posting {
	slices.SortFunc(r.postings, comparePostings)
	r.postings = slices.Compact(r.postings)
	return r.postings
}

// runReader gives the blocks of a run in order, and nil at its end. A block
// is good until the next is asked for.
type runReader func() ([]posting, error)

// mergeRuns gives the postings of all runs, sorted, each once, without those
// of contents that are to be dropped, to put. It holds one block of each run.
func mergeRuns(runs []runReader, drop func(content int64) bool, put func(posting) error) error {
	rest := make([][]posting, len(runs)) // of the block of each run that is being read
	for i := range runs {
		var err error
		if rest[i], err = runs[i](); err != nil {
			return err
		}
	}
	var last posting // no posting is zero: contents begin at 1
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
		if err := put(p); err != nil {
			return err
		}
	}
	return nil
}
