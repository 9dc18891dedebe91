//go:build linux

package archive

import "fmt"

// EntryError says what in an archive is refused, and why.
type EntryError struct {
	Entry  string // the name as it stands in the archive; empty if it is the archive as a whole
	Reason string
	Err    error // a typed cause, such as a [CompressionError]; may be nil
}

func (e *EntryError) Error() string {
	if e.Entry == "" {
		return "archive: " + e.Reason
	}
	return fmt.Sprintf("archive entry %q: %s", e.Entry, e.Reason)
}

// Unwrap returns the cause.
func (e *EntryError) Unwrap() error { return e.Err }

// CompressionError is the error for an archive that is compressed in a way that is not undone here.
type CompressionError struct {
	Form string // bzip2, xz, …
	Tool string // the program that undoes it, with the option -dc
}

func (e *CompressionError) Error() string {
	return fmt.Sprintf("it is compressed with %s: decompress it first, with %s -dc", e.Form, e.Tool)
}

// LimitError is the error for an archive that breaks a bound of [Limits].
type LimitError struct{ Reason string }

func (e *LimitError) Error() string { return e.Reason }

// exceeds makes an [EntryError] of it.
func exceeds(entry, format string, arguments ...any) error {
	limit := &LimitError{fmt.Sprintf(format, arguments...)}
	return &EntryError{Entry: entry, Reason: limit.Reason, Err: limit}
}

// refuse makes an [EntryError].
func refuse(entry, format string, arguments ...any) error {
	return &EntryError{Entry: entry, Reason: fmt.Sprintf(format, arguments...)}
}
