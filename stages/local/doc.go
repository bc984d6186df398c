// Package local finds crops, turns, insets and collages: it knows where the
// distinct points of a picture lie and what they look like, and keeps a small
// picture to lay over another.
//
// Keypoints are maxima of the determinant of the Hessian on a pyramid (as SURF,
// Bay et al. 2006, without its box approximation), spread over picture and
// scales; their descriptors are 256 comparisons of box means in the frame of the
// keypoint (BRIEF, Calonder et al. 2010; ORB, Rublee et al. 2011). Where we depart:
// half of the comparisons mirror the other half, so that the descriptor of a mirrored
// picture is an exchange of halves and mirrored copies are found without looking at
// pixels again; the tests were chosen by how well they tell edited copies from strangers.
//
// Finding has three steps. Keys names the words of the keypoints, for an
// inverted index; Probes is what to ask it for. Agree counts the pairs of keys
// that lie alike, from the index alone. Compare reads both features, fits an affine
// map, and lays the thumbnails over each other. All three are symmetric: what is
// found does not depend on which picture came first, and no number depends on
// what else is in the index.
package local

// Version is raised when the bytes or their meaning change: keypoints,
// pattern, vocabulary, keys or thumbnail.
//
//	1  first
//	2  a second word where it is nearly as near
//	3  twice the words, and up to four for a keypoint where they are telling
const Version = 3
