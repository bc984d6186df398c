// Package color describes which colors a picture has and where: its witness
// speaks against look-alikes that agree in luma, which is all that the other
// stages look at.
//
// The layout is the mean color of 4x4 cells, after the color layout descriptor
// of MPEG-7 (Kasutani and Yamada, "The MPEG-7 color layout descriptor", 2001;
// ISO/IEC 15938-3), with cells instead of its DCT coefficients: they are
// permuted exactly by the eight orientations. The distribution is a histogram
// of hue, weighted by chroma, in eight soft sectors. Both are compared so that
// white balance and saturation, which a copy often changes, count little: the
// layouts by their correlation.
//
// A grey copy, and one toned in a single hue such as sepia, has lost its colors
// and cannot contradict. The feature says so, and the evidence with it.
//
// Color alone finds no pair. There are no bucket keys: too many strangers
// share a sky and a meadow.
package color
