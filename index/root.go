package index

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
)

// State says whether a root, or a mount point in it, is proven present.
type State string

const (
	Online  State = "online"
	Offline State = "offline" // what lies below keeps its rows, whatever a walk sees
)

// Root is a folder that the user named.
type Root struct {
	ID     int64
	Path   string // absolute
	Device uint64 // 0 where unknown
	State  State
	Walked int64 // end of the last full walk that changed a row, Unix nanoseconds, 0 for never
}

const (
	selectRoots = `
SELECT id, path, device, state, walked FROM root ORDER BY path`

	selectRootByPath = `
SELECT id, path, device, state, walked FROM root WHERE path = ?1`

	insertRoot = `
INSERT INTO root (path, device, state, walked) VALUES (?1, ?2, 'online', 0)`

	updateRoot = `
UPDATE root SET device = ?2, state = ?3, walked = ?4
WHERE id = ?1 AND (device <> ?2 OR state <> ?3 OR walked <> ?4)`

	selectContentsOfRoot = `
SELECT DISTINCT file.content FROM folder
CROSS JOIN file ON file.folder = folder.id
WHERE folder.root = ?1 AND file.content IS NOT NULL
ORDER BY file.content`

	deleteRoot = `
DELETE FROM root WHERE id = ?1`
)

// AddRoot adds a folder that the user named, or returns it as it is where it
// was added before. The path is absolute.
func (x *Index) AddRoot(ctx context.Context, path string, device uint64) (Root, error) {
	var r Root
	if !filepath.IsAbs(path) {
		return r, fmt.Errorf("add root %s: not an absolute path", path)
	}
	err := x.write(ctx, "add root "+path, func(t *transaction) error {
		found, err := t.row(selectRootByPath, []any{[]byte(path)}, scanRoot(&r)...)
		if err != nil || found {
			return err
		}
		r = Root{Path: path, Device: device, State: Online}
		r.ID, err = t.insert(insertRoot, []byte(path), int64(device))
		return err
	})
	return r, err
}

// Roots are all roots by path.
func (x *Index) Roots(ctx context.Context) ([]Root, error) {
	return roots(ctx, &x.readers, x.path)
}

func roots(ctx context.Context, from asker, path string) (list []Root, err error) {
	err = ask(ctx, from, selectRoots, nil, func(rows *sql.Rows) error {
		var r Root
		err := rows.Scan(scanRoot(&r)...)
		list = append(list, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list roots: %w", clarify(path, err))
	}
	return list, nil
}

// RemoveRoot forgets a root with its folders and files. Their contents stay
// and are flagged, because their groups have lost a file.
func (x *Index) RemoveRoot(ctx context.Context, id int64) error {
	return x.write(ctx, fmt.Sprintf("remove root %d", id), func(t *transaction) error {
		contents, err := t.ids(selectContentsOfRoot, id)
		if err != nil {
			return err
		}
		t.flag(contents...)
		_, err = t.exec(deleteRoot, id)
		return err
	})
}

func scanRoot(r *Root) []any {
	return []any{&r.ID, &r.Path, unsigned{&r.Device}, &r.State, &r.Walked}
}
