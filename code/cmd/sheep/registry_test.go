//go:build linux

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testhost"
)

func TestPushAndPull(t *testing.T) {
	u := newUser(t)
	address, _ := testhost.Registry(t)
	name := address + "/flock/busybox:1"
	archive := filepath.Join(t.TempDir(), "busybox.tar")
	must(t, os.WriteFile(archive, busybox(t), 0o600))
	u.ok("import", archive, name)
	pushed := u.sheep("push", name)
	if pushed.code != 0 || !regexp.MustCompile(`^sha256:[0-9a-f]{64}\n$`).MatchString(pushed.out) || pushed.err == "" {
		t.Fatalf("push prints %q and %q and ends with %d", pushed.out, pushed.err, pushed.code)
	}
	u.ok("rm", "--image", name)
	u.run("--rm", name, "true").check(t, "run of a removed image", "", "sheep pull "+name, 125)

	pulled := u.sheep("pull", name)
	if pulled.code != 0 || pulled.out != name+"\n" || strings.Contains(pulled.err, "\x1b") {
		t.Fatalf("pull prints %q and %q and ends with %d", pulled.out, pulled.err, pulled.code)
	}
	u.run("--rm", name, "echo", "baa").check(t, "run of the pulled image", "baa\n", "", 0)
	u.sheep("pull", address+"/flock/nothing:1").check(t, "pull of nothing", "", "flock/nothing", 1)
}
