package index

import (
	"context"
	"fmt"
	"strings"
)

// Batch is what a scan commits in one transaction. Its parts are written in
// this order, so that a file that moved may stand in Gone and in Files.
type Batch struct {
	Roots       []Root         // device, state and time of roots that changed; by ID
	GoneFolders []GoneFolder   // folders that go with all that lies below
	Gone        []Place        // files that go
	Folders     []FolderWrite  // device and state of folders
	Contents    []ContentWrite // contents that are new or were extracted anew
	Files       []FileWrite    // files that came or changed
}

// FolderWrite says what a folder is: a mount point has a device.
type FolderWrite struct {
	Root   int64
	Path   string // relative to the root
	Device uint64
	State  State // empty: online
}

// GoneFolder names a folder that goes with all that lies below it; an empty
// path means all of the root, which itself stays.
type GoneFolder struct {
	Root int64
	Path string // relative to the root
}

// FileWrite is a file and the hash of its content: of one that is stored, or
// that comes in the same batch. File.Content is ignored; a zero hash says that
// there is no content.
type FileWrite struct {
	File
	Hash Hash
}

// ContentWrite is a content with what the stages say of it. ID and Compared
// are ignored.
type ContentWrite struct {
	Content
	Features []Feature
	Keys     []Keys
}

const (
	selectFile = `
SELECT size, mtime, ctime, inode, device, coalesce(content, 0), state, racy, reason
FROM file WHERE folder = ?1 AND name = ?2`

	insertFile = `
INSERT INTO file (folder, name, size, mtime, ctime, inode, device, content, state, racy, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, ?10, ?11)`

	updateFile = `
UPDATE file SET size = ?3, mtime = ?4, ctime = ?5, inode = ?6, device = ?7, content = nullif(?8, 0),
                state = ?9, racy = ?10, reason = ?11
WHERE folder = ?1 AND name = ?2`

	deleteFile = `
DELETE FROM file WHERE folder = ?1 AND name = ?2`

	insertContent = `
INSERT INTO content (hash, size, picture, width, height, format, decoder, source, damaged,
                     taken, camera, failure, attempt, compared, regroup, lost)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?15)`

	updateContent = `
UPDATE content SET size = ?2, picture = ?3, width = ?4, height = ?5, format = ?6, decoder = ?7, source = ?8,
                   damaged = ?9, taken = ?10, camera = ?11, failure = ?12, attempt = ?13, compared = 0
WHERE id = ?1`
)

// Write commits a batch, or nothing of it.
//
// A new content waits to be compared and grouped. A content that is known gets
// the description, and the features and keys of the stages that are listed;
// features of other stages stay, unless it failed now. If that changed
// anything, what was found of it before is deleted and it waits to be compared
// again. A file that comes, goes or changes its content flags the contents.
//
// A batch that changes no row commits nothing.
func (x *Index) Write(ctx context.Context, b Batch) error {
	if b.empty() {
		return nil
	}
	return x.write(ctx, "write a batch", func(t *transaction) error {
		w := batchWriter{transaction: t, folders: map[GoneFolder]int64{}, contents: map[Hash]int64{}, postings: map[runKind]*newRun{}}
		return w.write(b)
	})
}

func (b *Batch) empty() bool {
	return len(b.Roots)+len(b.GoneFolders)+len(b.Gone)+len(b.Folders)+len(b.Contents)+len(b.Files) == 0
}

// batchWriter resolves each folder and each hash of a batch once.
type batchWriter struct {
	*transaction
	folders  map[GoneFolder]int64 // ids of folders, 0 for one that is not there
	contents map[Hash]int64       // ids of contents
	postings map[runKind]*newRun  // keys of the batch, one run for each stage
}

func (w *batchWriter) write(b Batch) error {
	for _, r := range b.Roots {
		if _, err := w.exec(updateRoot, r.ID, int64(r.Device), r.State, r.Walked); err != nil {
			return fmt.Errorf("root %s: %w", r.Path, err)
		}
	}
	for _, g := range b.GoneFolders {
		if err := w.removeFolder(g); err != nil {
			return fmt.Errorf("folder %s: %w", g.Path, err)
		}
	}
	for _, p := range b.Gone {
		if err := w.removeFile(p); err != nil {
			return fmt.Errorf("file %s: %w", p.Name, err)
		}
	}
	for _, f := range b.Folders {
		if err := w.putFolder(f); err != nil {
			return fmt.Errorf("folder %s: %w", f.Path, err)
		}
	}
	for i := range b.Contents {
		if err := w.putContent(&b.Contents[i]); err != nil {
			return fmt.Errorf("content %x: %w", b.Contents[i].Hash, err)
		}
	}
	for i := range b.Files {
		if err := w.putFile(&b.Files[i]); err != nil {
			return fmt.Errorf("file %s: %w", strings.TrimPrefix(join("", b.Files[i].Folder, b.Files[i].Name), separator), err)
		}
	}
	return w.putRuns(w.postings)
}

// folder is the id of a folder, which is made where it is missing if make says so.
func (w *batchWriter) folder(root int64, path string, make bool) (int64, error) {
	at := GoneFolder{root, path}
	id, known := w.folders[at]
	if known && (id != 0 || !make) {
		return id, nil
	}
	if !known {
		if _, err := w.row(selectFolderID, []any{root, []byte(path)}, &id); err != nil {
			return 0, err
		}
	}
	if id == 0 && make {
		var err error
		if id, err = w.insert(insertFolder, root, []byte(path)); err != nil {
			return 0, err
		}
	}
	w.folders[at] = id
	return id, nil
}

func (w *batchWriter) removeFolder(g GoneFolder) error {
	ids, err := w.folderAndBelow(g.Root, g.Path)
	if err != nil {
		return err
	}
	for _, id := range ids {
		contents, err := w.ids(selectContentsOfFolder, id)
		if err != nil {
			return err
		}
		w.flag(contents...)
		if _, err := w.exec(deleteFolder, id); err != nil {
			return err
		}
	}
	return nil
}

func (w *batchWriter) removeFile(p Place) error {
	folder, err := w.folder(p.Root, p.Folder, false)
	if err != nil || folder == 0 {
		return err
	}
	was, found, err := w.file(folder, p.Name)
	if err != nil || !found {
		return err
	}
	w.flag(was.Content)
	_, err = w.exec(deleteFile, folder, []byte(p.Name))
	return err
}

func (w *batchWriter) putFolder(f FolderWrite) error {
	if f.State == "" {
		f.State = Online
	}
	id, err := w.folder(f.Root, f.Path, true)
	if err != nil {
		return err
	}
	_, err = w.exec(updateFolder, id, int64(f.Device), f.State)
	return err
}

// file reads a stored file without its place.
func (w *batchWriter) file(folder int64, name string) (f File, found bool, err error) {
	found, err = w.row(selectFile, []any{folder, []byte(name)},
		&f.Size, &f.Mtime, &f.Ctime, unsigned{&f.Inode}, unsigned{&f.Device}, &f.Content, &f.State, &f.Racy, &f.Reason)
	return f, found, err
}

func (w *batchWriter) putFile(f *FileWrite) error {
	content, err := w.contentOf(f.Hash)
	if err != nil {
		return err
	}
	folder, err := w.folder(f.Root, f.Folder, true)
	if err != nil {
		return err
	}
	was, found, err := w.file(folder, f.Name)
	if err != nil {
		return err
	}
	now := f.File
	now.Content, now.Place = content, Place{}
	if found && was == now {
		return nil
	}
	if was.Content != content {
		w.flag(was.Content, content)
	}
	put := updateFile
	if !found {
		put = insertFile
		w.cameIn[inFolder{folder, f.State}]++
	}
	_, err = w.exec(put, folder, []byte(f.Name), f.Size, f.Mtime, f.Ctime, int64(f.Inode), int64(f.Device),
		content, f.State, f.Racy, f.Reason)
	return err
}

// contentOf is the id of a content of the batch or of the index.
func (w *batchWriter) contentOf(h Hash) (int64, error) {
	if h.IsZero() {
		return 0, nil
	}
	if id, ok := w.contents[h]; ok {
		return id, nil
	}
	var id int64
	found, err := w.row(selectIDByHash, []any{h[:]}, &id)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, fmt.Errorf("content %x is neither stored nor in the batch", h)
	}
	w.contents[h] = id
	return id, nil
}

func (w *batchWriter) putContent(c *ContentWrite) error {
	if c.Hash.IsZero() {
		return fmt.Errorf("no hash")
	}
	var was Content
	found, err := w.row(selectContentByHash, []any{c.Hash[:]}, scanContent(&was)...)
	if err != nil {
		return err
	}
	if found {
		return w.putKnownContent(was, c)
	}
	args := append([]any{c.Hash[:]}, describe(c.Content)...)
	id, err := w.insert(insertContent, append(args, w.tick, w.now)...)
	if err != nil {
		return err
	}
	w.contents[c.Hash] = id
	w.comes("content", contentKind(c.Content), 1)
	for _, f := range c.Features {
		if _, err := w.putFeature(id, f); err != nil {
			return fmt.Errorf("stage %s: %w", f.Stage, err)
		}
	}
	for _, k := range c.Keys {
		if err := w.addKeys(id, k); err != nil {
			return fmt.Errorf("stage %s: %w", k.Stage, err)
		}
	}
	return nil
}

func (w *batchWriter) putKnownContent(was Content, c *ContentWrite) error {
	id := was.ID
	w.contents[c.Hash] = id
	now := c.Content
	now.ID, now.Compared = was.ID, was.Compared
	changed := now != was

	if c.Failure != "" && changed {
		if _, err := w.exec(deleteFeatures, id); err != nil {
			return err
		}
	}
	same := map[string]bool{} // stages that said the same before, and have their postings
	for _, f := range c.Features {
		differs, err := w.putFeature(id, f)
		if err != nil {
			return fmt.Errorf("stage %s: %w", f.Stage, err)
		}
		changed = changed || differs
		same[f.Stage] = !differs
	}
	if !changed {
		return nil
	}
	for _, k := range c.Keys {
		if same[k.Stage] {
			continue
		}
		if err := w.addKeys(id, k); err != nil {
			return fmt.Errorf("stage %s: %w", k.Stage, err)
		}
	}
	if _, err := w.exec(updateContent, append([]any{id}, describe(c.Content)...)...); err != nil {
		return err
	}
	return w.dropMatches(id)
}

// describe lists the columns of a content from its size to its attempt.
func describe(c Content) []any {
	return []any{
		c.Size, c.Picture.blob(), c.Width, c.Height, c.Format, c.Decoder, c.Source,
		c.Damaged, c.Taken, c.Camera, c.Failure, c.Attempt,
	}
}
