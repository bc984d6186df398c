//go:build faultyhelper

package raster

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A test build breaks by file, and the next file works.
func TestFaultyFormats(t *testing.T) {
	d := testDecoder(t, "sound", func(o *DecoderOptions) {
		o.HelperDeadline = 2 * time.Second
		o.HelperMemory = 512 << 20
	})
	for file, class := range map[string]Class{"DDXPANIC 1": Crashed, "DDXLOOP 1": TimedOut, "DDXALLOC 1": TooLarge} {
		if _, err := d.Decode(context.Background(), []byte(file), "a.jpg"); !errors.Is(err, class) {
			t.Errorf("%s: %v", file, err)
		}
		if _, err := d.Decode(context.Background(), tinyWebP(), ""); err != nil {
			t.Error(err)
		}
	}
}
