// Package testload puts a load on the machine: what test binaries do when they are started as a process to be limited.
package testload

import (
	"errors"
	"strconv"
	"time"
)

// Occupy fills as many mebibytes of memory as it is told, page by page.
func Occupy(arguments []string) error {
	size, err := strconv.Atoi(arguments[0])
	if err != nil {
		return err
	}
	memory := make([]byte, size<<20)
	for at := 0; at < len(memory); at += 4096 {
		memory[at] = 1
	}
	if memory[len(memory)/2] != 1 {
		return errors.New("memory does not hold what was written")
	}
	return nil
}

// Spin keeps a CPU busy for a time.
func Spin(arguments []string) error {
	duration, err := time.ParseDuration(arguments[0])
	if err != nil {
		return err
	}
	for end := time.Now().Add(duration); time.Now().Before(end); {
	}
	return nil
}
