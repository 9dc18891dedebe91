// Package batch does one thing to each of several, and reports in the order in which they were named.
package batch

import (
	"errors"
	"slices"
	"sync"
)

// Each finds what a name stands for, does something to it, and goes on with the next. done is called for
// those that succeed. One that fails does not keep the others from being done.
func Each[T any](names []string, find func(string) (T, error), do func(T) error, done func(string)) error {
	var failed []error
	for _, name := range names {
		failed = append(failed, report(name, one(name, find, do), done))
	}
	return errors.Join(failed...)
}

// Together is Each for what takes time: it works on all in parallel. done is still called in order, for each as soon as
// those before it are finished. What is named twice is looked for the second time when the first is finished: then it
// may be gone.
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
