//go:build linux

package main

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// resolveWith puts other content in the place of /etc/resolv.conf, in the mount namespace of the tests.
func resolveWith(t *testing.T, content string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	testkit.Must(t, os.WriteFile(file, []byte(content), 0o644))
	if _, err := os.Stat("/etc/resolv.conf"); errors.Is(err, fs.ErrNotExist) { // nothing to mount on
		testkit.Must(t, os.WriteFile("/etc/resolv.conf", nil, 0o644))
		t.Cleanup(func() { testkit.Must(t, os.Remove("/etc/resolv.conf")) })
	}
	testkit.Must(t, syscall.Mount(file, "/etc/resolv.conf", "", syscall.MS_BIND, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount("/etc/resolv.conf", syscall.MNT_DETACH)) })
}

// answerNames is a resolver at an address. It answers with a response code (RFC 1035, section 4.1.1), or if that is
// negative never.
func answerNames(t *testing.T, address string, code int) {
	t.Helper()
	server, err := net.ListenPacket("udp", address)
	testkit.Must(t, err)
	t.Cleanup(func() { server.Close() })
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if code >= 0 {
				buffer[2], buffer[3] = buffer[2]|0x80, byte(code) // it is a response
				server.WriteTo(buffer[:n], from)
			}
		}
	}()
}

// A network that does not work fails in many ways, and no answer is to blame the name of a registry that is right.
func TestPullSaysWhatIsWrongWithTheNetwork(t *testing.T) {
	u := newUser(t)
	const own, bootstrap = "127.0.0.53", "without a network: sheep bootstrap"
	pull := func(image, want, butNot string) {
		t.Helper()
		r := u.sheep("pull", image)
		if r.code != 1 || !strings.Contains(r.err, want) || strings.Contains(r.err, butNot) {
			t.Errorf("pull %s says %q and ends with %d; want %q and not %q", image, r.err, r.code, want, butNot)
		}
	}
	withoutNetwork := func() {
		t.Helper()
		for _, image := range []string{"busybox", "203.0.113.7/web"} {
			pull(image, "there is no network: no route leads out of this machine", "is it right?")
			pull(image, bootstrap, "is it right?")
		}
	}

	shell(t, "ip", "link", "set", "lo", "down")
	resolveWith(t, "nameserver 192.0.2.1\n")
	withoutNetwork()
	shell(t, "ip", "link", "set", "lo", "up")
	withoutNetwork()
	resolveWith(t, "")
	withoutNetwork()
	resolveWith(t, "nameserver "+own+"\n")
	withoutNetwork()
	pull("127.0.0.1:1/web", "no registry at 127.0.0.1:1", bootstrap)
	u.sheep("pull", "busybox").check(t, "pull", "",
		"\n  without a network: sheep bootstrap makes an image of this machine's own programs\n", 1)

	// From here on a route leads to a network, on which nobody is.
	shell(t, "ip", "link", "add", "outside", "type", "bridge")
	t.Cleanup(func() { shell(t, "ip", "link", "delete", "outside") })
	shell(t, "ip", "address", "add", "198.51.100.2/24", "dev", "outside")
	shell(t, "ip", "link", "set", "outside", "up")
	shell(t, "ip", "route", "add", "default", "via", "198.51.100.1")
	pull("busybox", "cannot be looked up: is "+own+":53, in /etc/resolv.conf, the right resolver?", bootstrap)
	resolveWith(t, "# nobody\n")
	pull("busybox", "cannot be looked up: /etc/resolv.conf names no resolver", bootstrap)
	for server, code := range map[string]int{"127.0.0.61": 3, "127.0.0.62": 5, "127.0.0.63": -1} {
		answerNames(t, server+":53", code)
		resolveWith(t, "nameserver "+server+"\noptions timeout:1 attempts:1\n")
		if code == 3 {
			pull("nobody.test/web", "the name of the registry, nobody.test, is unknown: is it right?", bootstrap)
		} else {
			pull("nobody.test/web", "cannot be looked up: is "+server+":53, in /etc/resolv.conf, the right resolver?",
				bootstrap)
		}
	}
	shell(t, "ip", "route", "add", "unreachable", "203.0.113.0/24")
	pull("203.0.113.7/web", "this machine does not reach a registry at 203.0.113.7", bootstrap)
}
