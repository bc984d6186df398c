// Package dedup finds out which contents show the same picture. It has three
// steps: candidates (buckets propose pairs of a new content and a stored one),
// verify (the judge of package stages decides each pair once), and group (the
// matches become groups that do not depend on who came first).
//
// Whatever is asked here is a pure function of the two pictures, never of what
// else is stored: so the same photos give the same groups in any order of
// arrival, in any number of batches, with any number of workers. Two bounds keep the work
// from growing with the square of what is stored, and only beyond them does it show who came first:
// MostAlike and MostShared.
package dedup
