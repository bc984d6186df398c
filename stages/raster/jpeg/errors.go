package jpeg

import "fmt"

// UnsupportedError says which variant of JPEG this package does not decode. Another
// decoder may.
type UnsupportedError struct {
	Reason string // a phrase of one line
}

// Error returns the reason.
func (e *UnsupportedError) Error() string { return e.Reason }

// FormatError says which rule of the format the bytes break, so that there is nothing
// to show.
type FormatError struct {
	Offset int    // in bytes, where it was noticed
	Reason string // a phrase of one line
}

// Error returns the reason and the offset.
func (e *FormatError) Error() string { return fmt.Sprintf("%s (at byte %d)", e.Reason, e.Offset) }

// LimitError says which of Limits the picture goes over.
type LimitError struct {
	Reason string // a phrase of one line
}

// Error returns the reason.
func (e *LimitError) Error() string { return e.Reason }

// malformed makes a FormatError.
func malformed(offset int, format string, args ...any) error {
	return &FormatError{Offset: offset, Reason: fmt.Sprintf(format, args...)}
}

// unsupported makes an UnsupportedError.
func unsupported(format string, args ...any) error {
	return &UnsupportedError{Reason: fmt.Sprintf(format, args...)}
}
