package raster

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
