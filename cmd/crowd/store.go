package main

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/stages"
)

// store puts contents into an index.
type store struct {
	x      *index.Index
	crowd  *crowd
	root   index.Root
	batch  int
	stages []stages.Stage
}

// fileName is the name of the file of a content.
const fileName = "IMG_%08d.jpg"

// folderOf is the folder of a block.
func folderOf(n int) string { return fmt.Sprintf("%05d", n/block) }

// stored is how many contents an earlier run has stored.
func (s *store) stored(ctx context.Context) (int, error) {
	var last string
	for f, err := range s.x.Folders(ctx, s.root.ID) {
		if err != nil {
			return 0, err
		}
		last = f.Path
	}
	if last == "" {
		return 0, nil
	}
	files, err := s.x.FilesIn(ctx, s.root.ID, last)
	if err != nil {
		return 0, err
	}
	var n int
	if _, err := fmt.Sscanf(last, "%d", &n); err != nil {
		return 0, fmt.Errorf("root %s has a folder %s that is none of this command's: name another with --root", s.root.Path, last)
	}
	return n*block + len(files), nil
}

// fill stores contents from..to. They are made by several goroutines and committed
// in their order by one.
func (s *store) fill(ctx context.Context, from, to int) error {
	g, ctx := errgroup.WithContext(ctx)
	lanes := runtime.GOMAXPROCS(0)
	made := make([]chan index.Batch, lanes) // each lane makes every so manieth batch
	for lane := range lanes {
		made[lane] = make(chan index.Batch, 1)
		g.Go(func() error {
			defer close(made[lane])
			for at := from + lane*s.batch; at < to; at += lanes * s.batch {
				b, err := s.make(at, min(at+s.batch, to))
				if err != nil {
					return err
				}
				select {
				case made[lane] <- b:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		for lane := 0; ; lane = (lane + 1) % lanes {
			b, ok := <-made[lane]
			if !ok {
				return nil
			}
			if err := s.x.Write(ctx, b); err != nil {
				return err
			}
		}
	})
	return g.Wait()
}

// write commits what was made at once in batches.
func (s *store) write(ctx context.Context, all index.Batch) error {
	for at := 0; at < len(all.Contents); at += s.batch {
		end := min(at+s.batch, len(all.Contents))
		b := index.Batch{Contents: all.Contents[at:end], Files: all.Files[at:end]}
		if err := s.x.Write(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// make is the batch of contents from..to with their files.
func (s *store) make(from, to int) (b index.Batch, err error) {
	for n := from; n < to; n++ {
		c, err := s.crowd.write(n, s.stages)
		if err != nil {
			return b, err
		}
		b.Contents = append(b.Contents, c)
		b.Files = append(b.Files, s.file(n, c))
	}
	return b, nil
}

// file is the made-up file of content n. Its device is none that a system has.
func (s *store) file(n int, c index.ContentWrite) index.FileWrite {
	const device, hour, first = 1 << 40, 3_600_000_000_000, 1_500_000_000_000_000_000
	return index.FileWrite{Hash: c.Hash, File: index.File{
		Place: index.Place{Root: s.root.ID, Folder: folderOf(n), Name: fmt.Sprintf(fileName, n)},
		Stat: index.Stat{
			Size: c.Size, Mtime: first + int64(n)*hour/100, Ctime: first + int64(n)*hour/100,
			Inode: 1<<32 + uint64(n), Device: device,
		},
		State: index.OK,
	}}
}

// settle marks what waits as compared, block by block, with the matches of the
// groups, and makes the groups. It returns how many were marked.
func (s *store) settle(ctx context.Context) (n int, err error) {
	version := dedup.Version(s.stages)
	for folder, err := range s.x.Folders(ctx, s.root.ID) {
		if err != nil {
			return n, err
		}
		files, err := s.x.FilesIn(ctx, s.root.ID, folder.Path)
		if err != nil {
			return n, err
		}
		ids := make([]int64, len(files))
		for i, f := range files {
			ids[i] = f.Content
		}
		contents, err := s.x.Contents(ctx, ids)
		if err != nil {
			return n, err
		}
		var waiting []int64
		for _, id := range ids {
			if contents[id].Compared != version {
				waiting = append(waiting, id)
			}
		}
		if len(waiting) == 0 {
			continue
		}
		matches, err := s.matches(files, contents, version)
		if err != nil {
			return n, err
		}
		if err := s.x.WriteComparison(ctx, version, waiting, matches); err != nil {
			return n, err
		}
		n += len(waiting)
		if err := s.regroup(ctx); err != nil {
			return n, err
		}
	}
	return n, s.regroup(ctx)
}

func (s *store) regroup(ctx context.Context) error {
	for {
		_, done, err := dedup.Regroup(ctx, s.x, dedup.Options{Workers: runtime.GOMAXPROCS(0), Stages: s.stages})
		if err != nil || done {
			return err
		}
	}
}

// matches are the verdicts of all pairs within the groups of one block.
func (s *store) matches(files []index.File, contents map[int64]index.Content, version int64) (out []index.Match, err error) {
	type member struct {
		index.Content
		features stages.Features
	}
	groups := make(map[int][]member)
	for _, f := range files {
		var n int
		if _, err := fmt.Sscanf(f.Name, fileName, &n); err != nil {
			return nil, fmt.Errorf("read the number of %s: %w", f.Name, err)
		}
		if k := kindOf(n); k.family > 0 {
			groups[k.family] = append(groups[k.family], member{contents[f.Content], s.crowd.picture(n).features})
		}
	}
	for f := range families {
		g := groups[f+1]
		for i, a := range g {
			for _, b := range g[:i] {
				a, b := a, b
				if b.Hash.Less(a.Hash) {
					a, b = b, a
				}
				v := stages.Judge(stages.Compare(a.features, b.features))
				if v.Probability < stages.Loose.Cut() {
					continue
				}
				m, err := dedup.Studied{A: a.Content, B: b.Content}.Match(v, version)
				if err != nil {
					return nil, err
				}
				out = append(out, m)
			}
		}
	}
	return out, nil
}
