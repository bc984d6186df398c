// Package pipeline runs a scan: it walks the roots, lets workers look at what
// is not fresh, commits their records in batches, compares what is new with what
// is stored, and makes the groups anew that changed.
//
// One goroutine walks, as many as the budget says work, one commits. The result
// does not depend on how many they are. A bad photo becomes a row with its
// reason; an error means that the run could not go on, and what was committed by
// then stays.
package pipeline
