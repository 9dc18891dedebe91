//go:build linux

package main

import (
	"os"
	"testing"
)

func TestMistakesAreSaidBeforeThereIsAGroup(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		arguments []string
		before    string // what package flag says
		want      string
	}{
		{[]string{"root"}, "", "usage: " + usage},
		{[]string{"--memory", "64M", "root"}, "", "usage: " + usage},
		{[]string{"--wool", "white", "root", "sh"}, "flag provided but not defined: -wool\n", "usage: " + usage},
		{[]string{"pause"}, "", "usage: " + usage},
		{[]string{"pause", "1", "2"}, "", "usage: " + usage},
		{[]string{"pause", "."}, "", `find the container: strconv.ParseUint: parsing ".": invalid syntax`}, // not the inner group
		{[]string{"unpause", ""}, "", `find the container: strconv.ParseUint: parsing "": invalid syntax`},
		{[]string{"init"}, "", "read the configuration: read pipe: bad file descriptor"}, // typed by hand
		{[]string{"/no/such", "sh"}, "", "find the root: stat /no/such/: no such file or directory"},
		{[]string{file, "sh"}, "", "find the root: stat " + file + "/: not a directory"},
	} {
		got := run(t, c.arguments...)
		if want := c.before + "3-freeze: " + c.want + "\n"; got.status != 125 || got.stderr != want {
			t.Errorf("%q: exit status %d, %q; want 125, %q", c.arguments, got.status, got.stderr, want)
		}
	}
}
