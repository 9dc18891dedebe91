//go:build linux

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// cspell:ignore rootdirectory

// registryServer runs a registry on this machine, and returns its address.
func registryServer(t *testing.T) string {
	t.Helper()
	program, err := osexec.LookPath("docker-registry")
	if err != nil {
		t.Skip("needs the program docker-registry, which this machine does not have")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yml")
	must(t, os.WriteFile(config, fmt.Appendf(nil,
		"version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %q}\n", dir, address), 0o600))
	cmd := osexec.Command(program, "serve", config)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	eventually(t, "the registry answers", func() bool {
		response, err := http.Get("http://" + address + "/v2/")
		if err == nil {
			response.Body.Close()
		}
		return err == nil && response.StatusCode == http.StatusOK
	})
	return address
}

func TestPushAndPull(t *testing.T) {
	u := newUser(t)
	address := registryServer(t)
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
