package watch

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWatchFirst(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a/1.jpg", "b/2.jpg", ".hidden/x.jpg")
	c := watching(t, []Root{rootAt(t, dir)}, Options{}, quick())
	plant(t, dir, "a/new.jpg")
	c.settled()
	must(t, os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "c")))
	c.settled()
	plant(t, dir, "c/more.jpg", "x/y/z/deep.jpg")
	c.settled()
	must(t, os.RemoveAll(filepath.Join(dir, "c")))
	c.settled()
	plant(t, dir, "x/y/z/deep2.jpg")
	c.settled()
	t.Log(c.told())
	t.Logf("%+v", c.w.Stats())
}
