package index

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"os"
	"sort"
	"strings"
)

// Folder is a folder below a root.
type Folder struct {
	ID     int64
	Root   int64
	Path   string // relative to the root, empty for the root itself
	Device uint64 // of a mount point inside the root, 0 for an ordinary folder
	State  State
}

const (
	selectFolders = `
SELECT id, root, path, device, state FROM folder
WHERE root = ?1 AND path >= ?2
ORDER BY path LIMIT ?3`

	selectFolderID = `
SELECT id FROM folder WHERE root = ?1 AND path = ?2`

	insertFolder = `
INSERT INTO folder (root, path, device, state) VALUES (?1, ?2, 0, 'online')`

	updateFolder = `
UPDATE folder SET device = ?2, state = ?3
WHERE id = ?1 AND (device <> ?2 OR state <> ?3)`

	// A folder and what lies below it: ?3 is the path with a separator at its
	// end, ?4 the first path behind all that begin so.
	selectFoldersBelow = `
SELECT id FROM folder
WHERE root = ?1 AND (path = ?2 OR (path >= ?3 AND path < ?4))
ORDER BY id`

	selectFoldersAtOrBelow = `
SELECT id, root, path, device, state FROM folder
WHERE root = ?1 AND path >= ?2 AND path < ?3
ORDER BY path LIMIT ?4`

	selectFoldersOfRoot = `
SELECT id FROM folder WHERE root = ?1 ORDER BY id`

	selectContentsOfFolder = `
SELECT content FROM file
WHERE folder = ?1 AND content IS NOT NULL
ORDER BY name`

	deleteFolder = `
DELETE FROM folder WHERE id = ?1`

	selectOfflineFolders = `
SELECT root, path FROM folder INDEXED BY folder_offline
WHERE state = 'offline'
ORDER BY root, path`
)

const separator = string(os.PathSeparator)

// Folders are the folders of a root in the order of the bytes of their paths.
// They are read in pages: a folder that is written meanwhile may be seen or not.
func (x *Index) Folders(ctx context.Context, root int64) iter.Seq2[Folder, error] {
	return x.paged(func(from string) ([]Folder, error) {
		return x.folders(ctx, selectFolders, root, []byte(from), folderPage)
	})
}

// FoldersBelow are a folder of a root and those below it, as they are known, in
// the order of the bytes of their paths.
func (x *Index) FoldersBelow(ctx context.Context, root int64, path string) iter.Seq2[Folder, error] {
	if path == "" {
		return x.Folders(ctx, root)
	}
	below := path + separator
	return func(yield func(Folder, error) bool) {
		at, err := x.folders(ctx, selectFoldersAtOrBelow, root, []byte(path), []byte(path+"\x00"), 1)
		if err != nil {
			yield(Folder{}, err)
			return
		}
		for _, f := range at {
			if !yield(f, nil) {
				return
			}
		}
		x.paged(func(from string) ([]Folder, error) {
			return x.folders(ctx, selectFoldersAtOrBelow, root, []byte(max(from, below)), []byte(path+string(rune(os.PathSeparator+1))), folderPage)
		})(yield)
	}
}

// folderPage is how many folders are read at a time.
const folderPage = 1000

func (x *Index) folders(ctx context.Context, query string, root int64, args ...any) (list []Folder, err error) {
	err = x.question(ctx, fmt.Sprintf("list folders of root %d", root), query, append([]any{root}, args...),
		func(rows *sql.Rows) error {
			var f Folder
			err := rows.Scan(&f.ID, &f.Root, &f.Path, unsigned{&f.Device}, &f.State)
			list = append(list, f)
			return err
		})
	return list, err
}

// paged gives folders page by page; read is told the first path of the next page.
func (x *Index) paged(read func(from string) ([]Folder, error)) iter.Seq2[Folder, error] {
	return func(yield func(Folder, error) bool) {
		for from := ""; ; {
			list, err := read(from)
			if err != nil {
				yield(Folder{}, err)
				return
			}
			for _, f := range list {
				if !yield(f, nil) {
					return
				}
			}
			if len(list) < folderPage {
				return
			}
			from = list[folderPage-1].Path + "\x00" // the next path in byte order
		}
	}
}

// join puts a full path together. Nothing is cleaned or normalized: the bytes
// must lead to the file again.
func join(root, folder, name string) string {
	full := root
	for _, part := range []string{folder, name} {
		if part == "" {
			continue
		}
		if !strings.HasSuffix(full, separator) {
			full += separator
		}
		full += part
	}
	return full
}

// folderAndBelow are the ids of a folder of a root and of all that lie below it.
func (t *transaction) folderAndBelow(root int64, path string) ([]int64, error) {
	if path == "" {
		return t.ids(selectFoldersOfRoot, root)
	}
	return t.ids(selectFoldersBelow, below(root, path)...)
}

// below are what selectFoldersBelow asks for.
func below(root int64, path string) []any {
	next := string(rune(os.PathSeparator + 1)) // the byte behind the separator
	return []any{root, []byte(path), []byte(path + separator), []byte(path + next)}
}

// absent knows which roots and mount points are offline.
type absent struct {
	roots   map[int64]bool
	folders map[int64][]string // by root, sorted
}

func absentees(ctx context.Context, from asker) (absent, error) {
	a := absent{map[int64]bool{}, map[int64][]string{}}
	err := ask(ctx, from, selectRoots, nil, func(rows *sql.Rows) error {
		var r Root
		err := rows.Scan(scanRoot(&r)...)
		a.roots[r.ID] = r.State == Offline
		return err
	})
	if err != nil {
		return a, err
	}
	err = ask(ctx, from, selectOfflineFolders, nil, func(rows *sql.Rows) error {
		var root int64
		var path string
		err := rows.Scan(&root, &path)
		a.folders[root] = append(a.folders[root], path)
		return err
	})
	return a, err
}

// outermost are the mount points of a root that are offline and lie below none that is.
func (a absent) outermost(root int64) (paths []string) {
	for _, p := range a.folders[root] {
		above := absent{folders: map[int64][]string{root: paths}} // who lies above p stands before it
		if above.state(root, p) == Online {
			paths = append(paths, p)
		}
	}
	return paths
}

// state of a folder: offline where it, its root or a mount point above it is.
func (a absent) state(root int64, folder string) State {
	if a.roots[root] {
		return Offline
	}
	paths := a.folders[root]
	if len(paths) == 0 {
		return Online
	}
	for above := folder; ; {
		if i := sort.SearchStrings(paths, above); i < len(paths) && paths[i] == above {
			return Offline
		}
		if above == "" {
			return Online
		}
		above = above[:max(0, strings.LastIndex(above, separator))]
	}
}
