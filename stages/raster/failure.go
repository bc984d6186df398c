package raster

import "fmt"

// Class is the kind of a failure, short and stable, fit to be stored. A Class is
// an error, so that errors.Is(err, raster.Damaged) asks for it.
type Class string

const (
	Foreign     Class = "foreign"     // a picture by its name, but not by its bytes
	Damaged     Class = "damaged"     // its bytes break the rules of its format
	Unsupported Class = "unsupported" // a format or variant that this version does not decode
	TooLarge    Class = "too large"   // over one of Limits, which the reason names
	TimedOut    Class = "timed out"   // the decode helper took longer than its deadline
	Crashed     Class = "crashed"     // the decode helper ended while it decoded the file
)

// Error returns the class as text.
func (c Class) Error() string { return string(c) }

// Failure says why a picture cannot be decoded. It is a fact about the file: the
// same bytes, decoder version and limits give the same class and reason.
type Failure struct {
	Class  Class
	Reason string // a phrase of one line, without the file's name
}

// Error returns the reason.
func (f *Failure) Error() string { return f.Reason }

// Unwrap returns the class, for errors.Is.
func (f *Failure) Unwrap() error { return f.Class }

// failf makes a failure.
func failf(class Class, format string, args ...any) *Failure {
	return &Failure{Class: class, Reason: fmt.Sprintf(format, args...)}
}
