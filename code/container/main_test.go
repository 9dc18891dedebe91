//go:build linux

// The tests run real containers of a small image that is made of busybox. Where there is
// no cgroup v2 they do without; those that need it run in the virtual machine, see limits_test.go.
package container

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testtraces"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
)

// command does what a command of the CLI does; set by the crash matrix.
var command func(root, verb string) error

// port8080 is the container's port 80 published as port 8080.
var port8080 = nat.Port{HostPort: 8080, ContainerPort: 80, Protocol: "tcp"}

func TestMain(m *testing.M) {
	Main()
	if len(os.Args) == 4 && os.Args[1] == "command" {
		if err := command(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 3 && os.Args[1] == "hold" {
		held, err := lockDirectory(os.Args[2])
		if err == nil {
			time.Sleep(time.Hour)
			held.unlock()
		}
		os.Exit(1)
	}
	testns.Main(m)
}

// world is a runtime with one image, called "box".
type world struct {
	*Runtime
	t testing.TB
}

func newWorld(t testing.TB) world {
	t.Helper()
	w := emptyWorld(t)
	imported, err := importOnce()
	testkit.Must(t, err)
	// The images are those of the first test.
	images := filepath.Join(w.root, "images")
	testkit.Must(t, os.RemoveAll(images))
	testkit.Must(t, os.Symlink(imported, images))
	r, err := Open(w.root)
	testkit.Must(t, err)
	w.Runtime = r
	return w
}

// emptyWorld is one without an image.
func emptyWorld(t testing.TB) world {
	t.Helper()
	testns.Require(t)
	if _, err := exec.LookPath("busybox"); err != nil {
		t.Skip("needs the program busybox, statically linked, which this machine does not have (Debian: " +
			"busybox-static)")
	}
	r, err := Open(t.TempDir())
	testkit.Must(t, err)
	w := world{r, t}
	t.Cleanup(w.removeAll)
	return w
}

// importOnce makes a store with the image, in a place of its own.
var importOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "images")
	if err != nil {
		return "", err
	}
	// On a tmpfs, so that nothing is left if the tests are killed.
	if err := syscall.Mount("images", dir, "tmpfs", 0, ""); err != nil {
		os.Remove(dir)
		return "", err
	}
	testns.AtEnd(func() {
		syscall.Unmount(dir, syscall.MNT_DETACH)
		os.Remove(dir)
	})
	return dir, importBox(dir)
})

func importBox(dir string) error {
	archive, err := box()
	if err != nil {
		return err
	}
	store, err := image.Open(dir)
	if err != nil {
		return err
	}
	_, err = store.Import(context.Background(), bytes.NewReader(archive), "box", nil)
	return err
}

// removeAll removes what a test left, also when it failed.
func (w world) removeAll() {
	states, err := w.List()
	testkit.Must(w.t, err)
	for _, state := range states {
		if err := w.Remove(context.Background(), state.ID, true); err != nil {
			w.t.Error(err)
		}
	}
}

// box is an archive of an image with busybox and little else.
func box() ([]byte, error) {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return nil, err
	}
	program, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	applets, err := exec.Command(busybox, "--list").Output()
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	add := func(header tar.Header, content string) {
		header.Size = int64(len(content))
		if err == nil {
			err = writer.WriteHeader(&header)
		}
		if err == nil {
			_, err = io.WriteString(writer, content)
		}
	}
	for _, dir := range []string{"bin/", "etc/", "root/", "home/"} {
		add(tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755}, "")
	}
	add(tar.Header{Typeflag: tar.TypeReg, Name: "bin/busybox", Mode: 0o755}, string(program))
	for _, applet := range strings.Fields(string(applets)) {
		if applet != "busybox" {
			add(tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + applet, Linkname: "busybox"}, "")
		}
	}
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/passwd", Mode: 0o644},
		"root:x:0:0::/root:/bin/sh\nlamb:x:1000:1000::/home:/bin/sh\n")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/group", Mode: 0o644}, "root:x:0:\nlamb:x:1000:\n")
	// Whole systems have it as a link that leads nowhere until they run.
	add(tar.Header{Typeflag: tar.TypeSymlink, Name: "etc/resolv.conf", Linkname: "../run/resolv.conf"}, "")
	if err == nil {
		err = writer.Close()
	}
	return archive.Bytes(), err
}

// noLimits is whether this machine has none to offer.
var noLimits = sync.OnceValue(func() bool { return cgroup.Check() != nil })

// options are those of a container without network, which runs a shell script.
func options(script string) Options {
	return Options{Image: "box", Args: []string{"sh", "-c", script}, NoLimits: noLimits(), Network: NetworkNone}
}

func (w world) create(o Options) *State {
	w.t.Helper()
	state, err := w.Create(context.Background(), o)
	testkit.Must(w.t, err)
	return state
}

// result is what came out of a run.
type result struct {
	out, err string
	code     int
	failure  error
}

// run creates a container and runs it in the foreground.
func (w world) run(o Options, input string) (*State, result) {
	w.t.Helper()
	state := w.create(o)
	return state, w.runAgain(state.ID, input)
}

func (w world) runAgain(id, input string) result {
	w.t.Helper()
	return streamed(w.t, input, func(s Streams) (int, error) { return w.Run(context.Background(), id, s) })
}

func (w world) exec(id string, e ExecOptions, input string) result {
	w.t.Helper()
	return streamed(w.t, input, func(s Streams) (int, error) { return w.Exec(context.Background(), id, e, s) })
}

// streamed calls do with files for the standard streams.
func streamed(t testing.TB, input string, do func(Streams) (int, error)) (r result) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		testkit.Must(t, err)
		return f
	}
	in, out, errors := file("in"), file("out"), file("err")
	defer in.Close()
	defer out.Close()
	defer errors.Close()
	_, err := in.WriteString(input)
	testkit.Must(t, err)
	_, err = in.Seek(0, io.SeekStart)
	testkit.Must(t, err)
	r.code, r.failure = do(Streams{In: in, Out: out, Err: errors})
	content, err := os.ReadFile(out.Name())
	testkit.Must(t, err)
	r.out = string(content)
	content, err = os.ReadFile(errors.Name())
	testkit.Must(t, err)
	r.err = string(content)
	return r
}

// start creates a container and starts it in the background.
func (w world) start(o Options) *State {
	w.t.Helper()
	state := w.create(o)
	testkit.Must(w.t, w.Start(context.Background(), state.ID))
	return w.state(state.ID)
}

func (w world) state(id string) *State {
	w.t.Helper()
	state, err := w.Find(id)
	testkit.Must(w.t, err)
	return state
}

// logs returns what a container has written so far to standard output and error.
func (w world) logs(id string, follow bool, tail int) (string, string) {
	w.t.Helper()
	var out, err strings.Builder
	testkit.Must(w.t, w.Logs(context.Background(), id, LogOptions{Follow: follow, Tail: tail}, &out, &err))
	return out.String(), err.String()
}

// until waits until something is so.
func until(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after a minute still not: %s", what)
		}
	}
}

// awaitWaiter waits until a goroutine of this process waits for the lock on a directory (proc_locks(5)).
func awaitWaiter(t testing.TB, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	testkit.Must(t, err)
	waiter := regexp.MustCompile(fmt.Sprintf(`(?m)^\d+: +-> FLOCK +ADVISORY +WRITE +%d [0-9a-f:]+:%d `, os.Getpid(),
		info.Sys().(*syscall.Stat_t).Ino))
	until(t, "this process waits for the lock on "+dir, func() bool {
		locks, err := os.ReadFile("/proc/locks")
		testkit.Must(t, err)
		return waiter.Match(locks)
	})
}

// traces returns what containers have outside of their processes.
func (w world) traces() string {
	w.t.Helper()
	var found []string
	for _, place := range testtraces.Mounts(w.t, w.root) {
		found = append(found, "mount "+strings.TrimPrefix(strings.Fields(place)[0], w.root))
	}
	for _, pattern := range []string{"containers/*", "overlay/*"} {
		names, err := filepath.Glob(filepath.Join(w.root, pattern))
		testkit.Must(w.t, err)
		for _, name := range names {
			found = append(found, "directory "+strings.TrimPrefix(name, w.root))
		}
	}
	for _, lease := range testtraces.Leases(w.t, filepath.Join(w.root, "leases.json")) {
		found = append(found, "lease "+lease)
	}
	for _, name := range testtraces.Interfaces(w.t) {
		if strings.HasPrefix(name, "veth") {
			found = append(found, "interface "+name)
		}
	}
	for _, id := range testtraces.Published(w.t) {
		found = append(found, "rules of "+id)
	}
	for _, id := range testtraces.Cgroups(w.t, "/sys/fs/cgroup/sheep") {
		found = append(found, "cgroup "+id)
	}
	return strings.Join(found, "\n")
}

// loopbackUp turns on the loopback of the namespace that the tests run in.
func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}

// dial returns what a server says.
func dial(address string) string {
	connection, err := net.DialTimeout("tcp4", address, time.Second)
	if err != nil {
		return ""
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Second))
	answer, _ := bufio.NewReader(connection).ReadString('\n')
	return answer
}
