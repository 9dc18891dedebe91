//go:build linux

// The tests of this folder run the program for real, in a root that has busybox. "Inside" is where the program puts
// what it starts. Whatever makes a group needs cgroup v2 and a machine on which no other test makes groups, so most
// tests are for the virtual machine (npm run test:vm).
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program. It stays set for the program's second
// process, which is the same binary too.
const asProgram = "SHEEP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		testns.Main(m)
	}
	main()
}

// newRoot makes a directory that can become a root: with busybox.
func newRoot(t *testing.T) string {
	t.Helper()
	testns.RequireRoot(t, "the right to make groups and devices, and to mount what it likes")
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("needs the command busybox (package busybox-static) for the new root")
	}
	root := filepath.Join(t.TempDir(), "root")
	for _, name := range []string{"bin", "mnt", "proc"} {
		testkit.Must(t, os.MkdirAll(filepath.Join(root, name), 0o755))
	}
	copyFile(t, busybox, filepath.Join(root, "bin/busybox"))
	cmd := exec.Command("/bin/busybox", "--install", "-s", "/bin")
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	cmd.Dir = "/"
	if err := cmd.Run(); errors.Is(err, os.ErrNotExist) {
		t.Skip("needs a busybox that is linked statically (package busybox-static)")
	} else if err != nil {
		t.Fatal(err)
	}
	return root
}

// copyFile copies a program.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	testkit.Must(t, err)
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	testkit.Must(t, err)
	_, err = io.Copy(target, source)
	testkit.Must(t, errors.Join(err, target.Close()))
}

// program is a command that runs the program of this folder with the given arguments. What it runs has busybox in its
// PATH.
func program(arguments ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", arguments...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "PATH=/bin")
	return cmd
}

// result is how a run of the program ended.
type result struct {
	stdout, stderr string
	status         int
}

// run runs the program to its end.
func run(t *testing.T, arguments ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := program(arguments...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %q: %v", cmd.Args, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// running is a program that has been started and waits for the end of its input.
type running struct {
	*exec.Cmd
	stdin  io.Closer
	stderr *bytes.Buffer
	group  string // the directory of its group
}

// start starts the program with a shell inside that runs a script, and returns once that has printed "ready" and waits.
// The arguments come before the shell.
func start(t *testing.T, script string, arguments ...string) *running {
	t.Helper()
	cmd := program(append(arguments, "sh", "-c", script+"\necho ready; read line")...)
	r := &running{Cmd: cmd, stderr: new(bytes.Buffer)}
	cmd.Stderr = r.stderr
	stdin, err := cmd.StdinPipe()
	testkit.Must(t, err)
	r.stdin = stdin
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() { r.end(); os.Remove(r.group) }) // has ended already where the test passed
	r.group = groupOf(cmd.Process.Pid)
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		cmd.Wait()
		t.Fatalf("%q is not ready: %v: %s", cmd.Args, err, r.stderr)
	}
	return r
}

// end lets the program end and waits for it.
func (r *running) end() {
	r.stdin.Close()
	r.Wait()
}

// read returns what a file says, without the line break at its end.
func read(t *testing.T, names ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(names...))
	testkit.Must(t, err)
	return strings.TrimSuffix(string(content), "\n")
}

// groups returns the directories of all groups on the machine, a line each.
func groups(t *testing.T) string {
	t.Helper()
	var found []string
	err := filepath.WalkDir("/sys/fs/cgroup", func(name string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			found = append(found, name)
		}
		return err
	})
	testkit.Must(t, err)
	return strings.Join(found, "\n")
}

// groupOf returns the directory of the group that the program with that PID makes.
func groupOf(pid int) string { return fmt.Sprintf("/sys/fs/cgroup/fold/%d", pid) }
