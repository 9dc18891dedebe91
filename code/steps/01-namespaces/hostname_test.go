//go:build linux

package main

import (
	"os"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestHostnameIsSheepInside(t *testing.T) {
	if got := inside(t, "hostname"); got != "sheep" {
		t.Errorf("hostname inside is %q, want sheep", got)
	}
}

func TestHostnameOutsideIsUntouched(t *testing.T) {
	before, err := os.Hostname()
	testkit.Must(t, err)
	if got := inside(t, "hostname wolf && hostname"); got != "wolf" {
		t.Errorf("hostname inside is %q after it was set to wolf", got)
	}
	after, err := os.Hostname()
	testkit.Must(t, err)
	if after != before {
		t.Errorf("hostname outside changed from %q to %q", before, after)
	}
}
