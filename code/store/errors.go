//go:build linux

package store

import (
	"errors"
	"fmt"
	"runtime/debug"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// The reasons why something is not done. Those about one object come in an [ObjectError].
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("already exists")
	ErrConflict = errors.New("the object has been modified; " +
		"please apply your changes to the latest version and try again")

	// ErrGone is the error for a revision that the log no longer reaches back to: whoever watches or reads pages of a
	// list has to begin again. It comes in a [RevisionError], as ErrFuture does.
	ErrGone = errors.New("too old resource version")

	// ErrFuture is the error for a revision that there has not been yet, as after a backup has been put back.
	ErrFuture = errors.New("too large resource version")

	// ErrContinue is the error for what is not the token of a page.
	ErrContinue = errors.New("continue key is not valid")

	ErrClosed  = errors.New("the store is closed")
	ErrFull    = errors.New("the store is full")
	ErrDamaged = errors.New("the file is damaged")
	ErrForeign = errors.New("the file is not a store of Shepherd")

	// ErrFailed is the error of all writers after a commit of which nobody knows whether it is on the disk. Opening the
	// file again finds out.
	ErrFailed = errors.New("an earlier commit has failed half-way: no more is written until the store is opened again")
)

var errClosedFile = bolterrors.ErrDatabaseNotOpen

// ObjectError says of which object something is true, in Kubernetes' words. It unwraps to [ErrNotFound], [ErrExists] or
// [ErrConflict].
type ObjectError struct {
	Kind   *object.Kind
	Name   string
	Reason error
	Detail string // more about a conflict
}

func (e *ObjectError) Error() string {
	if e.Reason != ErrConflict {
		return fmt.Sprintf("%v %q %v", e.Kind, e.Name, e.Reason)
	}
	reason := e.Detail
	if reason == "" {
		reason = e.Reason.Error()
	}
	return fmt.Sprintf("Operation cannot be fulfilled on %v %q: %s", e.Kind, e.Name, reason)
}

func (e *ObjectError) Unwrap() error { return e.Reason }

// RevisionError is about a revision that cannot be gone back to, or that is still to come. It unwraps to [ErrGone] or
// [ErrFuture].
type RevisionError struct {
	Reason         error
	Asked          uint64
	Oldest, Newest uint64 // what can be asked for
}

func (e *RevisionError) Error() string {
	return fmt.Sprintf("%v: %d (%d to %d)", e.Reason, e.Asked, e.Oldest, e.Newest)
}

func (e *RevisionError) Unwrap() error { return e.Reason }

// LockedError is the error when another process has the file. Its holder says which.
type LockedError struct{ Holder *durable.HeldError }

func (e *LockedError) Error() string { return e.Holder.Error() }

// Unwrap returns the holder, which is [durable.ErrLocked].
func (e *LockedError) Unwrap() error { return e.Holder }

// asDamage makes an error of a panic of bbolt's, which it has for pages that are not what they should be. It has to be
// deferred.
func asDamage(err *error) {
	if reason := recover(); reason != nil {
		*err = fmt.Errorf("%w: %v", ErrDamaged, reason)
	}
}

// faultsPanic makes a page that the disk does not give, or that lies beyond the file's end, a panic, while f runs.
func faultsPanic(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer asDamage(&err)
	return f()
}
