//go:build linux

// Package remedy (chapter 10) says what the user of sheep can do about an error.
//
// The packages that do the work know no command line: their errors name a field, or are of a type of their own. Here is
// the one table that says which flag the field is, and which command helps.
//
// Read first: [Command.Explain] and the table below it.
package remedy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/complaint"
)

// Command is the command of sheep that failed.
type Command struct {
	Name    string                // run, pull, …
	IsImage func(ref string) bool // reports whether there is an image of a name; may be nil
}

// Explain returns an error that wraps another, and says what to do about it in words of the command line. One that the
// table does not have is returned as it is. Of several that [errors.Join] put together, it explains each.
func (c Command) Explain(err error) error {
	if err == nil {
		return nil
	}
	var all []error
	for _, one := range complaint.Split(err) {
		for _, explain := range table {
			if cause, words := explain(c, one); words != "" {
				one = &explained{strings.Replace(one.Error(), cause.Error(), words, 1), one}
			}
		}
		all = append(all, one)
	}
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}

// explained is an error in other words.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

// flags are the flags of the command line, by the fields of [container.Options], [cgroup.Limits] and
// [container.ExecOptions].
var flags = map[string]string{
	"name": "--name", "network": "--network", "ports": "--publish", "hostname": "--hostname",
	"working_dir": "--workdir", "binds": "--volume", "tmpfs": "--tmpfs",
	"cap_add": "--cap-add", "cap_drop": "--cap-drop",
	"no_limits": "--no-limits", "stop_signal": "--stop-signal",
	"memory": "--memory", "cpus": "--cpus", "cpu_shares": "--cpu-shares", "pids": "--pids-limit",
}

// Flag returns the flag of the command line for a field of the options; empty if it has none.
func Flag(field string) string { return flags[field] }

// row finds a cause in an error, and says it in words of the command line; no words leave it as it is.
type row func(c Command, err error) (cause error, words string)

// of is a row for a type of errors.
func of[T error](words func(c Command, cause T) string) row {
	return func(c Command, err error) (error, string) {
		var cause T
		if !errors.As(err, &cause) {
			return nil, ""
		}
		return cause, words(c, cause)
	}
}

// is is a row for one cause: all of the words stay, with more after them.
func is(cause error, more string) row {
	return func(_ Command, err error) (error, string) {
		if !errors.Is(err, cause) {
			return nil, ""
		}
		return err, err.Error() + more
	}
}

// table has all that is said otherwise, or beyond what the error says itself.
var table = []row{
	of(func(_ Command, e *cgroup.LimitError) string {
		return fmt.Sprintf("%s %v: %s", Flag(e.Field), e.Value, e.Reason)
	}),
	of(func(_ Command, e *container.ConflictError) string {
		with := make([]string, len(e.With))
		for i, field := range e.With {
			with[i] = Flag(field)
		}
		return (&container.ConflictError{Field: Flag(e.Field), With: with}).Error()
	}),
	of(func(c Command, e *container.NotFoundError) string {
		switch {
		case e.Near != "" || c.IsImage == nil || !c.IsImage(e.Ref):
			return ""
		case c.Name == "rm":
			return e.Error() + ": that is an image; remove it with: sheep rm --image " + e.Ref
		}
		return e.Error() + ": that is an image"
	}),
	of(func(c Command, e *image.NotFoundError) string {
		switch {
		case e.Near != "" || c.Name == "rm" || c.Name == "rmi":
			return ""
		case c.Name == "push":
			return e.Error() + "; push sends an image to where its name says, " +
				"which it gets with: sheep tag IMAGE " + e.Ref
		}
		return e.Error() + "; get it with: sheep pull " + e.Ref
	}),
	of(func(_ Command, e *image.DamagedError) string {
		return e.Error() + "; make it again in the same way, or remove it with: sheep rm --image " + e.ID
	}),
	of(func(c Command, e *archive.LimitError) string {
		if c.Name != "import" && c.Name != "pull" {
			return ""
		}
		return e.Error() + ": if it is not a bomb, allow more with --max-size"
	}),
	of(func(_ Command, e *archive.CompressionError) string {
		return fmt.Sprintf("it is compressed with %s: decompress it on the way: %s -dc FILE | sheep import - NAME",
			e.Form, e.Tool)
	}),
	is(container.ErrNoProgram, ": give one after the image's name"),
	is(container.ErrNoTerminal, ": leave out -t, or -i"),
	is(registry.ErrPlainHTTP, ": allow them with --insecure"),
	func(c Command, err error) (error, string) {
		if !errors.Is(err, image.ErrNoNetwork) || c.Name != "pull" {
			return nil, ""
		}
		return err, err.Error() + "\nwithout a network: sheep bootstrap makes an image of this machine's own programs"
	},
	is(bridge.ErrExhausted, "; remove some with: sheep rm"),
	func(c Command, err error) (error, string) {
		if !errors.Is(err, cgroup.ErrUnavailable) || c.Name != "run" && c.Name != "create" {
			return nil, ""
		}
		return err, err.Error() + "\nto run it without limits: --no-limits"
	},
}
