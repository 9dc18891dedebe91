//go:build linux

package main

import (
	"strings"
	"syscall"
	"testing"
)

// Under the umask of a careful administrator.
func TestDevicesAreForEverybodyWhateverTheUmask(t *testing.T) {
	root := newRoot(t)
	defer syscall.Umask(syscall.Umask(0o077))
	got := inside(t, root, "cd /dev; stat -c '%n %A %t:%T' null zero full random urandom tty")
	want := `null crw-rw-rw- 1:3
zero crw-rw-rw- 1:5
full crw-rw-rw- 1:7
random crw-rw-rw- 1:8
urandom crw-rw-rw- 1:9
tty crw-rw-rw- 5:0`
	if got != want {
		t.Errorf("devices are\n%s\nwant\n%s", got, want)
	}
	inside(t, root, "su lamb -c 'echo wool >/dev/null'")
}

func TestUmaskIsTheCallers(t *testing.T) {
	root := newRoot(t)
	defer syscall.Umask(syscall.Umask(0o026))
	if got := inside(t, root, "umask"); got != "0026" {
		t.Errorf("the program's umask is %s, want 0026", got)
	}
}

func TestDevicesWork(t *testing.T) {
	got := inside(t, newRoot(t), `wc -c </dev/null; head -c 9 /dev/zero | wc -c; head -c 9 /dev/urandom | wc -c
		echo wool 2>&1 >/dev/full; exec 3<>/dev/ptmx; ls /dev/pts`)
	if want := "0\n9\n9\nsh: write error: No space left on device\n0\nptmx"; got != want {
		t.Errorf("the devices gave\n%s\nwant\n%s", got, want)
	}
}

func TestLinksLeadToWhatIsTheProcesss(t *testing.T) {
	root := newRoot(t)
	got := inside(t, root, "cd /dev; for link in fd stdin stdout stderr ptmx; do readlink $link; done; echo wool | timeout 20 cat /dev/stdin")
	want := "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx\nwool"
	if got != want {
		t.Errorf("links are\n%s\nwant\n%s", got, want)
	}
}

func TestRootIsNotEscaped(t *testing.T) {
	root := newRoot(t)
	if got := escape(t, root, secret(t, root)); !strings.Contains(got, "no such file or directory") {
		t.Errorf("who climbs to the top finds %q", got)
	}
}
