// Package raster turns the bytes of a picture file into a small upright picture.
//
// Nothing else in the program decodes pixels. A Raster has at most Side pixels
// along its long side, 8-bit RGB and luma, EXIF orientation applied and alpha laid
// over white, so that every stage sees the same picture whatever it was wrapped in.
// The reduction is an exact area average in integers (each pixel of the raster is
// the mean of the rectangle that it covers, edges counted by their share), the
// box filter of any textbook on resampling without its rounding to whole pixels:
// the same file gives the same bytes on every machine.
//
// Input is hostile. Sizes are read and compared with Limits and with the number of
// bytes that there are before pixels are allocated. JPEG, PNG, GIF, BMP and TIFF are decoded in
// this process, by code of this package and of Go's standard library; of a camera raw
// file, the largest JPEG that is embedded in it. All other decoders run in a decode
// helper, a child process that may crash, hang or eat memory at the price of one file
// (see Decoder); those of HEIC, AVIF and JPEG XL are closed in once more there (see
// package codec). A picture that cannot be decoded ends as a *Failure with a class and a
// reason that are the same each time; any other error means that the program, not the
// picture, is broken.
package raster
