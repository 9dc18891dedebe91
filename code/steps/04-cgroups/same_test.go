//go:build linux

package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// So that what is tested there holds here.
func TestRootAndSignalsAreThoseOfTheChapterBefore(t *testing.T) {
	for _, name := range []string{"root.go", "signals.go"} {
		want, err := os.ReadFile("../03-pivot-root/" + name)
		testkit.Must(t, err)
		for _, stage := range []string{"1-memory", "2-inner", "3-cpu", "4-birth", ".", "solutions/3-freeze"} {
			got, err := os.ReadFile(stage + "/" + name)
			testkit.Must(t, err)
			if !bytes.Equal(got, want) {
				t.Errorf("%s/%s is not that of 03-pivot-root", stage, name)
			}
		}
	}
}
