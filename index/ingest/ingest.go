package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// Disk is what is needed of the disk. It can only read: there is no code here
// that could harm a photo.
type Disk interface {
	Open(path string) (io.ReadCloser, error)
	Stat(path string) (index.Stat, error) // fs.ErrNotExist where it is gone
}

// Store is what is asked of the index.
type Store interface {
	ContentByHash(ctx context.Context, h index.Hash) (index.Content, bool, error)
	Contents(ctx context.Context, ids []int64) (map[int64]index.Content, error)
	FilesByInode(ctx context.Context, inode, device uint64) ([]index.File, error)
	Features(ctx context.Context, stage string, version int, contents []int64) (map[int64][]byte, error)
}

// Decoder turns the bytes of a file into a raster. A bad picture is a
// *raster.Failure; any other error ends the run.
type Decoder interface {
	Decode(ctx context.Context, data []byte, name string) (*raster.Raster, error)
}

// File is a file that a walk found, with what is stored under its name.
type File struct {
	index.Place
	Path   string // full
	Seen   index.Stat
	Stored *index.File // nil where the name is new
	Need   Need        // from Fresh
}

// Result is what was found about a file, and what is to be committed.
type Result struct {
	File    File
	Reason  Reason
	Row     *index.FileWrite    // the file's row; nil where it stays as it is
	Content *index.ContentWrite // new or extracted anew; nil where there is nothing to store
	From    *index.Place        // the place it moved away from
	Gone    bool                // it vanished before it could be read
	Waits   bool                // its content is being extracted for another file of this run
	Again   bool                // it changed each time it was read: look again later
	Failure string              // why it is no picture to the index

	Hashed, Decoded bool
	Extracted       []string                 // stages
	Bytes           int64                    // read
	Took            map[string]time.Duration // by step: StepRead and the others, and each stage by its name
}

// The steps of a look that [Result.Took] times beside the stages.
const (
	StepRead   = "read"
	StepHash   = "hash"
	StepDecode = "decode"
)

// Looker looks at files. It is safe for concurrent use where its fields are; a
// decoder is not, so who extracts has a Looker with a decoder of its own.
type Looker struct {
	Store   Store
	Disk    Disk
	Decoder Decoder
	Stages  []stages.Stage
	Limits  raster.Limits
	Attempt string    // names decoders and limits, see Attempt
	Claims  *Claims   // shared by all workers of a run
	Roots   RootPaths // full paths, to find where a moved file was
	Now     func() time.Time

	// Outdated are the contents that must be decoded again although their bytes
	// are known: a feature is stale, their failure may be tried again, or they were
	// decoded from a preview and now none may be. It is as it was when the run began, and only read.
	Outdated map[int64]bool

	// Room waits until a picture of size bytes may be read and decoded, and returns
	// what gives its room back. Nil: there is always room.
	Room func(ctx context.Context, size int64) (leave func(), err error)
	// Buffers keeps the memory of files for the next ones. Nil: each gets its own.
	Buffers *Buffers
}

// Unseen is a picture that was read and waits to be decoded. Its bytes stay in
// memory until [Looker.Extract] has seen it.
type Unseen struct {
	file   File
	loaded loaded
	todo   []stages.Stage
	result Result
}

// RootPaths gives the full path of a place.
type RootPaths func(index.Place) string

// Attempt names what a failure depends on beside the file's bytes: when it
// differs from what is stored with a failure, the file is tried again.
func Attempt(l raster.Limits) string {
	text := fmt.Sprintf("raster %d, limits %d %d %d %d %d", raster.Version, l.Pixels, l.FileSize, l.Side, l.Parts, l.Memory)
	if l.FullOnly {
		text += ", no previews"
	}
	return text
}

// tries is how often a file that changes while it is read is read again at once.
const tries = 3

// Look finds out about a file, in these steps: is it a picture at all; did it
// move here; what is its hash; is that known; decode; extract.
func (l *Looker) Look(ctx context.Context, f File) (Result, error) {
	r, unseen, err := l.Read(ctx, f)
	if err != nil || unseen == nil {
		return r, err
	}
	return l.Extract(ctx, unseen)
}

// Read is the part of a look that waits for the disk. It needs no decoder. Where
// the file must be decoded, what was read is returned for [Looker.Extract], and the
// result comes from there; else it is final.
func (l *Looker) Read(ctx context.Context, f File) (Result, *Unseen, error) {
	if f.Need == Extract {
		return l.again(ctx, f)
	}
	r, sure, from, err := l.moved(ctx, f)
	if sure || err != nil {
		return r, nil, err
	}
	for range tries {
		r, unseen, err := l.read(ctx, f, from)
		if err != nil || !r.Again {
			return r, unseen, err
		}
		seen, err := l.Disk.Stat(f.Path)
		if errors.Is(err, fs.ErrNotExist) {
			return Result{Gone: true}, nil, nil
		}
		if err == nil {
			f.Seen = seen
		}
	}
	return Result{Again: true}, nil, nil
}

// Extract is the part of a look that needs the processor.
func (l *Looker) Extract(ctx context.Context, u *Unseen) (Result, error) {
	defer l.done(&u.loaded)
	r := u.result
	c, err := l.extract(ctx, u.file, u.loaded, u.todo)
	if err != nil {
		return r, err
	}
	r.Content, r.Decoded, r.Failure = c.write, true, c.write.Failure
	r.Extracted = c.extracted
	r.finish()
	return r, nil
}

// finish carries over to the row whether the content failed.
func (r *Result) finish() {
	r.Row.State, r.Row.Reason = index.OK, ""
	if r.Failure != "" {
		r.Row.State, r.Row.Reason = index.Failed, r.Failure
	}
}

// moved recognizes a file by inode, size and time: it was renamed, or it is
// another link to the same bytes. Where that is sure, neither is opened. Where it
// is not, because the old row is racy or its features must be made anew, the
// place that it seems to come from is returned, to be confirmed by the hash.
func (l *Looker) moved(ctx context.Context, f File) (r Result, sure bool, from *index.File, err error) {
	if f.Stored != nil || f.Seen.Inode == 0 {
		return r, false, nil, nil
	}
	files, err := l.Store.FilesByInode(ctx, f.Seen.Inode, f.Seen.Device)
	if err != nil {
		return r, false, nil, err
	}
	var like *index.File // the row it came from; of several links one whose name is gone
	for _, old := range files {
		if old.Place == f.Place || old.Content == 0 || old.Size != f.Seen.Size || old.Mtime != f.Seen.Mtime {
			continue
		}
		seen, err := l.Disk.Stat(l.Roots(old.Place))
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && (seen.Inode != f.Seen.Inode || seen.Device != f.Seen.Device):
			from = &old
		case err == nil && like == nil:
			like = &old
		}
		if from != nil {
			break
		}
	}
	reason := Copied // another link
	if from != nil {
		reason, like = Moved, from
	}
	if like == nil || like.Racy || l.Outdated[like.Content] {
		return r, false, from, nil
	}
	contents, err := l.Store.Contents(ctx, []int64{like.Content})
	if err != nil {
		return r, false, nil, err
	}
	content, ok := contents[like.Content]
	if !ok {
		return r, false, nil, nil
	}
	r = Result{Reason: reason, Failure: content.Failure, Row: &index.FileWrite{
		File: index.File{Place: f.Place, Stat: f.Seen, State: like.State, Reason: like.Reason}, Hash: content.Hash}}
	if from != nil {
		r.From = &from.Place
	}
	return r, true, from, nil
}

// read hashes a file and finds out what its hash asks for.
func (l *Looker) read(ctx context.Context, f File, from *index.File) (Result, *Unseen, error) {
	readAt := l.Now()
	b, err := l.load(ctx, f)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Result{Gone: true}, nil, nil
	case ctx.Err() != nil:
		l.done(&b)
		return Result{}, nil, ctx.Err()
	case err != nil:
		return l.unread(f, reasonOf(err)), nil, nil
	}
	after, err := l.Disk.Stat(f.Path)
	if err != nil || !Same(after, f.Seen) {
		l.done(&b)
		return Result{Again: true, Bytes: b.read}, nil, nil
	}
	row := index.File{Place: f.Place, Stat: f.Seen, State: index.OK, Racy: Racy(f.Seen.Mtime, readAt)}
	if b.format == raster.Unknown {
		row.State = index.Other
		return Result{Reason: l.reasonOther(f), Row: &index.FileWrite{File: row}, Bytes: b.read, Took: b.took}, nil, nil
	}
	return l.settle(ctx, f, b, row, func(content index.Content, known bool) (Reason, *index.Place) {
		same := known && f.Stored != nil && f.Stored.Content == content.ID
		switch {
		case known && content.Failure != "" && l.Outdated[content.ID]:
			return Retried, nil
		case known && from != nil && from.Content == content.ID:
			return Moved, &from.Place
		}
		return Known(f.Stored, same, known), nil
	})
}

// settle finds out what the content of a file that was read asks for: nothing,
// a decode and all stages, or those that are stale. The first of this run to
// claim a content extracts it; the others wait for what the first commits.
func (l *Looker) settle(ctx context.Context, f File, b loaded, row index.File, reason func(index.Content, bool) (Reason, *index.Place)) (
	r Result, unseen *Unseen, err error) {
	defer func() {
		if unseen == nil {
			l.done(&b)
		}
	}()
	r = Result{Hashed: true, Bytes: b.read, Row: &index.FileWrite{File: row, Hash: b.hash}, Took: b.took}
	// Claim first, ask then: a content that was committed in between is found.
	mine := l.Claims.claim(b.hash)
	content, known, err := l.Store.ContentByHash(ctx, b.hash)
	if err != nil {
		return r, nil, err
	}
	todo, err := l.todo(ctx, content, known)
	if err != nil {
		return r, nil, err
	}
	r.Waits = len(todo) > 0 && !mine
	r.Reason, r.From = reason(content, known || r.Waits)
	switch {
	case len(todo) == 0:
		if mine {
			l.Claims.release(b.hash)
		}
		r.Failure = content.Failure
	case r.Waits:
		// Another worker of this run extracts the same bytes; the committer joins the two.
	default:
		return r, &Unseen{file: f, loaded: b, todo: todo, result: r}, nil
	}
	r.finish()
	return r, nil, nil
}

// todo lists the stages that must see a content: all of one that is new, or that
// failed with other decoders or limits, or that was decoded from a preview which may be
// used no more; the stale ones of one that is known.
func (l *Looker) todo(ctx context.Context, content index.Content, known bool) ([]stages.Stage, error) {
	switch {
	case !known, content.Failure != "" && content.Attempt != l.Attempt:
		return l.Stages, nil
	case content.Failure != "" || !l.Outdated[content.ID]:
		return nil, nil
	case l.Limits.FullOnly && content.Source == string(raster.Preview):
		return l.Stages, nil
	}
	return l.stale(ctx, content.ID)
}

// again reads a content whose features are stale, or whose failure may be
// tried again, from a file that is as it was when it was hashed.
func (l *Looker) again(ctx context.Context, f File) (Result, *Unseen, error) {
	contents, err := l.Store.Contents(ctx, []int64{f.Stored.Content})
	if err != nil {
		return Result{}, nil, err
	}
	content, ok := contents[f.Stored.Content]
	if !ok {
		return Result{}, nil, fmt.Errorf("look at %q again: its content %d is missing; run `dedupidx check`", f.Path, f.Stored.Content)
	}
	reason := Stale
	if f.Stored.State == index.Failed {
		reason = Retried
	}
	todo, err := l.todo(ctx, content, true)
	if err != nil {
		return Result{}, nil, err
	}
	if len(todo) == 0 { // done for another file of this run
		row := *f.Stored
		row.State, row.Reason = index.OK, ""
		if content.Failure != "" {
			row.State, row.Reason = index.Failed, content.Failure
		}
		return Result{Reason: reason, Failure: content.Failure, Row: &index.FileWrite{File: row, Hash: content.Hash}}, nil, nil
	}
	b, err := l.load(ctx, f)
	switch {
	case ctx.Err() != nil:
		l.done(&b)
		return Result{}, nil, ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		return Result{Gone: true}, nil, nil
	case err != nil:
		return Result{Reason: reason, Failure: reasonOf(err)}, nil, nil // it stays as it is; the next scan tries again
	case b.hash != content.Hash:
		l.done(&b)
		f.Need = Hash // it changed and its stat did not
		return l.Read(ctx, f)
	}
	return l.settle(ctx, f, b, *f.Stored, func(index.Content, bool) (Reason, *index.Place) { return reason, nil })
}

// stale returns the stages whose stored feature is missing or of another version.
func (l *Looker) stale(ctx context.Context, content int64) ([]stages.Stage, error) {
	var out []stages.Stage
	for _, s := range l.Stages {
		found, err := l.Store.Features(ctx, s.Name, s.Version, []int64{content})
		if err != nil {
			return nil, err
		}
		if _, ok := found[content]; !ok {
			out = append(out, s)
		}
	}
	return out, nil
}

// unread is the result of a file that cannot be read: a row without a content,
// tried again by each scan.
func (l *Looker) unread(f File, reason string) Result {
	row := index.File{Place: f.Place, Stat: f.Seen, State: index.Failed, Reason: reason}
	r := Result{Reason: New, Failure: reason, Row: &index.FileWrite{File: row}}
	if s := f.Stored; s != nil {
		r.Reason = Changed
		if s.State == index.Failed && s.Content == 0 && s.Reason == reason && Same(s.Stat, f.Seen) {
			r.Reason, r.Row = Unchanged, nil
		}
	}
	return r
}

// reasonOther is the reason of a file that is no picture.
func (l *Looker) reasonOther(f File) Reason {
	switch {
	case f.Stored == nil:
		return New
	case f.Stored.State == index.Other:
		return Touched
	}
	return Changed
}

// reasonOf is the text of a disk error without the path, which the row names.
func reasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Op + ": " + p.Err.Error()
	}
	return err.Error()
}
