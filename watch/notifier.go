// The door to fsnotify.

package watch

import "github.com/fsnotify/fsnotify"

// notifier is what is used of an fsnotify.Watcher. Tests put faults in here.
type notifier interface {
	Add(path string) error
	Remove(path string) error
	Close() error
	events() <-chan fsnotify.Event
	errors() <-chan error
}

// bufferBytes is what Windows keeps for each watched folder: 10,000 folders
// take 160 MB at 16 KiB. What does not fit is an overflow, and looked at. Other
// systems have one queue for all.
const bufferBytes = 16 << 10

type notify struct{ *fsnotify.Watcher }

func openNotifier() (notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return notify{w}, nil
}

func (n notify) Add(path string) error {
	return n.AddWith(path, fsnotify.WithBufferSize(bufferBytes))
}
func (n notify) events() <-chan fsnotify.Event { return n.Watcher.Events }
func (n notify) errors() <-chan error          { return n.Watcher.Errors }
