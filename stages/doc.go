// Package stages holds the contract of a stage, the list of the five, and the
// judge that decides over what they say.
//
// A stage is an independent witness: a package of pure functions with the same
// names in each. Extract makes a Feature from a raster, Encode and Decode carry
// it as bytes, Compare gives Evidence about two features and is symmetric.
// A stage that proposes pairs also has Keys, which are stored in buckets, and
// Probes, which are asked; the two are chosen so that a finds b exactly when b
// finds a, since results must not depend on who came first.
//
// To add a stage: a folder, an entry in List, a field in Features and Evidence,
// and its say in Judge.
package stages
