package report

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
)

// raw is the format of camera raw files, as raster.RAW.
const raw = "raw"

// Companions tells whether two rows of a group are a camera raw file and a picture of one
// shot, in either order.
func Companions(a, b index.Row) bool {
	f, g := fileOf(a, ""), fileOf(b, "")
	return companions(f, g) || companions(g, f)
}

// companions tells whether a camera raw file and a picture of a group are two files of
// one shot: they have one name in one folder, or one camera and one capture time.
func companions(r, picture File) bool {
	switch {
	case r.Format != raw || picture.Format != "jpeg" && picture.Format != "heic":
		return false
	case r.Kind == "partial" || picture.Kind == "partial":
		return false
	case r.camera != "" && r.camera == picture.camera && !r.Taken.IsZero() && r.Taken.Equal(picture.Taken):
		return true
	}
	folder, name := filepath.Split(r.Path)
	other, name2 := filepath.Split(picture.Path)
	return folder == other && strings.EqualFold(stem(name), stem(name2))
}

func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// partRaw takes raw files and pictures of the same shots apart: neither is a copy of the
// other, but each may have copies of its own. The pictures come first, with all that share
// a part with them; the best of them is the largest companion. A group without companions
// stays as it is.
func partRaw(files []File) [][]File {
	var raws, pictures []File
	best := -1 // in pictures
	for _, f := range files {
		if f.Format == raw && f.Kind != "partial" {
			raws = append(raws, f)
			continue
		}
		pictures = append(pictures, f)
		paired := slices.ContainsFunc(files, func(r File) bool { return companions(r, f) })
		if paired && (best < 0 || preferred(f, pictures[best]) < 0) {
			best = len(pictures) - 1
		}
	}
	if best < 0 {
		return [][]File{files}
	}
	represent(pictures, pictures[best])
	represent(raws, slices.MinFunc(raws, preferred))
	return [][]File{pictures, raws}
}

// preferred puts the representative of the whole group first, then the file with the most
// pixels, then bytes.
func preferred(a, b File) int {
	return cmp.Or(
		first(a.Kind == "best", b.Kind == "best"),
		cmp.Compare(b.Width*b.Height, a.Width*a.Height),
		cmp.Compare(b.Size, a.Size),
		slices.Compare(a.Hash[:], b.Hash[:]),
		cmp.Compare(a.Path, b.Path))
}

// represent makes a file and those with the same bytes the best of these. What the others
// are, and how alike, is what was found against the whole group's representative.
func represent(files []File, best File) {
	if best.Kind == "best" {
		return
	}
	for i := range files {
		f := &files[i]
		f.Transform = through(best.Transform, f.Transform)
		if f.Hash == best.Hash {
			f.Kind, f.Similarity, f.Transform = "best", 1, index.Transform{}
		}
	}
}

// through gives the transform from b to c of those from a to b and from a to c. The zero
// transform, which says that there is none, is taken for both.
func through(ab, ac index.Transform) index.Transform {
	det := float64(ab[0]*ab[4]) - float64(ab[1]*ab[3])
	if ac == (index.Transform{}) || det == 0 {
		return index.Transform{}
	}
	a, b, c, d := ab[4]/det, -ab[1]/det, -ab[3]/det, ab[0]/det // from b to a
	x, y := -(float64(a*ab[2]) + float64(b*ab[5])), -(float64(c*ab[2]) + float64(d*ab[5]))
	row := func(p, q, r float64) (float64, float64, float64) {
		return float64(p*a) + float64(q*c), float64(p*b) + float64(q*d), float64(p*x) + float64(q*y) + r
	}
	var t index.Transform
	t[0], t[1], t[2] = row(ac[0], ac[1], ac[2])
	t[3], t[4], t[5] = row(ac[3], ac[4], ac[5])
	return t
}
