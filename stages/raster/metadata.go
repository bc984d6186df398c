package raster

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"time"

	"github.com/bep/imagemeta"
)

// readMetadata fills in what the metadata tell. exif and more are TIFF structures or nil;
// extras is the number of other metadata blocks, each counted as a tag.
// Broken metadata never fail a picture: what can be read is taken.
func readMetadata(p *Picture, exif, more []byte, extras int) {
	p.Orientation = orientation(exif)
	p.Tags = extras
	if exif == nil {
		return
	}
	found := make(map[string]string)
	defer func() {
		_ = recover() // broken metadata, as the library recovers from most by itself
		p.Camera = camera(found["Make"], found["Model"])
		p.Taken = captureTime(found["DateTimeOriginal"], found["OffsetTimeOriginal"])
	}()
	for _, tiff := range [][]byte{exif, more} {
		if tiff != nil {
			readTags(p, tiff, found)
		}
	}
}

// readTags counts the tags of a TIFF structure and keeps those that are text.
func readTags(p *Picture, tiff []byte, found map[string]string) {
	// No timeout: it would make the result hang on the machine's load. The number and
	// size of tags bound the work instead.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: tiffReader(tiff), ImageFormat: imagemeta.TIFF, Sources: imagemeta.EXIF,
		LimitNumTags: 2000, LimitTagSize: 4096,
		// The first directory describes the picture, the second its thumbnail.
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return strings.HasPrefix(t.Namespace, "IFD0") },
		HandleTag: func(t imagemeta.TagInfo) error {
			p.Tags++
			// Tags of the interoperability directory pass as GPS tags, but not
			// under its name.
			if strings.HasSuffix(t.Namespace, "GPSInfoIFD") {
				if t.Tag == "GPSLatitude" || t.Tag == "GPSLongitude" {
					p.GPS = true
				}
				return nil
			}
			if text, ok := t.Value.(string); ok {
				if _, seen := found[t.Tag]; !seen {
					found[t.Tag] = text
				}
			}
			return nil
		},
	})
}

// tiffReader reads a TIFF structure. Olympus and Panasonic mark their raw files, which are
// TIFF otherwise, by another number, which the library does not know.
func tiffReader(tiff []byte) io.ReadSeeker {
	r := bytes.NewReader(tiff)
	if order, big, ok := tiffOrder(tiff); ok && !big && order.Uint16(tiff[2:]) != 42 {
		return &markedReader{ReadSeeker: r, order: order}
	}
	return r
}

// markedReader puts TIFF's own number where another one stands.
type markedReader struct {
	io.ReadSeeker
	order binary.ByteOrder
}

// Read implements io.Reader.
func (m *markedReader) Read(p []byte) (int, error) {
	at, _ := m.Seek(0, io.SeekCurrent) // of bytes in memory: no error
	n, err := m.ReadSeeker.Read(p)
	var mark [4]byte
	m.order.PutUint16(mark[2:], 42)
	for i := max(at, 2); i < 4 && i-at < int64(n); i++ {
		p[i-at] = mark[i]
	}
	return n, err
}

// camera joins maker and model. Many makers repeat their name in the model.
func camera(maker, model string) string {
	clean := func(s string) string { return strings.Join(strings.Fields(oneLine(strings.Trim(s, "\x00 "))), " ") }
	maker, model = clean(maker), clean(model)
	if strings.HasPrefix(strings.ToLower(model), strings.ToLower(maker)) {
		return model
	}
	return strings.TrimSpace(maker + " " + model)
}

// captureTime reads an EXIF date and its offset from UTC. Without an offset, which
// older cameras do not write, the camera's clock is taken as UTC.
func captureTime(date, offset string) time.Time {
	date = strings.Trim(date, "\x00 ")
	if t, err := time.Parse("2006:01:02 15:04:05-07:00", date+strings.Trim(offset, "\x00 ")); err == nil && t.Year() > 0 {
		return t
	}
	t, err := time.Parse("2006:01:02 15:04:05", date)
	if err != nil || t.Year() <= 0 {
		return time.Time{}
	}
	return t
}
