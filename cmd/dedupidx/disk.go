package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/watch"
)

// disk ties package watch, which knows paths, to package pipeline, which knows
// pictures. It can only read.
type disk struct {
	options watch.Options
}

func newDisk(excludes *watch.Excludes, follow bool, index string) *disk {
	return &disk{watch.Options{Excludes: excludes, Follow: follow, Index: index, Reached: &watch.Reached{}}}
}

// Open opens an ordinary file to be read. What was put in its place since the
// walk, such as a pipe, is refused and waited for by nobody.
func (d *disk) Open(path string) (io.ReadCloser, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		what := "it is no ordinary file"
		if info.IsDir() {
			what = "it is a folder"
		}
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New(what)}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (d *disk) Stat(path string) (index.Stat, error) { return statFile(path) }

func (d *disk) Walk(ctx context.Context, path string, visit func(pipeline.Folder) error) error {
	root, err := watch.NameRoot(path)
	if err != nil {
		return err
	}
	return watch.Walk(ctx, root, d.options, visitor(visit))
}

func (d *disk) WalkFolder(ctx context.Context, p pipeline.Place, visit func(pipeline.Folder) error) error {
	root, err := watch.NameRoot(p.Root)
	if err != nil {
		return err
	}
	return watch.WalkFolder(ctx, root, watch.Part{Folder: p.Folder, Names: p.Names, Deep: p.Deep}, d.options, visitor(visit))
}

// visitor hands a folder that watch found to the pipeline.
func visitor(visit func(pipeline.Folder) error) func(watch.Folder) error {
	return func(f watch.Folder) error {
		out := pipeline.Folder{Path: f.Path, Folders: f.Folders, Err: f.Err, Skipped: skipped(f.Skipped)}
		if f.Mount && f.Path != "" {
			// The volume outlives a restart; the device number at least tells a mount point.
			if out.Device = f.Volume; out.Device == 0 {
				out.Device = f.Device
			}
		}
		out.Files = make([]pipeline.Entry, len(f.Files))
		for i, e := range f.Files {
			out.Files[i] = pipeline.Entry{Name: e.Name, Stat: statOf(e)}
		}
		return visit(out)
	}
}

// Presence gives back the device that was known where none can be seen now, so
// that a network disk, which has no lasting number, stays a mount point.
func (d *disk) Presence(path, folder string, known pipeline.Known) (online bool, device uint64, why string) {
	root, err := watch.NameRoot(path)
	if err != nil {
		return false, known.Device, err.Error()
	}
	seen := watch.Look(root, folder)
	state, why := watch.Presence(watch.Known{Device: known.Device, Knows: known.Knows, EverHeld: known.EverHeld}, seen)
	if device = seen.Device; device == 0 {
		device = known.Device
	}
	return state == watch.Online, device, why
}

func statOf(e watch.Entry) index.Stat {
	return index.Stat{Size: e.Size, Mtime: e.Mtime, Ctime: e.Ctime, Inode: e.Inode, Device: e.Device}
}

// skipped counts what was left out by a rule, links included; a name that
// vanished while it was looked at is none of them.
func skipped(s watch.Skipped) int {
	return s.Excluded + s.Own + s.Links + s.Twice + s.Pipes + s.Sockets + s.Devices + s.Other
}
