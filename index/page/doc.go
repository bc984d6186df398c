// Package page writes the groups of an index as one HTML page that opens from
// disk in any browser: the pictures side by side, laid over each other, and
// marks that the reader saves as a file for `dedupidx decide` and `dedupidx
// script`.
//
// The page is template.html with style.css, the scripts of the folder script one after the
// other, and the data as JSON. It runs without a server and without a network:
// its content security policy forbids everything but its own style and script,
// named by their hashes, and pictures from data: URLs or the folder beside it. No
// name from a disk ever becomes markup: names stand in JSON, in which <, > and &
// are escaped, and the scripts only ever set them as text.
//
// [Write] streams. First the groups, then the thumbnails in the order of the
// groups, made by a few workers: memory is that of the pictures being decoded and
// of a hash for each content.
package page
