//go:build linux

package image

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
)

// explain puts what a registry answers into words.
func explain(doing string, ref reference, from *registry.Repository, err error) error {
	var answer *registry.Error
	var operation *net.OpError
	var lookup *net.DNSError
	missing := errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
	switch {
	case missing && doing == "pull":
		return fmt.Errorf("%s %s: the registry has no such image: %w", doing, ref, err)
	case missing && doing == "push":
		return fmt.Errorf("%s %s: the registry has no place for it, which some want made first: %w", doing, ref, err)
	case errors.As(err, &answer) &&
		(answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return fmt.Errorf("%s %s: the registry does not allow it (passwords are read from ~/.docker/config.json): %w",
			doing, ref, err)
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return fmt.Errorf("%s %s: the name of the registry, %s, is unknown: is it right? %w", doing, ref,
			lookup.Name, err)
	case errors.As(err, &lookup):
		return fmt.Errorf("%s %s: the name of the registry, %s, cannot be looked up: %w", doing, ref, lookup.Name, err)
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%s %s: the registry at %s speaks plain HTTP: %w", doing, ref, from.Host,
			registry.ErrPlainHTTP)
	case errors.As(err, &operation) && operation.Op == "dial":
		return fmt.Errorf("%s %s: no registry at %s: %w", doing, ref, from.Host, err)
	}
	return fmt.Errorf("%s %s: %w", doing, ref, err)
}

// NameError is the error for a text that cannot be the name of an image.
type NameError struct {
	Text, Reason string
	Err          error // may be nil
}

func (e *NameError) Error() string { return fmt.Sprintf("image name %q: %s", e.Text, e.Reason) }

// Unwrap returns what came of it.
func (e *NameError) Unwrap() error { return e.Err }

// NotFoundError is the error of [Store.Find], [Store.Remove] and [Store.Push] when there is no such image.
type NotFoundError struct {
	Ref  string // what was looked for
	Near string // the image that was probably meant; may be empty
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("there is no image %q", e.Ref)
	if e.Near != "" {
		text += "; did you mean " + e.Near + "?"
	}
	return text
}

// EntryError says what in an archive is refused, by name, and why.
type EntryError = archive.EntryError
