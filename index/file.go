package index

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
)

// FileState says what a file is to the index.
type FileState string

const (
	OK     FileState = "ok"     // its content has features
	Failed FileState = "failed" // it could not be read, or its content could not be decoded
	Other  FileState = "other"  // no picture, kept so that it is not opened again
)

// Place names a file: a root, a folder in it, a name.
type Place struct {
	Root   int64
	Folder string // relative to the root, empty for the root itself
	Name   string
}

// Stat is what the disk says of a file without opening it.
type Stat struct {
	Size          int64  // bytes
	Mtime, Ctime  int64  // Unix nanoseconds; Ctime 0 where there is none
	Inode, Device uint64 // hints, 0 where there are none
}

// File is a name in a folder.
type File struct {
	Place
	Stat
	Content int64 // 0 where there is none
	State   FileState
	Racy    bool   // modified so shortly before it was read that its stat proves nothing
	Reason  string // why it failed
}

// Located is a file with where it lies.
type Located struct {
	File
	Path  string // full
	State State  // offline where its root or a mount point above it is; File.State is the file's own
}

const (
	selectFilesIn = `
SELECT folder.root, folder.path, file.name, file.size, file.mtime, file.ctime, file.inode, file.device,
       coalesce(file.content, 0), file.state, file.racy, file.reason
FROM folder CROSS JOIN file ON file.folder = folder.id
WHERE folder.root = ?1 AND folder.path = ?2
ORDER BY file.name`

	selectFilesByInode = `
SELECT folder.root, folder.path, file.name, file.size, file.mtime, file.ctime, file.inode, file.device,
       coalesce(file.content, 0), file.state, file.racy, file.reason
FROM file CROSS JOIN folder ON folder.id = file.folder
WHERE file.inode = ?1 AND file.inode <> 0 AND file.device = ?2
ORDER BY folder.root, folder.path, file.name`

	selectFileAt = `
SELECT folder.root, folder.path, file.name, file.size, file.mtime, file.ctime, file.inode, file.device,
       coalesce(file.content, 0), file.state, file.racy, file.reason
FROM folder CROSS JOIN file ON file.folder = folder.id
WHERE folder.root = ?1 AND folder.path = ?2 AND file.name = ?3`

	selectAnyFileIn = `
SELECT 1
FROM folder CROSS JOIN file ON file.folder = folder.id
WHERE folder.root = ?1 AND folder.path = ?2
LIMIT 1`

	selectFilesOf = `
SELECT root.path, folder.root, folder.path, file.name, file.size, file.mtime, file.ctime, file.inode, file.device,
       coalesce(file.content, 0), file.state, file.racy, file.reason
FROM json_each(?1) AS wanted
CROSS JOIN file ON file.content = wanted.value
CROSS JOIN folder ON folder.id = file.folder
CROSS JOIN root ON root.id = folder.root
ORDER BY file.content, folder.root, folder.path, file.name`

	selectFailedFiles = `
SELECT root.path, folder.path, file.name, file.reason
FROM file INDEXED BY file_failed
CROSS JOIN folder ON folder.id = file.folder
CROSS JOIN root ON root.id = folder.root
WHERE file.state = 'failed'
ORDER BY root.path, folder.path, file.name`
)

// Failure is a file that failed.
type Failure struct {
	Path   string // full
	Reason string
}

// FailedFiles are all of them, by root, folder and name. Meanwhile the log of the writer
// grows, as with ClusterRows.
func (x *Index) FailedFiles(ctx context.Context) iter.Seq2[Failure, error] {
	return func(yield func(Failure, error) bool) {
		if err := x.failedFiles(ctx, func(f Failure) bool { return yield(f, nil) }); err != nil {
			yield(Failure{}, fmt.Errorf("list failed files: %w", clarify(x.path, err)))
		}
	}
}

func (x *Index) failedFiles(ctx context.Context, yield func(Failure) bool) error {
	rows, err := x.cursors.QueryContext(ctx, selectFailedFiles)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var root, folder, name string
		var f Failure
		if err := rows.Scan(&root, &folder, &name, &f.Reason); err != nil {
			return err
		}
		f.Path = join(root, folder, name)
		if !yield(f) {
			return nil
		}
	}
	return rows.Err()
}

// FilesIn are the files of a folder by name: one range read.
func (x *Index) FilesIn(ctx context.Context, root int64, folder string) ([]File, error) {
	return x.files(ctx, "list files of folder "+folder, selectFilesIn, root, []byte(folder))
}

// FilesNamed are those files of a folder that have one of the names, by name.
func (x *Index) FilesNamed(ctx context.Context, root int64, folder string, names []string) ([]File, error) {
	var all []File
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for _, name := range names {
		list, err := x.files(ctx, "find file "+name+" in folder "+folder, selectFileAt, root, []byte(folder), []byte(name))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// HoldsFiles tells whether a file directly in a folder is known.
func (x *Index) HoldsFiles(ctx context.Context, root int64, folder string) (bool, error) {
	held := false
	err := x.question(ctx, "ask for a file in folder "+folder, selectAnyFileIn, []any{root, []byte(folder)}, func(rows *sql.Rows) error {
		held = true
		return nil
	})
	return held, err
}

// FilesByInode are the files that had this inode when they were last seen:
// was a file moved here? A hint, since inodes are used again.
func (x *Index) FilesByInode(ctx context.Context, inode, device uint64) ([]File, error) {
	return x.files(ctx, fmt.Sprintf("find files of inode %d", inode), selectFilesByInode, int64(inode), int64(device))
}

func (x *Index) files(ctx context.Context, act, query string, args ...any) (list []File, err error) {
	err = x.question(ctx, act, query, args, func(rows *sql.Rows) error {
		var f File
		err := rows.Scan(scanFile(&f)...)
		list = append(list, f)
		return err
	})
	return list, err
}

// FilesOf are the files of each content by full path. Contents without a file
// are not in the map.
func (x *Index) FilesOf(ctx context.Context, contents []int64) (map[int64][]Located, error) {
	files, err := filesOf(ctx, &x.readers, contents)
	if err != nil {
		return nil, fmt.Errorf("find files of %d contents: %w", len(contents), clarify(x.path, err))
	}
	return files, nil
}

func filesOf(ctx context.Context, from asker, contents []int64) (map[int64][]Located, error) {
	gone, err := absentees(ctx, from)
	if err != nil {
		return nil, err
	}
	files := make(map[int64][]Located, len(contents))
	err = ask(ctx, from, selectFilesOf, []any{list(unique(contents))}, func(rows *sql.Rows) error {
		var l Located
		var root string
		if err := rows.Scan(append([]any{&root}, scanFile(&l.File)...)...); err != nil {
			return err
		}
		l.Path = join(root, l.Folder, l.Name)
		l.State = gone.state(l.Root, l.Folder)
		files[l.Content] = append(files[l.Content], l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, of := range files {
		sort.SliceStable(of, func(i, j int) bool { return of[i].Path < of[j].Path })
	}
	return files, nil
}

// FileAt finds a file by its full path. Where roots lie in each other, the
// innermost that knows the file answers.
func (x *Index) FileAt(ctx context.Context, path string) (File, bool, error) {
	roots, err := x.Roots(ctx)
	if err != nil {
		return File{}, false, err
	}
	sort.SliceStable(roots, func(i, j int) bool { return len(roots[i].Path) > len(roots[j].Path) })
	for _, r := range roots {
		prefix := r.Path
		if !strings.HasSuffix(prefix, separator) {
			prefix += separator
		}
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok {
			continue
		}
		folder, name := "", rest
		if i := strings.LastIndex(rest, separator); i >= 0 {
			folder, name = rest[:i], rest[i+1:]
		}
		found, err := x.files(ctx, "find file "+path, selectFileAt, r.ID, []byte(folder), []byte(name))
		if err != nil {
			return File{}, false, err
		}
		if len(found) > 0 {
			return found[0], true, nil
		}
	}
	return File{}, false, nil
}

func scanFile(f *File) []any {
	return []any{
		&f.Root, &f.Folder, &f.Name, &f.Size, &f.Mtime, &f.Ctime, unsigned{&f.Inode}, unsigned{&f.Device},
		&f.Content, &f.State, &f.Racy, &f.Reason,
	}
}

// unique drops repeats and keeps the order.
func unique(ids []int64) []int64 {
	seen := make(map[int64]struct{}, len(ids))
	once := make([]int64, 0, len(ids))
	for _, id := range ids {
		if _, ok := seen[id]; !ok {
			seen[id] = struct{}{}
			once = append(once, id)
		}
	}
	return once
}
