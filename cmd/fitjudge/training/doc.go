// Command training makes a set of labelled pictures that the judge is fitted on.
//
//	go run ./cmd/fitjudge/training -from PHOTOS[,PHOTOS...] -o OUTDIR -seed 1 -n 3000
//
// It writes pictures and labels.csv (path,group,relation,edit,of,width,height)
// into OUTDIR, which must be new or empty, and touches nothing else. The same
// photos, seed and size give the same files. Photos must be copies of nothing
// among themselves; do not index them along with the set, which holds copies of
// them, nor fit on photos that the program is to be measured with.
//
// The relations are those of index/evaluate:
//
//   - original, near, hard: photos and drawn templates with copies by ordinary
//     and by strong edits, each kind over a wide range of strengths. So many
//     copies teach the judge what an edit may do to a picture.
//   - partial: crops to a small part, insets, collages, pictures on printed and
//     on web pages. Of names every group they show.
//   - none: what copies must not be confused with. Fillings of one template:
//     forms, pages, slides, windows, phones, maps and so on, with one layout and
//     other words, values or pictures. Other views of a scene, whose parts moved
//     in ways that no affine map explains. And photos that stand alone. A third
//     of them is edited a little and a third much, so that an edit alone does not
//     speak for a copy.
//
// Of says family:NAME for all files that show a look-alike, copies included: a
// family must stay on one side of a split into what is fitted and what is tested.
//
// With -strong most copies are made by the edits that are missed most (stickers over much of the
// picture, tiled watermarks, spread histograms, bent or turned frames, two strong edits at once), half of
// the edits of what is no copy, too. The judge learned from both, the one of 3,000 files, the
// other of 2,400 with -seed 7.
//
// That templates with other fillings in training are what keeps forms and
// screenshots apart, and that they have to be balanced with as many copies, was
// measured: without them no threshold kept invoices of one form apart.
package main
