// Package report writes the groups of an index for a person or a program.
//
// The rows are made once ([Group], [File]) and handed, one group at a time, to
// the writer of a format: table for the eyes, csv for spreadsheets and scripts,
// json and jsonl for programs, paths0 for xargs -0. Memory is that of the
// largest group.
//
// A file is proposed to go only where that is safe and frees space. See
// [Action]: what is kept must be at hand, only a part in common is no reason,
// and another name of a kept file frees nothing.
//
// A name is bytes. csv and paths0 give them back as they are; json, which can
// only hold text, adds them in base64 where they are no UTF-8; the table
// escapes what could drive a terminal ([Printable]).
//
// # Columns of csv, fields of json and jsonl
//
//	group       number from 1, in the order of --sort
//	path        absolute; in json path_bytes beside it where it is no UTF-8
//	kind        what the file is to the representative: best (it is it), exact, pixels, near, transformed, partial
//	best        1 (true) for each file that is to be kept, by --keep, --never-go and --against
//	similarity  0 to 1, to the representative
//	transform   six numbers a b c d e f: a point (x, y) of the representative lies in this file at (ax+by+c, dx+ey+f),
//	            with the long side of each picture as 1; empty for the same bytes
//	size        bytes
//	width       pixels of the upright picture, as height
//	format      what the bytes are, whatever the name says
//	modified    RFC 3339, UTC, to the nanosecond
//	taken       RFC 3339, when the camera says it was; its clock is taken for UTC where the file tells no zone; empty where unknown
//	hash        BLAKE3 of the bytes, 64 hexadecimal digits
//	root        the folder of the index that it lies in
//	state       online, or offline: its disk is away
//	why         with --explain: why the best is best, and what the others are to it
//
// json and jsonl have of each file also action (keep, go, leave: see [Action]) and hardlink (the file of its group
// that it is another name of); of each group space (bytes that the files to go occupy) and similarity (of the least
// similar member); json has totals at its end. A file stands in more than one group only where its kind is partial.
package report
