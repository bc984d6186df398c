// Package global describes a whole picture by one short vector of texture and
// layout, and finds the whole-frame copies that a hash of signs loses: framed
// and captioned ones, slight crops, strong tone changes, screenshots.
//
// The texture is a histogram of gradient orientations in 4x4 cells (Dalal and
// Triggs, "Histograms of oriented gradients for human detection", 2005, with
// the soft cells and the clipping of Lowe's SIFT, 2004; the square root of
// each share is from Arandjelovic and Zisserman, "Three things everyone should
// know to improve object retrieval", 2012). The layout is the rank of each
// cell's mean luma, which no monotone tone curve changes. Such vectors of a
// whole scene go back to Oliva and Torralba, "Modeling the shape of the scene",
// 2001.
//
// We depart in three ways. A flat border is cut off first, so that a frame or a
// bar does not shift the cells. The eight orientation bins are centred on
// multiples of 22.5 degrees and filled by whole numbers, so that the eight
// orientations of a picture are an exact permutation of its vector ([Turned]).
// And retrieval needs no tree or vocabulary: bands of 16 bits, one for each
// way to compare a cell with the others, are bucket keys that do not depend on
// the orientation. Thus the candidate relation is exactly symmetric: a finds b
// if and only if b finds a, whatever came first.
package global
