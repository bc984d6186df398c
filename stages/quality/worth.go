package quality

import (
	"fmt"
	"math/bits"
)

// worth says in whole octaves how much of the picture a file holds: real pixels times bytes,
// times the cube of the JPEG quality, times the sharpness, and a third of an octave for each of
// capture time, camera and place.
//
// Pixels alone prefer an enlarged, framed or turned copy, quality alone a small copy saved with
// care, bytes alone a sharpened one. Of what is derived from a file nearly all falls behind in one
// of them by more than it gains in the others: a copy one and a half times as large, in JPEG
// quality 67, has half the bytes. Of the 126 groups of the test photos with an original it
// is best in 124, where real pixels first gave 108; with the step's bounds moved by eighths it is 122 to
// 124, and with the cube or the sharpness left out 121 and less. Copies of half the pixels or fewer
// stay behind their original, unless they were saved much finer: in quality 95 where that
// has 80, one in three goes before. `dedupidx evaluate --by kind` measures it again.
func (f *Feature) worth() int {
	pixels := f.RealPixels()
	n := log256(pixels) + log256(f.carried()) + log256(uint64(max(1, min(f.Sharpness, usualSharpness)))) - log256(usualSharpness)
	n += 3 * (log256(uint64(min(f.assumedQuality(), fineQuality))) - log256(100))
	n += 85 * f.origin() // of 256
	return n >> 8
}

const (
	// fineQuality is that above which more bytes show nothing.
	fineQuality = 92
	// unknownQuality is taken for what tells no JPEG quality: most files of these formats were
	// made from a JPEG to be smaller than it.
	unknownQuality = 75
	unknownLoss    = 5 // its level is below that of a JPEG of quality 70
)

// fromCamera tells a file as the camera wrote it where the format is one that is mostly made from
// others: telephones write HEIC, with capture time and camera.
func (f *Feature) fromCamera() bool { return f.Format == HEIC && f.Taken && f.Camera }

// assumedQuality is the JPEG quality, or what stands for it.
func (f *Feature) assumedQuality() int {
	switch {
	case f.JPEGQuality > 0:
		return int(f.JPEGQuality)
	case f.Format.lossless(), f.fromCamera():
		return fineQuality
	}
	return unknownQuality
}

// carried is the bytes that speak for the picture. Without loss they tell how simple a picture
// is and not what is left of it: then it is between 3 and 6 bits a pixel, as in JPEG files
// of the finest quality. What a camera writes as HEIC has half the bytes of such a JPEG.
func (f *Feature) carried() uint64 {
	pixels := f.RealPixels()
	switch {
	case f.Bytes == 0: // not known
		return pixels / 4
	case f.Format.lossless():
		return min(max(f.Bytes, pixels*3/8), pixels*6/8)
	case f.fromCamera():
		return 2 * f.Bytes
	}
	return f.Bytes
}

// log256 is the binary logarithm of v in 256ths, rounded down, 0 for 0: by repeated squaring, in
// integers, so that it is the same on every machine.
func log256(v uint64) int {
	if v == 0 {
		return 0
	}
	n := bits.Len64(v) - 1
	x := v << (63 - n) >> 32 // 1..2 in parts of 2^31
	for range 8 {
		x = x * x >> 31
		n = n<<1 | int(x>>32)
		x >>= x >> 32
	}
	return n
}

// held says of what worth is made, for people.
func (f *Feature) held() string {
	return fmt.Sprintf("%s, %s, %s", f.resolution(), f.compression(), inBytes(f.Bytes))
}

// inBytes writes a size as people do.
func inBytes(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d.%d MB", n/1000000, n/100000%10)
}
