//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestOneThreadAloneIsInTheNewNamespace(t *testing.T) {
	testns.Require(t)
	got := run(t, program())
	machine, err := os.Hostname()
	testkit.Must(t, err)
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	if got.status != 0 || len(lines) != 6 {
		t.Fatalf("exit status %d, %s%s", got.status, got.stdout, got.stderr)
	}
	var count int
	if _, err := fmt.Sscanf(lines[0], "threads before main does anything: %d", &count); err != nil || count < 2 {
		t.Errorf("%q (%v), want more than one thread", lines[0], err)
	}
	threads := map[string]string{}
	for i, want := range []struct{ who, hostname string }{
		{"main", "wolf"}, {"first goroutine", machine}, {"second goroutine", machine}, {"third goroutine", machine},
		{"main again", "wolf"},
	} {
		line := lines[i+1]
		before, hostname, _ := strings.Cut(line, ": ")
		who, thread, _ := strings.Cut(before, ", thread ")
		if who != want.who || hostname != want.hostname {
			t.Errorf("%q, want %s to have the hostname %s", line, want.who, want.hostname)
		}
		threads[thread] += hostname + " "
	}
	if len(threads) != 4 {
		t.Errorf("the goroutines ran on threads %v, want one of its own for each", threads)
	}
	if after, err := os.Hostname(); err != nil || after != machine {
		t.Errorf("the hostname outside has become %q, %v", after, err)
	}
}
