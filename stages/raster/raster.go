package raster

import "time"

// Side is the working size: the long side of a raster, in pixels, of every
// picture that has at least as many. Smaller pictures keep their size.
const Side = 512

// Raster is a small upright picture: what every stage sees of a photo.
// The stages only read it; whoever made it owns the memory.
type Raster struct {
	Width, Height int    // of this raster, 1..Side each
	RGB           []byte // Width*Height*3 bytes, interleaved, row-major, alpha laid over white
	Luma          []byte // Width*Height bytes, row-major, BT.601 full range of RGB
	Picture              // what is known of the whole picture
}

// Picture is what the decoder and the metadata told of the whole picture.
type Picture struct {
	Format        Format    // by content, whatever the name says
	Width, Height int       // of the whole upright picture, in pixels
	Bytes         int64     // size of the file
	Decoder       string    // who decoded it, with its version
	Source        Source    // what it was decoded from
	Damaged       float64   // share of the picture that could not be decoded, 0..1
	Orientation   int       // as stored, 1..8 as in EXIF; the raster is upright already
	JPEGQuality   int       // 1..100, estimated from the quantization tables; 0 where there are none
	Taken         time.Time // capture time; zero where unknown
	Camera        string    // maker and model, one space between; empty where unknown
	GPS           bool      // a place is recorded
	Tags          int       // number of metadata tags kept, a measure of how much is left
}

// Source says what a raster was decoded from.
type Source string

const (
	Full    Source = "full"    // the picture itself
	Preview Source = "preview" // a smaller picture embedded in the file
)
