package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// djpeg decodes a file with libjpeg-turbo, or returns false where it complains.
func djpeg(tb testing.TB, path string, args ...string) (pix []byte, width, height int, ok bool) {
	tb.Helper()
	cmd := exec.Command("djpeg", append(append([]string{"-pnm"}, args...), path)...)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil || complaints.Len() > 0 {
		return nil, 0, 0, false
	}
	data := out.Bytes()
	var most int
	if _, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "P5\n%d %d\n%d", &width, &height, &most); err != nil {
		return nil, 0, 0, false
	}
	return data[len(data)-width*height:], width, height, true
}

// needTool skips the test where a tool of libjpeg-turbo is missing.
func needTool(tb testing.TB, name string) {
	tb.Helper()
	if _, err := exec.LookPath(name); err != nil {
		tb.Skipf("no %s (package libjpeg-turbo-progs) to compare with", name)
	}
}

// At 1/8 the luma is that of libjpeg-turbo within one level, for every file that both
// decode without complaint. With version 2.1 it is the same to the byte for all.
func TestLumaLikeLibjpeg(t *testing.T) {
	needTool(t, "djpeg")
	var d Decoder
	files, same, worst := 0, 0, 0
	eachJPEG(t, func(name string, data []byte) {
		img, err := d.Decode(data, Eighth, Limits{})
		if err != nil || img.Damage != nil {
			var u *UnsupportedError
			if !strings.HasPrefix(name, "bad/") && !errors.As(err, &u) {
				t.Errorf("%s: %v %+v", name, err, img)
			}
			return
		}
		if img.Model != YCbCr && img.Model != Grey {
			return
		}
		hMax, vMax := img.most()
		if c := img.Components[0]; c.H != hMax || c.V != vMax {
			return // djpeg enlarges the luma
		}
		pix, w, h, ok := djpeg(t, filepath.Join(corpus(t), filepath.FromSlash(name)), "-grayscale", "-scale", "1/8")
		if !ok {
			return
		}
		files++
		p := img.Planes[0]
		if w != p.Width || h != p.Height {
			t.Errorf("%s: %d x %d, djpeg has %d x %d", name, p.Width, p.Height, w, h)
			return
		}
		off := 0
		for y := range h {
			for x := range w {
				d := int(p.Pix[y*p.Stride+x]) - int(pix[y*w+x])
				off = max(off, d, -d)
			}
		}
		if off == 0 {
			same++
		}
		worst = max(worst, off)
		if off > 1 {
			t.Errorf("%s: differs by %d", name, off)
		}
	})
	t.Logf("%d files, %d the same to the byte, largest difference %d", files, same, worst)
}
