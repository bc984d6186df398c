package raster

import "strconv"

// Limits bounds what a file may ask for. A zero field takes its default. The reason
// of a failure names the flag that raises the limit.
type Limits struct {
	Pixels   int64 // width x height; default 500 million (--max-pixels)
	FileSize int64 // bytes of the file; default 4 GiB (--max-file-size)
	Side     int   // width or height; default 65,535 (--max-side)
	Parts    int   // components, frames or scans looked at; default 256 (--max-parts)
	Memory   int64 // bytes that decoding may take beside the file's own; default 1 GiB (--max-decode-memory)

	// FullOnly decodes no smaller picture that is embedded in a file in place of the
	// picture itself (--previews never). HEIC files then cost a second each, and camera
	// raw files, of which nothing else is decoded, fail.
	FullOnly bool
}

// maxSide is the largest Limits.Side that is obeyed: sums of the area filter hold
// 255 x width x height in 64 bits with room to spare.
const maxSide = 1 << 24

// withDefaults fills the zero fields.
func (l Limits) withDefaults() Limits {
	if l.Pixels <= 0 {
		l.Pixels = 500_000_000
	}
	if l.FileSize <= 0 {
		l.FileSize = DefaultFileSize
	}
	if l.Side <= 0 {
		l.Side = 65535
	}
	l.Side = min(l.Side, maxSide)
	if l.Parts <= 0 {
		l.Parts = 256
	}
	if l.Memory <= 0 {
		l.Memory = 1 << 30
	}
	return l
}

// DefaultFileSize is the length of the longest file that is read, if nothing else is said.
const DefaultFileSize = 4 << 30

// CheckFileSize fails a file that is too large to be read at all, before it is.
func (l Limits) CheckFileSize(bytes int64) error {
	l = l.withDefaults()
	if bytes > l.FileSize {
		return failf(TooLarge, "is %d bytes long, more than %d; --max-file-size raises the limit", bytes, l.FileSize)
	}
	return nil
}

// checkSize fails a declared size that is empty or too large.
// l must have its defaults.
func (l Limits) checkSize(width, height int64) error {
	switch {
	case width <= 0 || height <= 0:
		return failf(Damaged, "declares %d x %d pixels", width, height)
	case width > int64(l.Side) || height > int64(l.Side):
		return failf(TooLarge, "declares %d x %d pixels, more than %d along a side; --max-side raises the limit", width, height, l.Side)
	case width*height > l.Pixels:
		return failf(TooLarge, "declares %d x %d pixels, more than %s; --max-pixels raises the limit", width, height, millions(l.Pixels))
	}
	return nil
}

// millions is a number of pixels in words, whole where it is no round one.
func millions(pixels int64) string {
	if pixels%1_000_000 != 0 {
		return strconv.FormatInt(pixels, 10)
	}
	return strconv.FormatInt(pixels/1_000_000, 10) + " million"
}

// checkMemory fails a picture whose decoder would take too much memory.
func (l Limits) checkMemory(bytes int64) error {
	if bytes > l.Memory {
		return failf(TooLarge, "needs about %d MiB of memory to decode, more than %d; --max-decode-memory raises the limit", bytes>>20, l.Memory>>20)
	}
	return nil
}

// checkPlausible fails a picture that declares more pixels than its bytes can hold
// in the tightest coding that its format allows. Pictures of up to 16 megapixels
// pass: their memory is no harm.
func checkPlausible(width, height, atMost int64) error {
	if pixels := width * height; pixels > 16<<20 && pixels > atMost {
		return failf(Damaged, "declares %d x %d pixels, but its bytes hold %d at most", width, height, atMost)
	}
	return nil
}
