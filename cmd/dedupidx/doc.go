// Command dedupidx keeps an index of pictures and tells which of them are the
// same picture: exact copies, re-encodings, edits, and pictures inside pictures.
//
// It is the only package that prints, exits, and reads flags and the
// environment. Each command is a file: its flags, its help, its run. Results
// go to standard output alone; progress, logs and errors to standard error.
//
// The voice of the terminal. Errors read "dedupidx: what was being done: why it
// failed", and a line "hint: what can be done" follows where there is something.
// Names of files are escaped where they could drive the terminal, but never in
// csv and paths0, which give them back byte for byte.
package main
