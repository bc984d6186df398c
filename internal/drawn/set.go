package drawn

import (
	"fmt"
	"image"
	"iter"
	"strings"
)

// File is a picture of a set, with what is known of it in the words of
// index/evaluate: the picture it shows, what it is to that picture's original,
// and for a partial one the pictures that it shows parts of.
type File struct {
	Path     string // relative, with slashes
	Bytes    []byte
	Group    string
	Relation string
	Edit     string
	Of       []string
}

// The size of a scene in a set.
const (
	Width  = 960
	Height = 640
)

// Set draws a set of so many scenes, at least four: each with copies, a collage
// and an inset made of some, and as many pictures that are copies of nothing.
func Set(seed uint64, scenes int) iter.Seq[File] {
	return func(yield func(File) bool) {
		scenes = max(scenes, 4)
		var four [4]image.Image
		for i := range scenes {
			scene := Scene(seed+uint64(i), Width, Height)
			if i < len(four) {
				four[i] = scene
			}
			for _, f := range copies(scene, i) {
				if !yield(f) {
					return
				}
			}
			alone := Scene(seed+1<<32+uint64(i), Width, Height)
			name := fmt.Sprintf("other-%02d", i+1)
			if !yield(File{Path: "Other/" + name + ".jpg", Bytes: JPEG(alone, 90), Group: name, Relation: "none"}) {
				return
			}
		}
		page := Scene(seed+1<<33, Width, Height)
		_ = yield(File{
			Path: "Pages/collage.jpg", Bytes: JPEG(Collage(1200, 800, four), 88),
			Group: "collage", Relation: "partial", Edit: "collage 4", Of: []string{group(0), group(1), group(2), group(3)},
		}) && yield(File{
			Path: "Pages/inset.jpg", Bytes: JPEG(Inset(page, four[1], 0.1, 0.45, 0.4), 90),
			Group: "inset", Relation: "partial", Edit: "inset 0.4", Of: []string{group(1)},
		})
	}
}

func group(i int) string { return fmt.Sprintf("scene-%02d", i+1) }

// copies are a scene and what was made of it.
func copies(scene image.Image, i int) []File {
	name := group(i)
	original := JPEG(scene, 92)
	var out []File
	add := func(folder, suffix string, bytes []byte, relation, edit string) {
		ext := ".jpg"
		if strings.HasPrefix(string(bytes), "\x89PNG") {
			ext = ".png"
		}
		out = append(out, File{Path: folder + "/" + name + suffix + ext, Bytes: bytes, Group: name, Relation: relation, Edit: edit})
	}
	add("Photos", "", original, "original", "")
	add("Backup", " (copy)", original, "byte", "copy")
	add("Backup", "", WithComment(original, "kept by the backup"), "pixel", "comment added")
	add("Web", "-small", JPEG(Resize(scene, Width/2, Height/2), 80), "near", "resize 0.5; jpeg 80")
	add("Web", "-q45", JPEG(scene, 45), "near", "jpeg 45")
	switch i % 4 {
	case 0:
		add("Edited", "-turned", JPEG(Turn(scene), 88), "near", "rot 90; jpeg 88")
		add("Edited", "-crop", JPEG(Crop(scene, 0.1, 0.05, 1, 0.9), 88), "hard", "crop 0.77; jpeg 88")
	case 1:
		add("Edited", "-mirrored", JPEG(Mirror(scene), 88), "near", "mirror; jpeg 88")
	case 2:
		add("Edited", "-grey", PNG(Resize(Grey(scene), Width*2/3, Height*2/3)), "near", "grey; png")
	case 3:
		add("Edited", "-slant", JPEG(Rotate(scene, 6), 88), "hard", "rotate 6; jpeg 88")
	}
	return out
}

// WithComment puts a comment into a JPEG, behind its first marker (ITU T.81, B.2.4.5).
func WithComment(jpeg []byte, text string) []byte {
	n := len(text) + 2
	out := append([]byte{}, jpeg[:2]...)
	out = append(out, 0xff, 0xfe, byte(n>>8), byte(n))
	out = append(out, text...)
	return append(out, jpeg[2:]...)
}

// Labels is a CSV of what is known of a set, as `dedupidx evaluate` reads it.
func Labels(files []File) []byte {
	var b strings.Builder
	b.WriteString("path,group,relation,edit,of\n")
	for _, f := range files {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s\n", f.Path, f.Group, f.Relation, f.Edit, strings.Join(f.Of, ";"))
	}
	return []byte(b.String())
}
