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
package report
