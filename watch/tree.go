// The folders that are subscribed to, as a tree.

package watch

import (
	"os"
	"path/filepath"
	"strings"
)

// node is a folder that is subscribed to.
type node struct {
	name     string
	parent   *node            // nil for a root
	root     int              // number of the root
	children map[string]*node // nil for none
	id       identity
	// twin is the next folder of the same identity (a bind mount). The system
	// knows a folder once and tells under the path that was added first: the
	// first of the list.
	twin  *node
	heard bool  // the notifier was told its path
	cost  int32 // descriptors that it takes, where files cost some
}

// folder is the path from the root.
func (n *node) folder() string {
	if n.parent == nil {
		return ""
	}
	return join(n.parent.folder(), n.name)
}

// child is a folder in a folder, or nil.
func (n *node) child(name string) *node { return n.children[name] }

// descend is the folder at a path below, or nil.
func (n *node) descend(folder string) *node {
	for n != nil && folder != "" {
		var name string
		name, folder, _ = strings.Cut(folder, "/")
		n = n.children[name]
	}
	return n
}

// put adds a folder to a folder.
func (n *node) put(name string) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	child := &node{name: name, parent: n, root: n.root}
	n.children[name] = child
	return child
}

// cut takes a folder out of the one that holds it.
func (n *node) cut() {
	if n.parent == nil {
		return
	}
	delete(n.parent.children, n.name)
	if len(n.parent.children) == 0 {
		n.parent.children = nil
	}
}

// split parts an absolute path as fsnotify gives it into folder and name. On
// Linux a folder below "/" arrives as "//name".
func split(path string) (folder, name string) {
	path = filepath.Clean(path)
	i := strings.LastIndexByte(path, os.PathSeparator)
	if i < 0 {
		return "", path
	}
	name = path[i+1:]
	if folder = path[:i]; folder == "" || strings.HasSuffix(folder, ":") { // "/", or a drive
		folder = path[:i+1]
	}
	return folder, name
}

// splitFolder parts a path from the root into folder and name.
func splitFolder(path string) (folder, name string) {
	folder = above(path)
	return folder, strings.TrimPrefix(path[len(folder):], "/")
}

// relative is the path from a folder of a root to a path in it.
func relative(path, folder string) (string, bool) {
	if folder == "" || path == folder {
		return strings.TrimPrefix(path, folder), true
	}
	return strings.CutPrefix(path, folder+"/")
}
