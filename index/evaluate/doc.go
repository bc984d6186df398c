// Package evaluate scores a report against photos whose answers are known.
//
// A report claims, of every pair of the members of a group, that the two show
// the same picture or a part of it. Two members whose kind is partial are not
// claimed to have to do with each other: a partial row joins nothing. A label
// says which picture a file shows and what it is to that picture's original,
// and from this each claimed pair is true or false:
//
//	two files of one label group                               true
//	a partial file and a file of a group that its Of names     true
//	two partial files whose Of have a group in common          true
//	anything else                                              false
//
// The figures that follow from it are those of [Figures]. They are recall by
// relation, and precision over pairs rather than over groups, so that one
// large wrong group costs what it ought to.
//
// The package is pure but for [Finder], which resolves links on the disk to
// see which labelled file a path of the report means.
package evaluate
