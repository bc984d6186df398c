package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/internal/copies"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/watch"
)

// smallestTested is the least short side of a photo that copies are made of: what is left of
// a smaller one after an edit, nobody knows again.
const smallestTested = 240

// trial is what a self-test looks at: photos of the user, and labelled copies of some.
type trial struct {
	folder string   // temporary
	kinds  []string // of copies; none for all
	labels []evaluate.Label
	name   map[string]string // label's path -> what it is, for the user
	photos int               // of which copies were made
	others int               // that stand beside them
}

// pathsBelow lists the files below a folder that a scan would look at.
func pathsBelow(ctx context.Context, folder string) ([]string, error) {
	excludes, err := watch.NewExcludes(nil, false)
	if err != nil {
		return nil, err
	}
	root, err := watch.OpenRoot(folder)
	if err != nil {
		return nil, withHint(err, "name a folder with photos")
	}
	var out []string
	err = newDisk(excludes, false, "").Walk(ctx, root.Path, func(f pipeline.Folder) error {
		for _, e := range f.Files {
			out = append(out, filepath.Join(root.Path, filepath.FromSlash(f.Path), e.Name))
		}
		return nil
	})
	slices.Sort(out)
	return out, err
}

// copyKinds are the kinds of edits that copies are made by.
func copyKinds() []string {
	var out []string
	for _, e := range copies.Edits() {
		out = append(out, e.Kind)
	}
	return out
}

// tested is a photo of the user's.
type tested struct {
	path   string
	data   []byte
	format raster.Format
	img    *image.NRGBA
}

// make fills the trial with so many photos and copies of them, and as many again beside
// them, times four. The photos are drawn by lot.
func (a *trial) make(ctx context.Context, paths []string, sample int, seed uint64) (err error) {
	r := rand.New(rand.NewPCG(seed, 0x5e1f7e57))
	r.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	helper, err := helperCommand()
	if err != nil {
		return err
	}
	d := raster.NewDecoder(raster.DecoderOptions{Helper: helper})
	defer func() { err = errors.Join(err, d.Close()) }()
	seen := map[index.Hash]bool{}
	var small []*image.NRGBA // of the photos before, for collages
	var groups []string
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if a.photos == sample && a.others == 4*sample {
			break
		}
		p, ok, err := load(ctx, d, path, seen)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		number := a.photos + a.others + 1
		group := fmt.Sprintf("photo-%04d", number)
		full := a.photos == sample
		if !full && min(p.img.Rect.Dx(), p.img.Rect.Dy()) < smallestTested {
			continue
		}
		original := "original/" + group + ext(path)
		if err := a.put(original, p.data, evaluate.Label{Group: group, Relation: evaluate.Original}, path); err != nil {
			return err
		}
		if full {
			a.others++
			continue
		}
		if err := a.copy(p, group, original, small, groups, rand.New(rand.NewPCG(seed, uint64(number)))); err != nil {
			return err
		}
		a.photos++
		small, groups = append(small, copies.Small(p.img)), append(groups, group)
		if len(small) > 3 {
			small, groups = small[1:], groups[1:]
		}
	}
	return nil
}

// load reads a photo; not ok where it is none, or was seen.
func load(ctx context.Context, d *raster.Decoder, path string, seen map[index.Hash]bool) (p tested, ok bool, err error) {
	data, err := readBounded(path)
	if err != nil || raster.ByContent(data[:min(len(data), 64)]) == raster.Unknown {
		return p, false, nil // the scan of the user's own index tells what cannot be read
	}
	hash := index.Hash(blake3.Sum256(data))
	if seen[hash] {
		return p, false, nil
	}
	seen[hash] = true
	small, err := d.Decode(ctx, data, path)
	var failure *raster.Failure
	switch {
	case errors.As(err, &failure):
		return p, false, nil
	case err != nil:
		return p, false, err
	}
	p = tested{path: path, data: data, format: small.Format}
	if p.img, ok = copies.Open(data, small.Orientation); !ok {
		p.img = copies.FromRGB(small.RGB, small.Width, small.Height)
	}
	return p, true, nil
}

// ext is the extension of a name where it is plain.
func ext(path string) string {
	e := filepath.Ext(path)
	for _, c := range e[min(1, len(e)):] {
		if c > 'z' || c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' {
			return ""
		}
	}
	return e
}

// copy makes the copies of a photo.
func (a *trial) copy(p tested, group, original string, others []*image.NRGBA, groups []string, r *rand.Rand) error {
	what := func(kind string) string { return kind + " of " + p.path }
	whole := func(relation, edit string) evaluate.Label {
		return evaluate.Label{Group: group, Relation: relation, Edit: edit}
	}
	if err := a.put("copy/"+group+ext(p.path), p.data, whole(evaluate.Byte, "copied"), what("copy")); err != nil {
		return err
	}
	if p.format == raster.JPEG {
		data := drawn.WithComment(p.data, "kept by the backup")
		if err := a.put("comment/"+group+".jpg", data, whole(evaluate.Pixel, "other-metadata"), what("other metadata")); err != nil {
			return err
		}
	}
	for _, e := range copies.Edits() {
		if e.Others > len(others) || len(a.kinds) > 0 && !slices.Contains(a.kinds, e.Kind) {
			continue
		}
		c := e.Make(rand.New(rand.NewPCG(r.Uint64(), r.Uint64())), p.img, others)
		l := whole(e.Relation, c.How)
		if e.Relation == evaluate.Partial {
			l.Of = []string{group}
			l.Group += "-" + e.Kind
		}
		if e.Others > 0 {
			l.Of = append(l.Of, groups...)
		}
		if err := a.put(e.Kind+"/"+group+c.Ext, c.Bytes, l, what(e.Kind)); err != nil {
			return err
		}
	}
	return nil
}

// put writes a file of the trial. name is what it is called before the user.
func (a *trial) put(path string, data []byte, l evaluate.Label, name string) error {
	if err := writeNew(filepath.Join(a.folder, filepath.FromSlash(path)), data); err != nil {
		return fmt.Errorf("make copies: %w", err)
	}
	l.Path = path
	a.labels = append(a.labels, l)
	a.name[path] = name
	return nil
}

// temporaryFolder makes a folder that remove takes away, with all that is in it.
func temporaryFolder() (folder string, remove func() error, err error) {
	folder, err = os.MkdirTemp("", "dedupidx-selftest-")
	if err != nil {
		return "", nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	return folder, func() error {
		err := os.RemoveAll(folder)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}, nil
}
