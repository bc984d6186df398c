// Package copies makes labelled copies of photos by known edits: resized, recompressed,
// cropped, turned, mirrored, captioned, toned, blurred, framed, on screenshots, pages and in
// collages. With them a program that finds copies is tried on the photos of its user.
//
// All is seeded. The edits work on pictures that were decoded and bounded by [Open]; the
// parameters are what people and programs ordinarily do, strong ones among them.
package copies
