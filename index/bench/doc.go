// Package bench measures how fast a machine scans real photos with 1, 2, 4 and more
// workers, and how that changes with their number.
//
// A run is a scan into a fresh index in a process of its own, so that its memory and
// its processor time are its own: [Measure] is what that process does. What several
// runs gave is a [Result], which derives speed-up, efficiency and use of the processors,
// checks that all runs found the same groups, and is told as a table, as JSON or as a
// page with plots. The last result of a machine is kept in a file ([Save], [Load]) and
// stands for what can be expected of it.
//
// Nothing here is estimated but [Result.Argument], which says so.
package bench
