package raster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// Format names what the bytes of a file are.
type Format string

const (
	Unknown Format = ""
	JPEG    Format = "jpeg"
	PNG     Format = "png"
	GIF     Format = "gif"
	BMP     Format = "bmp"
	TIFF    Format = "tiff"
	WebP    Format = "webp"
	HEIC    Format = "heic"
	AVIF    Format = "avif"
	JXL     Format = "jxl"
	RAW     Format = "raw"
)

// SniffLen is the number of bytes from the start of a file that Sniff and
// ByContent look at; fewer are taken where the file has fewer.
const SniffLen = 64

// Sniff says what a picture is: by its first bytes, and where these say nothing,
// by the extension of its name. Unknown is a picture by neither. A file that is one
// by its name alone is a broken picture, and Decode says so.
//
// Camera raw files are TIFF by content; the name makes them RAW, so that the small
// picture in their first directory is not taken for the whole.
func Sniff(head []byte, name string) Format {
	content, named := ByContent(head), byName(name)
	switch {
	case content == TIFF && named == RAW:
		return RAW
	case content == Unknown:
		return named
	case content == JXL && head[0] == 0xFF && named == Unknown && extension(name) != "":
		// Two bytes are too little to call a file of another kind a picture.
		return Unknown
	}
	return content
}

// ByContent says what the first bytes of a file are, Unknown where they are no
// known picture.
func ByContent(head []byte) Format {
	has := func(magic string) bool { return strings.HasPrefix(string(head[:min(len(head), 16)]), magic) }
	switch {
	case has("\xFF\xD8\xFF"):
		return JPEG
	case has("\x89PNG\r\n\x1A\n"):
		return PNG
	case has("GIF87a"), has("GIF89a"):
		return GIF
	case has("BM") && isBMP(head):
		return BMP
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return WebP
	case has("\xFF\x0A"), has("\x00\x00\x00\x0CJXL \r\n\x87\n"):
		return JXL
	case has("FUJIFILMCCD-RAW"), has("IIU\x00"), has("IIRO"), has("IIRS"), has("MMOR"), has("FOVb"), has("\x00MRM"):
		return RAW // RAF; RW2; ORF, three kinds; X3F; MRW
	case has("II*\x00"), has("MM\x00*"), has("II+\x00"), has("MM\x00+"):
		if len(head) >= 10 && string(head[8:10]) == "CR" {
			return RAW // CR2
		}
		return TIFF
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return byBrand(head)
	}
	return faultyFormat(head)
}

// isBMP asks for a known size of the second header, since two letters are
// the start of many a text.
func isBMP(head []byte) bool {
	if len(head) < 18 {
		return false
	}
	switch binary.LittleEndian.Uint32(head[14:]) {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

// byBrand reads the ftyp box of ISO/IEC 14496-12, section 4.3: the major brand,
// then those that the file is compatible with.
func byBrand(head []byte) Format {
	size := int(min(uint64(binary.BigEndian.Uint32(head)), uint64(len(head))))
	result := Unknown
	for at := 8; at+4 <= size || at == 8; at += 4 {
		if at == 12 {
			continue // minor version
		}
		switch string(head[at : at+4]) {
		case "avif", "avis":
			return AVIF
		case "crx ":
			return RAW
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "miaf":
			result = HEIC
		case "isom", "mp41", "mp42", "qt  ", "iso2":
			if at == 8 {
				return Unknown // a film
			}
		}
	}
	return result
}

// byName says what a file is by the extension of its name, whatever its case.
func byName(name string) Format {
	switch extension(name) {
	case "jpg", "jpeg", "jpe", "jfif", "jif", "mpo":
		return JPEG
	case "png", "apng":
		return PNG
	case "gif":
		return GIF
	case "bmp", "dib":
		return BMP
	case "tif", "tiff":
		return TIFF
	case "webp":
		return WebP
	case "heic", "heif", "hif", "heics", "heifs":
		return HEIC
	case "avif", "avifs":
		return AVIF
	case "jxl":
		return JXL
	case "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "raf", "rw2", "rwl", "orf",
		"pef", "srw", "x3f", "mrw", "dcr", "kdc", "erf", "mef", "mos", "iiq", "3fr", "fff", "raw":
		return RAW
	}
	return Unknown
}

// extension returns the lower-case extension of the last element of a path
// without its dot. A name that begins with its only dot has none.
func extension(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 {
		return ""
	}
	return strings.ToLower(name[dot+1:])
}

// title is the format's name in a sentence.
func (f Format) title() string {
	switch f {
	case WebP:
		return "WebP"
	case JXL:
		return "JPEG XL"
	case RAW:
		return "camera raw file"
	}
	return strings.ToUpper(string(f))
}

// startsWith describes the first bytes of a file for a reason.
func startsWith(data []byte) string {
	head := data[:min(len(data), 16)]
	text := bytes.IndexFunc(head, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if text {
		return fmt.Sprintf("%q", head)
	}
	return fmt.Sprintf("% x", head[:min(len(head), 8)])
}
