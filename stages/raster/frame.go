package raster

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A frame between the program and its decode helper is
//
//	4 bytes  "DDX1"
//	4 bytes  length of the head, big-endian
//	8 bytes  length of the body, big-endian
//	head     JSON: a request, a reply or the helper's greeting
//	body     the file's bytes, or the raster's RGB
const frameMagic = "DDX1"

// maxHead is the longest head: replies hold two or three short strings.
const maxHead = 64 << 10

// request asks a helper to decode the body.
type request struct {
	ID     uint64
	Format Format
	Limits Limits
	Memory int64 // bytes that the helper may take for it
}

// reply answers the request of the same ID; the greeting has ID 0 and Version.
type reply struct {
	ID            uint64
	Version       int      `json:",omitempty"`
	Failure       *Failure `json:",omitempty"`
	Width, Height int      // of the raster in the body
	Picture       Picture
}

// writeFrame writes a frame.
func writeFrame(w io.Writer, head any, body []byte) error {
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	b := make([]byte, 0, 16+len(text))
	b = append(b, frameMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	b = binary.BigEndian.AppendUint64(b, uint64(len(body)))
	if _, err := w.Write(append(b, text...)); err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// readFrame reads a frame with a body of maxBody bytes at most into head and
// returns the body. io.EOF means that the stream ended between two frames.
func readFrame(r io.Reader, head any, maxBody int64) ([]byte, error) {
	var b [16]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, err
	}
	headLen, bodyLen := binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint64(b[8:])
	switch {
	case string(b[:4]) != frameMagic:
		return nil, errors.New("read frame: not from a decode helper")
	case headLen > maxHead, bodyLen > uint64(maxBody):
		return nil, fmt.Errorf("read frame: too long (head %d, body %d bytes)", headLen, bodyLen)
	}
	text, err := readBytes(r, int64(headLen))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, head); err != nil {
		return nil, fmt.Errorf("read frame: %w", err)
	}
	return readBytes(r, int64(bodyLen))
}

// readBytes reads n bytes. Up to a gibibyte the buffer is made at once, since growing it
// would take twice its size; pages that no byte comes for are never taken.
func readBytes(r io.Reader, n int64) ([]byte, error) {
	b := make([]byte, 0, min(n, 1<<30))
	for int64(len(b)) < n {
		if len(b) == cap(b) {
			b = slices.Grow(b, int(min(int64(len(b)), n-int64(len(b)))))
		}
		part := b[len(b):min(int64(cap(b)), n)]
		got, err := io.ReadFull(r, part)
		b = b[:len(b)+got]
		if err != nil {
			return nil, io.ErrUnexpectedEOF
		}
	}
	return b, nil
}

// raster makes a reply's raster of its body, refusing sizes that do not fit.
func (p *reply) raster(body []byte) (*Raster, error) {
	if p.Width < 1 || p.Height < 1 || p.Width > Side || p.Height > Side || len(body) != 3*p.Width*p.Height {
		return nil, fmt.Errorf("read frame: raster of %d x %d in %d bytes", p.Width, p.Height, len(body))
	}
	return &Raster{Width: p.Width, Height: p.Height, RGB: body, Luma: lumaOf(body), Picture: p.Picture}, nil
}
