//go:build linux

// Package testns lets tests mount, rename the host and create network interfaces without touching the machine they run
// on: it runs the whole test binary in namespaces of its own.
//
// As root it uses UTS, PID, mount, IPC and network namespaces. Anyone else gets a user namespace as well, where they
// are root. Where the kernel allows neither, the tests that need it are skipped and say why.
package testns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// marker is the environment variable that tells the second run of the test binary that it is the second.
const marker = "SHEEP_TEST_NAMESPACES"

// missing is why this process is not in namespaces of its own; nil when it is.
var missing = errors.New("testns.Main was not called by TestMain")

// Main runs the tests of a package; call it from TestMain. It does not return. It fails when tests that pass leave
// something in the folder of temporary files.
func Main(m *testing.M) {
	if os.Getenv(marker) == "" {
		os.Exit(runOutside(m))
	}
	os.Unsetenv(marker) // what the tests start in turn is a first run again
	missing = setUp()
	os.Exit(runTests(m))
}

// atEnd is what AtEnd was given.
var atEnd []func()

// AtEnd has a function called when all tests of the package have run: it takes away what they share.
func AtEnd(do func()) { atEnd = append(atEnd, do) }

func runTests(m *testing.M) int {
	status := m.Run()
	for _, do := range atEnd {
		do()
	}
	return status
}

// runOutside runs the tests with a folder of temporary files of their own, in new namespaces if that is possible, and
// returns the exit status.
func runOutside(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sheep-test-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755) // some tests run programs as other users, who have to reach their files
	}
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "make a folder of temporary files:", err)
		return 1
	}
	status, err := runInside()
	if err != nil {
		missing = err
		status = runTests(m)
	}
	if left, err := os.ReadDir(dir); status == 0 && (err != nil || len(left) > 0) {
		fmt.Fprintf(os.Stderr, "the tests left %v in os.TempDir() (%v): use t.TempDir, or take it away in t.Cleanup\n",
			left, err)
		return 1
	}
	return status
}

// Require skips the test, with the reason, when it does not run in namespaces of its own.
func Require(t testing.TB) {
	t.Helper()
	if missing != nil {
		t.Skipf("needs namespaces of its own: %v", missing)
	}
}

// RequireUsers skips the test when no process can be of another user than root. In the user namespace of an ordinary
// user it cannot: one user ID of the host's is all there is to map.
func RequireUsers(t testing.TB) {
	t.Helper()
	if users(t) < 2 {
		t.Skip("needs users other than root, which the user namespace of an ordinary user does not have")
	}
}

// RequireRoot skips the test when root is only that of a user namespace, which may not do everything. what names the
// thing that the test needs and root of a user namespace lacks.
func RequireRoot(t testing.TB, what string) {
	t.Helper()
	if users(t) < 1<<32-1 {
		t.Skipf("needs %s, which root of a user namespace does not have", what)
	}
}

// users returns how many user IDs there are.
func users(t testing.TB) (sum uint64) {
	t.Helper()
	Require(t)
	content, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		var inside, outside, count uint64 // the first ID here, the first ID outside, how many (user_namespaces(7))
		if _, err := fmt.Sscan(line, &inside, &outside, &count); err != nil {
			t.Fatalf("uid_map has a line %q: %v", line, err)
		}
		sum += count
	}
	return sum
}

// runInside runs this binary again in new namespaces and returns its exit status, or an error when it could not start.
func runInside() (int, error) {
	kinds := namespace.Sheep
	if os.Geteuid() != 0 {
		kinds |= namespace.User
	}
	attributes, err := namespace.Attributes(kinds)
	if err != nil {
		return 0, err
	}
	attributes.Pdeathsig = syscall.SIGKILL
	// By its path: then the file that it runs from is seen through a mount of the new namespace.
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), marker+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = attributes
	if err := cmd.Run(); cmd.ProcessState == nil {
		err = fmt.Errorf("create %v namespaces: %w", kinds, err)
		if kinds&namespace.User != 0 {
			err = fmt.Errorf("an ordinary user may not make user namespaces here, so run the tests as root: %w", err)
		}
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}

// setUp finishes the new namespaces from inside.
func setUp() error {
	// No mount that a test makes may reach the host, and /proc must show the new PID namespace.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount proc: %w", err)
	}
	// Root of a user namespace may not write to the host's /run, where programs of root keep their locks.
	if unix.Access("/run", unix.W_OK) != nil {
		if err := unix.Mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
			return fmt.Errorf("mount tmpfs on /run: %w", err)
		}
	}
	return namespace.SetHostname("outside")
}
