package raster

import (
	"fmt"
	"testing"
)

func TestSniff(t *testing.T) {
	const (
		bmp  = "BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"
		tiff = "II*\x00\x08\x00\x00\x00\x00\x00\x00\x00"
	)
	for _, c := range []struct {
		head, name string
		want       Format
	}{
		{"\xFF\xD8\xFF\xE0", "a.txt", JPEG},
		{"\xFF\xD8\xFF\xE1", "a.png", JPEG},
		{"\xFF\xD8\xFF\xE1", "a.nef", JPEG},
		{"\x89PNG\r\n\x1a\n", "photo.JPG", PNG},
		{"GIF89a", "", GIF}, {"GIF87a", "", GIF}, {"GIF88a", "", Unknown},
		{bmp, "a", BMP}, {"BMW is a maker of cars", "list.txt", Unknown}, {"BMW is", "list.bmp", BMP},
		{"RIFF\x00\x00\x00\x00WEBPVP8 ", "", WebP}, {"RIFF\x00\x00\x00\x00WAVE", "a.wav", Unknown},
		{tiff, "a.tif", TIFF}, {tiff, "a", TIFF}, {tiff, "a.DNG", RAW}, {tiff, "a.Nef", RAW}, {tiff, "a.arw", RAW},
		{"MM\x00*\x00\x00\x00\x08", "a.jpg", TIFF}, {"MM\x00+\x00\x08\x00\x00", "", TIFF},
		{"II*\x00\x10\x00\x00\x00CR\x02\x00", "renamed.tif", RAW},
		{"IIU\x00\x18\x00\x00\x00", "", RAW}, {"FUJIFILMCCD-RAW 0201", "", RAW}, {"IIRO\x08\x00\x00\x00", "", RAW},
		{"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "", RAW},
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "a.jpg", HEIC},
		{"\x00\x00\x00\x1Cftypmif1\x00\x00\x00\x00mif1avifmiaf", "", AVIF},
		{"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "", HEIC},
		{"\x00\x00\x00\x1Cftypavif\x00\x00\x00\x00mif1avifmiaf", "", AVIF},
		{"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "film.mp4", Unknown},
		{"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "film.heic", HEIC},
		{"\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00mif1heic", "", Unknown},
		{"\x00\x00\x00\x0CJXL \r\n\x87\n", "", JXL}, {"\xFF\x0A\x01\x02", "a.jxl", JXL}, {"\xFF\x0A\x01\x02", "a", JXL}, {"\xFF\x0A\x01\x02", "lib.so", Unknown},
		{"", "a.jpg", JPEG}, {"text", "a.JPEG", JPEG}, {"text", "a.txt", Unknown}, {"", "", Unknown},
		{"text", "dir.jpg/a", Unknown}, {"text", `dir\a.png`, PNG}, {"text", ".png", Unknown}, {"text", "a.png.txt", Unknown},
		{"text", "a.jxl", JXL}, {"text", "a.avif", AVIF}, {"text", "a.webp", WebP}, {"text", "a.gif", GIF}, {"text", "a.tiff", TIFF},
		{"\x00\x00\x00\x00ftyp", "", Unknown}, {"\x00\x00\x00\x08ftypheic", "", HEIC},
	} {
		if got := Sniff([]byte(c.head), c.name); got != c.want {
			t.Errorf("%q named %q is %q, want %q", c.head, c.name, got, c.want)
		}
	}
}

func ExampleSniff() {
	fmt.Println(Sniff([]byte("\x89PNG\r\n\x1a\n"), "holiday.jpg"))
	fmt.Println(Sniff([]byte("Dear diary"), "holiday.jpg"))
	// Output:
	// png
	// jpeg
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x1Cftypmif1\x00\x00\x00\x00mif1avifmiaf"), "a.heic")
	f.Add([]byte("\xFF\x0A"), "a.jxl")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		whole := Sniff(data, name)
		if head := Sniff(data[:min(len(data), SniffLen)], name); head != whole {
			t.Errorf("%q by %d bytes, %q by all", head, SniffLen, whole)
		}
		if content := ByContent(data); content != Unknown && whole != content && whole != RAW && content != JXL {
			t.Errorf("content %q is called %q", content, whole)
		}
	})
}
