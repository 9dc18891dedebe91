//go:build linux

// The tests do what a user does: they type commands, and look at what is printed and at the exit code. The test binary
// is the sheep that they call, under that name, so that nothing has to be built where they run.
package main

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "sheep" {
		main()
	}
	if dir := os.Getenv(holdVariable); dir != "" {
		held, _ := durable.LockDirectory(dir)
		io.Copy(io.Discard, os.Stdin)
		held.Close()
		os.Exit(0)
	}
	testns.Main(m)
}

// holdVariable has the test binary keep the lock on a directory until its input ends.
const holdVariable = "SHEEP_TEST_HOLD"

// user is somebody who types commands on a machine without containers and images.
type user struct {
	t       *testing.T
	program string
}

// newUser prepares the machine, which is only a set of namespaces.
func newUser(t *testing.T) user {
	t.Helper()
	testns.Require(t)
	if os.Geteuid() != 0 {
		t.Skip("needs real root")
	}
	dir := t.TempDir()
	testkit.Must(t, syscall.Mount("sheep", dir, "tmpfs", 0, "")) // overlayfs takes no overlayfs as its upper directory
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	t.Setenv("SHEEP_ROOT", filepath.Join(dir, "lib"))
	self, err := os.Executable()
	testkit.Must(t, err)
	u := user{t, filepath.Join(dir, "sheep")}
	testkit.Must(t, os.Symlink(self, u.program))
	shell(t, "ip", "link", "set", "lo", "up")
	t.Cleanup(func() {
		for _, id := range strings.Fields(u.sheep("ps", "-aq").out) {
			u.sheep("rm", "-f", id)
		}
	})
	return u
}

// newUserWithImage has one image as well, busybox.
func newUserWithImage(t *testing.T) user {
	t.Helper()
	u := newUser(t)
	archive := filepath.Join(t.TempDir(), "busybox.tar")
	testkit.Must(t, os.WriteFile(archive, busybox(t), 0o600))
	u.ok("import", archive, "busybox")
	return u
}

// busybox is an archive of a root filesystem.
func busybox(t *testing.T) []byte {
	t.Helper()
	program, err := osexec.LookPath("busybox")
	if err != nil {
		t.Skip("needs the program busybox, which this machine does not have")
	}
	content, err := os.ReadFile(program)
	testkit.Must(t, err)
	if bytes.Contains(content, []byte("/ld-linux")) {
		t.Skip("needs a busybox that is linked statically (Debian: busybox-static)")
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	add := func(header tar.Header, content []byte) {
		header.Size, header.Mode = int64(len(content)), 0o755
		testkit.Must(t, w.WriteHeader(&header))
		_, err := w.Write(content)
		testkit.Must(t, err)
	}
	for _, name := range []string{"bin/", "etc/", "root/", "tmp/", "var/"} {
		add(tar.Header{Name: name, Typeflag: tar.TypeDir}, nil)
	}
	add(tar.Header{Name: "bin/busybox", Typeflag: tar.TypeReg}, content)
	for name := range strings.FieldsSeq(shell(t, "busybox", "--list")) {
		if name != "busybox" {
			add(tar.Header{Name: "bin/" + name, Typeflag: tar.TypeSymlink, Linkname: "busybox"}, nil)
		}
	}
	add(tar.Header{Name: "etc/passwd", Typeflag: tar.TypeReg},
		[]byte("root:x:0:0::/root:/bin/sh\newe:x:7:8::/tmp:/bin/sh\n"))
	add(tar.Header{Name: "etc/group", Typeflag: tar.TypeReg}, []byte("root:x:0:\nflock:x:8:\n"))
	add(tar.Header{Name: "etc/not-a-program", Typeflag: tar.TypeReg}, []byte("\x00"))
	testkit.Must(t, w.Close())
	return archive.Bytes()
}

// withPadding adds a file of so many bytes to an archive, /padding, in which no two blocks are alike.
func withPadding(t *testing.T, archive []byte, size int) []byte {
	t.Helper()
	const end = 2 * 512 // of zeros: the end of an archive (tar(5))
	padded := bytes.NewBuffer(archive[:len(archive)-end])
	w := tar.NewWriter(padded)
	testkit.Must(t, w.WriteHeader(&tar.Header{Name: "padding", Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(size)}))
	content := make([]byte, size)
	for at := 0; at < size; at += 8 {
		binary.LittleEndian.PutUint64(content[at:], uint64(at))
	}
	_, err := w.Write(content)
	testkit.Must(t, err)
	testkit.Must(t, w.Close())
	return padded.Bytes()
}

// result is what a command leaves.
type result struct {
	out, err string
	code     int
}

// sheep types a command and waits for its end.
func (u user) sheep(arguments ...string) result {
	u.t.Helper()
	return u.sheepWith("", arguments...)
}

// sheepWith gives it something to read.
func (u user) sheepWith(input string, arguments ...string) result {
	u.t.Helper()
	var out, complaint bytes.Buffer
	cmd := u.command(arguments...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &complaint
	err := cmd.Run()
	var exit *osexec.ExitError
	if err != nil && !errors.As(err, &exit) {
		u.t.Fatalf("sheep %s: %v", strings.Join(arguments, " "), err)
	}
	return result{out.String(), complaint.String(), cmd.ProcessState.ExitCode()}
}

func (u user) command(arguments ...string) *osexec.Cmd {
	cmd := osexec.Command(u.program, arguments...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// ok types a command that must succeed, and returns what it prints.
func (u user) ok(arguments ...string) string {
	u.t.Helper()
	r := u.sheep(arguments...)
	if r.code != 0 {
		u.t.Fatalf("sheep %s ends with %d: %s", strings.Join(arguments, " "), r.code, r.err)
	}
	return r.out
}

// run runs a container in the foreground. Its cgroup is what other tests are about.
func (u user) run(arguments ...string) result {
	u.t.Helper()
	return u.sheep(append([]string{"run", "--no-limits"}, arguments...)...)
}

// detached runs a container in the background.
func (u user) detached(arguments ...string) {
	u.t.Helper()
	u.ok(append([]string{"run", "--no-limits", "-d"}, arguments...)...)
}

func (r result) check(t *testing.T, what, out, complaint string, code int) {
	t.Helper()
	if r.out != out || !strings.Contains(r.err, complaint) || complaint == "" && r.err != "" || r.code != code {
		t.Errorf("%s: it prints %q and %q and ends with %d; want %q, %q and %d", what, r.out, r.err, r.code, out,
			complaint, code)
	}
}

// shell runs another program, which must succeed.
func shell(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	out, err := osexec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// helpless is a user who only asks for help: nothing is prepared.
func helpless(t *testing.T) user {
	t.Helper()
	self, err := os.Executable()
	testkit.Must(t, err)
	u := user{t, filepath.Join(t.TempDir(), "sheep")}
	testkit.Must(t, os.Symlink(self, u.program))
	return u
}

// parse types a command whose output is JSON.
func (u user) parse(value any, arguments ...string) {
	u.t.Helper()
	if out := u.ok(arguments...); json.Unmarshal([]byte(out), value) != nil {
		u.t.Fatalf("sheep %s prints no JSON: %s", strings.Join(arguments, " "), out)
	}
}
