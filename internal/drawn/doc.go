// Package drawn makes pictures by drawing them: scenes with gradients, texture,
// shapes and lettering, and copies of them by known edits. They stand in for
// photos where there are none, in tests and for who wants to try the program.
//
// All is seeded: the same numbers draw the same picture. Scenes are unlike each
// other at every scale, from their light to their grain, as photos are, so that
// what finds copies among photos finds them here; they say nothing on how well.
package drawn
