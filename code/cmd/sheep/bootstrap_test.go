//go:build linux && !vm

package main

import "testing"

func TestBootstrappedImageRuns(t *testing.T) {
	u := newUser(t)
	if got := u.ok("bootstrap", "tools:1", "sh", "ls"); got != "tools:1\n" {
		t.Errorf("bootstrap prints %q", got)
	}
	u.run("--rm", "tools:1", "sh", "-c", "ls -d /bin && echo baa").check(t, "run", "/bin\nbaa\n", "", 0)
}
