package ingest

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// loaded is what one pass over a file gave.
type loaded struct {
	format raster.Format
	hash   index.Hash
	data   []byte // the whole file, or nil where it is no picture
	buffer []byte // the memory that data lies in, unless the file grew while it was read
	read   int64
	took   map[string]time.Duration
	leave  func() // gives back the room that it takes; nil for none
}

// done ends the use of what was loaded.
func (l *Looker) done(b *loaded) {
	l.Buffers.put(b.buffer)
	b.data, b.buffer = nil, nil
	if b.leave != nil {
		b.leave()
		b.leave = nil
	}
}

// growAtOnce is the largest buffer made by a file's size alone: camera raw files of today
// lie below. Pages of it that no byte comes for take no memory.
const growAtOnce = 256 << 20

// readAtOnce is how much is read before it is hashed, while the processor still has it at hand.
const readAtOnce = 256 << 10

// load reads a file once: its first bytes tell whether it is a picture at all,
// and whether its bytes are needed for more than their hash. On an error nothing is
// held; else the caller ends it with done.
func (l *Looker) load(ctx context.Context, f File) (b loaded, err error) {
	started := time.Now()
	file, err := l.Disk.Open(f.Path)
	if err != nil {
		return loaded{}, err
	}
	defer file.Close()
	head := make([]byte, raster.SniffLen)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return loaded{}, err
	}
	reading := time.Since(started)
	head = head[:n]
	b = loaded{format: raster.Sniff(head, f.Name), read: int64(n)}
	if b.format == raster.Unknown {
		b.took = map[string]time.Duration{StepRead: reading}
		return b, nil
	}
	if err := l.Limits.CheckFileSize(f.Seen.Size); err != nil { // of pictures alone: a film may be as long as it is
		return b, err
	}
	if l.Room != nil {
		if b.leave, err = l.Room(ctx, f.Seen.Size); err != nil {
			return b, err
		}
	}
	defer func() {
		if err != nil {
			l.done(&b)
		}
	}()
	started = time.Now()
	var hashing time.Duration
	h := blake3.New()
	h.Write(head)
	// A large file gets its buffer at once: growing it would take twice as much. It may
	// turn out shorter or longer than it was seen.
	b.buffer = l.Buffers.get(int(max(min(f.Seen.Size, growAtOnce), int64(n))) + 1) // one more, to see the end
	b.data = append(b.buffer, head...)
	for err = nil; err == nil; {
		if err := ctx.Err(); err != nil {
			return b, err
		}
		at := len(b.data)
		if at == cap(b.data) { // as long as it was seen to be, now that this much of it is there
			b.data = slices.Grow(b.data, int(max(f.Seen.Size-int64(at), readAtOnce))+1)
		}
		n, err = file.Read(b.data[at:min(at+readAtOnce, cap(b.data))])
		b.data = b.data[:at+n]
		hashed := time.Now()
		h.Write(b.data[at:])
		hashing += time.Since(hashed)
		b.read += int64(n)
		if e := l.Limits.CheckFileSize(b.read); e != nil {
			return b, e // it grows while it is read
		}
	}
	if err != io.EOF {
		return b, err
	}
	h.Sum(b.hash[:0])
	b.took = map[string]time.Duration{StepRead: reading + time.Since(started) - hashing, StepHash: hashing}
	return b, nil
}

// extracted is a content with what was made of it.
type extracted struct {
	write     *index.ContentWrite
	extracted []string
}

// extract decodes a file and runs some stages over it. A picture that cannot be
// decoded becomes a content with its reason and no features.
func (l *Looker) extract(ctx context.Context, f File, b loaded, list []stages.Stage) (extracted, error) {
	w := &index.ContentWrite{Content: index.Content{Hash: b.hash, Size: b.read, Format: string(b.format)}}
	out := extracted{write: w}
	at := time.Now()
	took := func(step string) {
		now := time.Now()
		b.took[step] += now.Sub(at)
		at = now
	}
	r, err := l.Decoder.Decode(ctx, b.data, f.Name)
	took(StepDecode)
	if err != nil {
		var failure *raster.Failure
		if !errors.As(err, &failure) {
			return out, err
		}
		w.Failure, w.Attempt = failure.Error(), l.Attempt
		return out, nil
	}
	describe(&w.Content, r)
	if sum, ok := raster.PictureHash(b.data, r.Format, r.Orientation); ok {
		w.Picture = sum
	}
	took(StepHash)
	for _, s := range list {
		feature := s.Extract(r)
		w.Features = append(w.Features, index.Feature{Stage: s.Name, Version: s.Version, Bytes: feature})
		out.extracted = append(out.extracted, s.Name)
		took(s.Name)
		if s.Buckets == nil {
			continue
		}
		keys, err := s.Buckets.Keys(feature)
		if err != nil {
			return out, err
		}
		ks := index.Keys{Stage: s.Name, Version: s.Version, Width: s.Buckets.Width, Keys: make([]index.Key, len(keys))}
		for i, k := range keys {
			ks.Keys[i] = index.Key(k)
		}
		w.Keys = append(w.Keys, ks)
		took(s.Name)
	}
	return out, nil
}

// describe carries what the decoder told over to the content's row.
func describe(c *index.Content, r *raster.Raster) {
	c.Width, c.Height = r.Picture.Width, r.Picture.Height
	c.Format, c.Decoder, c.Source, c.Damaged = string(r.Format), r.Decoder, string(r.Source), r.Damaged
	c.Camera = r.Camera
	if !r.Taken.IsZero() {
		c.Taken = r.Taken.UnixNano()
	}
}
