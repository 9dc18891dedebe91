//go:build linux

package testhost

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cspell:ignore rootdirectory

// Registry starts Debian's registry, which others have written, on a free port of the loopback interface, until the
// test ends, with lines of more in its configuration. It returns its address and the directory in which it keeps
// everything. Without the program it skips the test.
func Registry(t testing.TB, more ...string) (host, storage string) {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		t.Skip("needs the program docker-registry, which this machine does not have")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, storage = listener.Addr().String(), t.TempDir()
	listener.Close()
	config := filepath.Join(t.TempDir(), "config.yml")
	content := fmt.Appendf(nil,
		"version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %q}\n%s",
		storage, host, strings.Join(more, ""))
	if err := os.WriteFile(config, content, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "serve", config)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		answer, err := http.Get("http://" + host + "/v2/")
		if err == nil {
			answer.Body.Close()
			return host, storage
		}
		if time.Now().After(deadline) {
			t.Fatalf("docker-registry does not answer: %v", err)
		}
	}
}
