//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
)

func TestMaskedPathsAreEmpty(t *testing.T) {
	root := newRoot(t)
	var present []string
	for _, name := range masked {
		if _, err := os.Lstat(name); err == nil {
			present = append(present, name)
		}
	}
	if len(present) == 0 {
		t.Skip("this kernel has nothing that is to be masked")
	}
	got := inside(t, root, `for name in `+strings.Join(present, " ")+`; do
		if [ -d $name ]; then ls -A $name; touch $name/wool 2>/dev/null && echo $name can be written
		else head -c 9 $name; fi; done; true`)
	if got != "" {
		t.Errorf("of %q, something is left: %s", present, got)
	}
}

func TestReadOnlyPathsCanBeReadAndNotWritten(t *testing.T) {
	root := newRoot(t)
	// Opening is enough to see it. Nothing is written.
	got := inside(t, root, `cd /proc; cat sys/kernel/hostname
		for name in sys/kernel/hostname sys/vm/swappiness sysrq-trigger irq/default_smp_affinity; do
		[ ! -e $name ] || (: >>$name) 2>&1 | sed 's/.*: //'; done`)
	lines := strings.Split(got, "\n")
	if lines[0] != "sheep" || len(lines) < 4 {
		t.Errorf("reading and opening gave %q", got)
	}
	for _, line := range lines[1:] {
		if line != "Read-only file system" {
			t.Errorf("opening for writing gave %q", line)
		}
	}
}

func TestReadOnlyPathsKeepTheirOptions(t *testing.T) {
	got := inside(t, newRoot(t), "grep ' /proc/sys ' /proc/self/mountinfo")
	if !strings.Contains(got, " ro,nosuid,nodev,noexec,") {
		t.Errorf("/proc/sys has lost an option: %s", got)
	}
}
