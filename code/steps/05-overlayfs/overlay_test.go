//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// left returns the names of the containers' directories, as they are now.
func left(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	testkit.Must(t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// running is a container that runs until it is told to end.
type running struct {
	cmd   *exec.Cmd
	stdin io.Closer
	said  *bufio.Reader
	dir   string // the container's directory, on the host
}

// start starts a container that runs a shell script, and waits for its first line, which is "ready". Then it sleeps
// until its standard input ends.
func start(t *testing.T, image, script string) running {
	t.Helper()
	before := []string{}
	if _, err := os.Stat(folder); err == nil {
		before = left(t)
	}
	cmd := program(image, "sh", "-c", script+"; echo ready; cat")
	stdin, err := cmd.StdinPipe()
	testkit.Must(t, err)
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	cmd.Stderr = os.Stderr
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
	said := bufio.NewReader(stdout)
	if line, err := said.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the container says %q, %v", line, err)
	}
	r := running{cmd, stdin, said, ""}
	for _, name := range left(t) {
		if !slices.Contains(before, name) {
			r.dir = filepath.Join(folder, name)
		}
	}
	return r
}

// end lets a container end.
func (r running) end(t *testing.T) {
	t.Helper()
	testkit.Must(t, r.stdin.Close())
	testkit.Must(t, r.cmd.Wait())
}

// kill kills the program on the host's side, and waits until all that it started has gone.
func (r running) kill(t *testing.T) {
	t.Helper()
	testkit.Must(t, r.cmd.Process.Kill())
	io.Copy(io.Discard, r.said) // ends when nobody can write any more
	r.cmd.Wait()
}

func TestImageStaysAsItIs(t *testing.T) {
	image := newImage(t)
	before := snapshot(t, image)
	got := inside(t, image, `echo 10.20.0.2 dolly >>/etc/hosts; rm /bin/vi; chmod 700 /bin/busybox; mv /etc/passwd /etc/users
		rm -r /tmp /dev/shm/* 2>/dev/null; mkdir /srv; echo wool >/srv/wool; cat /etc/hosts /etc/users /srv/wool; ls /bin/vi /etc/passwd 2>&1 || true`)
	want := `127.0.0.1 localhost
10.20.0.2 dolly
root:x:0:0::/:/bin/sh
lamb:x:1000:1000::/:/bin/sh
wool
ls: /bin/vi: No such file or directory
ls: /etc/passwd: No such file or directory`
	if got != want {
		t.Errorf("inside, there is\n%s\nwant\n%s", got, want)
	}
	if after := snapshot(t, image); after != before {
		t.Errorf("the image was\n%s\nand is\n%s", before, after)
	}
}

func TestImageMayBeReadOnly(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, syscall.Mount("", filepath.Dir(image), "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	if got := inside(t, image, "echo wool >/etc/hosts; cat /etc/hosts"); got != "wool" {
		t.Errorf("the file has %q", got)
	}
}

func TestTwoContainersOfOneImageDoNotSeeEachOthersChanges(t *testing.T) {
	image := newImage(t)
	first := start(t, image, "echo first >/etc/hosts")
	if got := inside(t, image, "cat /etc/hosts; echo second >/etc/hosts"); got != "127.0.0.1 localhost" {
		t.Errorf("the second sees %q", got)
	}
	content, err := os.ReadFile(filepath.Join(first.dir, "upper/etc/hosts"))
	if string(content) != "first\n" {
		t.Errorf("the first has %q, %v", content, err)
	}
	first.end(t)
}

func TestNothingIsMountedOnTheHost(t *testing.T) {
	image := newImage(t)
	parent := filepath.Dir(folder)
	testkit.Must(t, syscall.Mount("", parent, "", syscall.MS_SHARED, "")) // as systemd has it
	before, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	container := start(t, image, "true")
	after, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	if string(before) != string(after) {
		t.Errorf("mounts outside changed from\n%s\nto\n%s", before, after)
	}
	if names, err := os.ReadDir(filepath.Join(container.dir, "merged")); err != nil || len(names) > 0 {
		t.Errorf("the host sees %v, %v in merged", names, err)
	}
	container.end(t)
}

func TestNothingIsLeft(t *testing.T) {
	image := newImage(t)
	for _, args := range [][]string{
		{"sh", "-c", "echo wool >/wool; mkdir -p /deep/deeper; rm -r /etc; mkdir /etc"},
		{"sh", "-c", "exit 42"},
		{"sh", "-c", "(sleep 1000 &); kill -KILL $$"},
		{"no-such-program"},
		{"/etc/passwd"},
	} {
		run(t, program(append([]string{image}, args...)...))
		if names := left(t); len(names) > 0 {
			t.Errorf("after %q there is %v", args, names)
		}
	}
}

func TestNextStartRemovesWhatAKilledOneLeft(t *testing.T) {
	image := newImage(t)
	first := start(t, image, "echo wool >/wool")
	second := start(t, image, "echo wool >/wool")
	first.kill(t)
	if _, err := os.Stat(filepath.Join(first.dir, "upper/wool")); err != nil {
		t.Fatalf("the killed one left nothing: %v", err)
	}
	inside(t, image, "true")
	if names := left(t); len(names) != 1 || names[0] != filepath.Base(second.dir) {
		t.Errorf("there is %v, want %s, which runs", names, second.dir)
	}
	if _, err := os.Stat(filepath.Join(second.dir, "upper/wool")); err != nil {
		t.Error(err)
	}
	second.end(t)
}

// Whoever makes a directory and locks it has to be alone, or another removes it in between.
func TestManyStartAtOnce(t *testing.T) {
	image := newImage(t)
	var all sync.WaitGroup
	for index := range 12 {
		all.Go(func() {
			got := run(t, program(image, "sh", "-c", fmt.Sprintf("echo %d >/etc/hosts; cat /etc/hosts", index)))
			if got.status != 0 || got.stdout != fmt.Sprintln(index) {
				t.Errorf("container %d ends with %d, %q %s", index, got.status, got.stdout, got.stderr)
			}
		})
	}
	all.Wait()
	if names := left(t); len(names) > 0 {
		t.Errorf("there is %v", names)
	}
}

func TestDirectoryIsNotRemovedBeforeItIsLocked(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, os.MkdirAll(folder, 0o700))
	fd, err := lock(folder, syscall.LOCK_EX)
	testkit.Must(t, err)
	cmd := program(image, "true")
	testkit.Must(t, cmd.Start())
	// It waits in flock(2), and the kernel lists who waits with an arrow.
	testkit.Eventually(t, "the program waits for the lock", func() bool {
		locks, err := os.ReadFile("/proc/locks")
		testkit.Must(t, err)
		return strings.Contains(string(locks), fmt.Sprintf("-> FLOCK  ADVISORY  WRITE %d ", cmd.Process.Pid))
	})
	if names := left(t); len(names) > 0 {
		t.Errorf("there is %v already", names)
	}
	testkit.Must(t, syscall.Close(fd))
	testkit.Must(t, cmd.Wait())
}

func TestRootOfTheContainerHasOwnerAndModeOfTheImages(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, os.Chown(image, 7, 8))
	testkit.Must(t, os.Chmod(image, 0o751|os.ModeSticky))
	defer syscall.Umask(syscall.Umask(0o077))
	if got := inside(t, image, "stat -c '%a %u:%g' /; su lamb -c 'cat /etc/hosts'"); got != "1751 7:8\n127.0.0.1 localhost" {
		t.Errorf("it is %s", got)
	}
}

// CVE-2021-41091: the directories of Docker could be entered by everybody.
func TestCVE202141091UsersOfTheHostDoNotReachTheFiles(t *testing.T) {
	image := newImage(t)
	defer syscall.Umask(syscall.Umask(0))
	container := start(t, image, "cp /bin/busybox /bin/wolf; chmod 4755 /bin/wolf")
	cmd := exec.Command(filepath.Join(container.dir, "upper/bin/wolf"))
	cmd.Args = []string{"id"} // as what busybox runs
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	if out, err := cmd.CombinedOutput(); !os.IsPermission(err) {
		t.Errorf("a user runs a program of the container: %v %s", err, out)
	}
	container.end(t)
}

func TestPathsMayContainWhatEndsAnOption(t *testing.T) {
	image := newImage(t)
	for _, name := range []string{"a,b", "a:b", `a\b`, `ends\`, "a=b,upperdir=c", "::,,", "a b"} {
		moved := filepath.Join(filepath.Dir(image), name)
		testkit.Must(t, os.Rename(image, moved))
		if got := run(t, program(moved, "cat", "/etc/hosts")); got.stdout != "127.0.0.1 localhost\n" {
			t.Errorf("%q: exit status %d, %q %s", name, got.status, got.stdout, got.stderr)
		}
		image = moved
	}
}

func TestDevicesInTheRootDoNotOpen(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, syscall.Mknod(filepath.Join(image, "null"), syscall.S_IFCHR|0o666, 1<<8|3))
	got := inside(t, image, "mknod /other c 1 3; cat /null /other 2>&1 || true")
	if want := "cat: can't open '/null': Permission denied\ncat: can't open '/other': Permission denied"; got != want {
		t.Errorf("reading devices: %q, want %q", got, want)
	}
}

func TestRootIsNotEscaped(t *testing.T) {
	image := newImage(t)
	if got := climbOut(t, image, secret(t, image)); !strings.Contains(got, "no such file or directory") {
		t.Errorf("who climbs to the top finds %q", got)
	}
}

func TestNothingOfTheHostIsLeftOpen(t *testing.T) {
	// PID 1 closes what it reports errors through a moment after the program has begun.
	got := inside(t, newImage(t), `cd /proc/1/fd
		for i in $(seq 200); do set -- *; [ $# -gt 3 ] || break; sleep 0.1; done; echo *; cd /proc/self/fd; echo *`)
	if want := "0 1 2\n0 1 2 3"; got != want { // 3: the shell reads the directory
		t.Errorf("descriptors are %q, want %q", got, want)
	}
}

func TestErrorsComeBack(t *testing.T) {
	image := newImage(t)
	for _, c := range []struct {
		arguments []string
		status    int
		want      string
	}{
		{[]string{image}, 125, "usage: IMAGE PROGRAM [ARGUMENT...]"},
		{[]string{"/no/such", "sh"}, 125, "find the image: stat /no/such/: no such file or directory"},
		{[]string{image + "/bin/busybox", "sh"}, 125, "find the image: stat " + image + "/bin/busybox/: not a directory"},
		{[]string{image, "no-such-program"}, 127, `find the program: exec: "no-such-program": executable file not found in $PATH`},
		{[]string{image, "/etc/passwd"}, 126, `find the program: exec: "/etc/passwd": permission denied`},
	} {
		got := run(t, program(c.arguments...))
		if want := "05-overlayfs: " + c.want + "\n"; got.status != c.status || got.stderr != want {
			t.Errorf("%q: exit status %d, %q; want %d, %q", c.arguments, got.status, got.stderr, c.status, want)
		}
	}
}

// A container's directory that may not serve as upper: the folder is on an overlay itself.
func TestFailureToMountIsReported(t *testing.T) {
	image := newImage(t)
	disk := filepath.Dir(image)
	for _, name := range []string{"upper", "work"} {
		testkit.Must(t, os.Mkdir(filepath.Join(disk, name), 0o755))
	}
	parent := filepath.Dir(folder)
	options := "lowerdir=" + image + ",upperdir=" + disk + "/upper,workdir=" + disk + "/work"
	testkit.Must(t, syscall.Mount("overlay", parent, "overlay", 0, options))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(parent, syscall.MNT_DETACH)) })
	got := run(t, program(image, "true"))
	if want := "05-overlayfs: mount the overlay: invalid argument\n"; got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
	if names := left(t); len(names) > 0 {
		t.Errorf("there is %v", names)
	}
}

func TestImageMayBeNamedFromTheWorkingDirectory(t *testing.T) {
	image := newImage(t)
	for name, dir := range map[string]string{"image": filepath.Dir(image), ".": image, "../image/": image} {
		cmd := program(name, "cat", "/etc/hosts")
		cmd.Dir = dir
		if got := run(t, cmd); got.stdout != "127.0.0.1 localhost\n" {
			t.Errorf("in %s, %s: %q %s", dir, name, got.stdout, got.stderr)
		}
	}
}

func TestStatusIsTheProgramsOrAsAShellReportsASignal(t *testing.T) {
	image := newImage(t)
	for script, want := range map[string]int{"exit 0": 0, "exit 42": 42, "kill -KILL $$": 128 + 9} {
		if got := run(t, program(image, "sh", "-c", script)); got.status != want {
			t.Errorf("%q inside: exit status %d, want %d (%s)", script, got.status, want, got.stderr)
		}
	}
}

// limited makes a command that may have few files open, as os.RemoveAll has one for each level of a tree.
func limited(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	testkit.Must(t, err)
	arguments := append([]string{"-c", `ulimit -n 64; exec "$0" "$@"`, self}, cmd.Args[1:]...)
	few := exec.Command("/bin/sh", arguments...)
	few.Env = cmd.Env
	return few
}

func TestTreeThatIsTooDeepKeepsNobodyFromStarting(t *testing.T) {
	image := newImage(t)
	deep := "for level in $(seq 100); do mkdir d; cd d; done; exit 42"
	got := run(t, limited(t, program(image, "sh", "-c", deep)))
	names, err := os.ReadDir(folder)
	testkit.Must(t, err)
	if len(names) != 1 {
		t.Fatalf("there is %v", names)
	}
	want := "05-overlayfs: remove " + filepath.Join(folder, names[0].Name()) + ": too many open files\n"
	if got.status != 42 || got.stderr != want {
		t.Errorf("its own end: exit status %d, %q; want 42, %q", got.status, got.stderr, want)
	}
	testkit.Must(t, os.Mkdir(filepath.Join(folder, "ZZZZ"), 0o700)) // after it, and removed all the same
	got = run(t, limited(t, program(image, "sh", "-c", "exit 43")))
	if got.status != 43 || got.stderr != want {
		t.Errorf("the next start: exit status %d, %q; want 43, %q", got.status, got.stderr, want)
	}
	if after, err := os.ReadDir(folder); err != nil || len(after) != 1 || after[0].Name() != names[0].Name() {
		t.Errorf("there is %v, %v; want %v", after, err, names)
	}
	inside(t, image, "true") // may have more of them
	if names, err := os.ReadDir(folder); err != nil || len(names) > 0 {
		t.Errorf("there is %v, %v", names, err)
	}
}

func TestStrayFilesAreLeftAlone(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, os.MkdirAll(folder, 0o700))
	testkit.Must(t, os.WriteFile(folder+"/FILE", nil, 0o600))
	testkit.Must(t, os.Symlink(image, folder+"/LINK"))
	if got := run(t, program(image, "true")); got.status != 0 || got.stderr != "" {
		t.Errorf("exit status %d, %s", got.status, got.stderr)
	}
	if names, err := os.ReadDir(folder); err != nil || len(names) != 2 {
		t.Errorf("there is %v, %v; want FILE and LINK", names, err)
	}
}
