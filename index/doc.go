// Package index is the store: the only package with SQL, one SQLite file.
//
// Words. A root is a folder that the user named; a folder lies below one; a
// file is a name in a folder; a content is a sequence of bytes, known by its
// hash; a feature is what a stage knows of a content; a posting leads from a
// bucket key of a stage to the contents that have it; a match is what was found
// of two contents; a cluster is a group of contents that show one picture; a
// flag on a content says that its groups must be made anew.
//
// Promises. One process writes: Open and Create hold a lock of the operating
// system. Each method that writes is one transaction, which leaves the index
// consistent or leaves nothing, whether it is cancelled, killed or the disk is
// full; one that changes no row commits nothing. Readers run beside the writer
// and see whole transactions. Names and paths are bytes: Go strings that need
// not be UTF-8. Nothing is returned in an order that chance decides.
//
// Postings. Each batch of contents becomes one sorted run of compressed blocks
// for each stage, and four runs of a level become one of the next: the
// log-structured merge of O'Neil, Cheng, Gawlick and O'Neil (Acta Informatica
// 33, 1996), kept in tables, so that a run comes and goes in the transaction of
// its batch. No run grows beyond what a look-up may hold in memory: it reads each
// once and puts all questions to it (Tiles), however many runs there are. There
// are no marks for what was deleted: ids of contents are never
// used again, so that a posting of one that is gone leads nowhere, and the next
// merge drops it. Against a row for each posting it writes 25 times faster and
// takes a third of the room; a look-up pays for that by block, and so asks for
// the keys of many photos at once (see BenchmarkLookup).
//
// Files. Each noun has a file with its type, its rules and its SQL, which can be
// pasted into a shell: root, folder, file, content, feature, posting, match,
// group, decision, job. write.go commits a batch of a scan; report.go and
// status.go read across the nouns; prune, check, repair, backup and compact are what
// a long life needs; transaction.go is how rows are changed, and
// testdata/schema.sql shows the tables; tally.go is how many rows there are.
package index
