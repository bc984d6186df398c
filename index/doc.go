// Package index is the store: the only package with SQL, one SQLite file.
//
// Words. A root is a folder that the user named; a folder lies below one; a
// file is a name in a folder; a content is a sequence of bytes, known by its
// hash; a feature is what a stage knows of a content; a posting leads from a
// bucket key of a stage to the contents that have it; a match is what was found
// of two contents; a cluster is a group of contents that show one picture.
//
// Promises. One process writes (see Lock); each method that writes is one
// transaction, which leaves the index consistent or leaves nothing. Readers run
// beside the writer and see whole transactions. Names and paths are bytes: Go
// strings that need not be UTF-8. Nothing is returned in an order that chance
// decides.
package index
