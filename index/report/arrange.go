package report

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
)

// arrange puts the files of a group in order, says what each is and what is
// proposed for it. Each comes with the kind that its content has in the group.
func arrange(files []File, o Options) Group {
	g := Group{Files: files}
	slices.SortFunc(g.Files, func(a, b File) int { return order(a, b, o.Against) })
	nameKinds(g.Files)
	nameLinks(g.Files)
	propose(g.Files, o)
	g.Space = space(g.Files)
	return g
}

// order puts the representative's files first, then core rows by similarity,
// then partial rows. Among equal bytes the file to keep comes first: one of the
// folder that must not lose any, one that is online, the oldest, the smallest path.
func order(a, b File, against string) int {
	if a.Hash != b.Hash {
		return cmp.Or(
			cmp.Compare(class(a.Kind), class(b.Kind)),
			cmp.Compare(b.Similarity, a.Similarity),
			slices.Compare(a.Hash[:], b.Hash[:]))
	}
	return cmp.Or(
		first(within(a.Path, against), within(b.Path, against)),
		first(a.State == index.Online, b.State == index.Online),
		a.Modified.Compare(b.Modified),
		cmp.Compare(a.Path, b.Path))
}

func class(kind string) int {
	switch kind {
	case "best":
		return 0
	case "partial":
		return 2
	}
	return 1
}

// nameKinds gives the representative's files but the first their kind: exact.
func nameKinds(files []File) {
	best := true
	for i := range files {
		f := &files[i]
		if f.Kind != "best" {
			continue
		}
		f.Similarity, f.Transform = 1, index.Transform{}
		if !best {
			f.Kind = "exact"
		}
		best = false
	}
}

// inode names a file apart from its names; equal numbers on two devices, or
// numbers of different days, do not fool it, as the content is part of it.
type inode struct {
	inode, device uint64
	hash          index.Hash
}

func (f File) node() inode { return inode{f.inode, f.device, f.Hash} }

// Node is the number of a file and of its device, 0 where they are not known.
func (f File) Node() (inode, device uint64) { return f.inode, f.device }

// SameNode tells that two files are known to be one by two names.
func (f File) SameNode(o File) bool { return f.inode != 0 && f.node() == o.node() }

func nameLinks(files []File) {
	seen := map[inode]string{}
	for i := range files {
		f := &files[i]
		if f.inode == 0 {
			continue
		}
		if first, ok := seen[f.node()]; ok {
			f.Hardlink = first
			continue
		}
		seen[f.node()] = f.Path
	}
}

// propose says what to keep and what can go.
func propose(files []File, o Options) {
	held := func(f File) bool {
		return f.Copied() && (within(f.Path, o.Against) || slices.ContainsFunc(o.NeverGo, func(folder string) bool { return within(f.Path, folder) }))
	}
	kept := map[inode]bool{}
	online := false
	keeper := o.Keep.keeper(files)
	for i := range files {
		f := &files[i]
		f.Action = Leave
		// What the rule prefers stays, too, where a folder that must lose nothing holds a copy.
		f.Held = held(*f)
		if i == keeper || f.Held {
			f.Action = Keep
			kept[f.node()] = f.inode != 0
			online = online || f.State == index.Online
		}
	}
	for i := range files {
		f := &files[i]
		spare := f.Action == Leave && f.Copied()
		if spare && online && f.State == index.Online && !kept[f.node()] {
			f.Action = Go
		}
	}
}

// space sums what the files to go occupy. Names of one file count once, and
// only if all that the group has of them go.
func space(files []File) int64 {
	stays := map[inode]bool{}
	for _, f := range files {
		if f.Action != Go && f.inode != 0 {
			stays[f.node()] = true
		}
	}
	var sum int64
	for _, f := range files {
		if f.Action != Go {
			continue
		}
		if f.inode != 0 {
			if stays[f.node()] {
				continue
			}
			stays[f.node()] = true // counted
		}
		sum += f.Size
	}
	return sum
}

// within tells whether a path is a folder or lies below it; never where the
// folder is empty.
func within(path, folder string) bool {
	if folder == "" {
		return false
	}
	rest, ok := strings.CutPrefix(path, folder)
	return ok && (rest == "" || rest[0] == filepath.Separator || folder[len(folder)-1] == filepath.Separator)
}
