// Package quality says how good a copy is, so that of a group of copies the
// right one is kept: how much resolution is real, how sharp it is, what
// compression has done to it, what metadata is left.
//
// Real resolution is told by octaves. A photo looks much the same at half its
// size (Field, "Relations between the statistics of natural images and the
// response properties of cortical cells", 1987), so its finest detail is about
// as strong as the detail at half size; an enlarged or blurred picture lacks
// it. Block edges are measured as Wang, Sheikh and Bovik do, "No-reference
// perceptual quality assessment of JPEG compressed images", 2002: differences
// across the grid of eight against those beside it.
//
// What this cannot see: a stage has only the raster, whose long side is 512
// pixels at most. Of a larger picture the raster shows neither blocks nor
// whether its finest detail is real. A picture of 4000 pixels enlarged from
// 1000 passes for 4000; one enlarged from 250 does not. For pictures that were
// not reduced all of it works.
//
// Quality finds no pair, and so it has no bucket keys.
package quality
