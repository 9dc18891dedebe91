// Package batch does one thing to each of several, and reports in the order in which they were named.
package batch

import (
	"errors"
	"slices"
	"sync"
)

// Each finds what a name stands for, does something to it, and goes on with the next. done hears of those with which it
// went well. One that fails is not in the way of the others.
func Each[T any](names []string, find func(string) (T, error), do func(T) error, done func(string)) error {
	var failed []error
	for _, name := range names {
		failed = append(failed, report(name, one(name, find, do), done))
	}
	return errors.Join(failed...)
}

// Together is Each for what takes its time: it does it to all at once. done hears of one after the other all the same, as
// soon as those before it are through. What is named twice is found the second time when the first is through: then it may
// be gone.
func Together[T any](names []string, find func(string) (T, error), do func(T) error, done func(string)) error {
	results := make([]error, len(names))
	through := make([]sync.WaitGroup, len(names))
	for i, name := range names {
		through[i].Go(func() {
			if earlier := slices.Index(names[:i], name); earlier >= 0 {
				through[earlier].Wait()
			}
			results[i] = one(name, find, do)
		})
	}
	for i, name := range names {
		through[i].Wait()
		results[i] = report(name, results[i], done)
	}
	return errors.Join(results...)
}

// Itself finds the name alone, for what is done to names.
func Itself(name string) (string, error) { return name, nil }

func one[T any](name string, find func(string) (T, error), do func(T) error) error {
	found, err := find(name)
	if err != nil {
		return err
	}
	return do(found)
}

func report(name string, err error, done func(string)) error {
	if err == nil {
		done(name)
	}
	return err
}
