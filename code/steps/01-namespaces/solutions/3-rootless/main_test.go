//go:build linux

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program.
const asProgram = "SHEEP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	testns.Main(m)
}

// ordinary is the user who starts the program: one without rights, or whoever runs the tests when nobody else can.
func ordinary(t *testing.T) int {
	t.Helper()
	testns.Require(t)
	const nobody = 65534
	ids, err := os.ReadFile("/proc/self/uid_map")
	testkit.Must(t, err)
	if strings.HasSuffix(string(ids), " 1\n") {
		return os.Getuid()
	}
	return nobody
}

// run runs a script in the program, started by an ordinary user, and returns what it prints and its exit status.
func run(t *testing.T, script string) (stdout, stderr string, status int) {
	t.Helper()
	user := uint32(ordinary(t))
	start := func(name string, arguments ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
		cmd := exec.Command(name, arguments...)
		cmd.Dir = "/"
		cmd.Env = append(os.Environ(), asProgram+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user, NoSetGroups: true}}
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		return cmd, &stdout, &stderr
	}
	if probe, _, said := start("unshare", "--user", "true"); probe.Run() != nil {
		t.Skipf("needs user namespaces for ordinary users: %s", said)
	}
	cmd, out, said := start("/proc/self/exe", "sh", "-c", script)
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %q: %v", cmd.Args, err)
	}
	return strings.TrimSpace(out.String()), said.String(), cmd.ProcessState.ExitCode()
}

func TestOrdinaryUserIsRootInside(t *testing.T) {
	outside := strconv.Itoa(ordinary(t))
	got, stderr, status := run(t, "id -u; id -g; cat /proc/self/uid_map")
	if want := []string{"0", "0", "0", outside, "1"}; status != 0 || strings.Join(strings.Fields(got), " ") != strings.Join(want, " ") {
		t.Errorf("inside: %q (status %d, %s), want %q", got, status, stderr, want)
	}
}

func TestFilesBelongToTheUserOutside(t *testing.T) {
	directory := t.TempDir()
	testkit.Must(t, os.Chmod(filepath.Dir(directory), 0o755)) // the user has to reach it
	testkit.Must(t, os.Chmod(directory, 0o777))
	file := filepath.Join(directory, "made")
	if _, stderr, status := run(t, "touch "+file+" && chown 0:0 "+file); status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	info, err := os.Stat(file)
	testkit.Must(t, err)
	if got, want := info.Sys().(*syscall.Stat_t).Uid, uint32(ordinary(t)); got != want {
		t.Errorf("what root makes inside belongs to user %d outside, want %d", got, want)
	}
}

func TestIsolationIsThatOfTheChapter(t *testing.T) {
	got, stderr, status := run(t, "hostname; echo $$; cd /proc; echo [0-9]*; ip -o link | cut -d: -f2; exit 42")
	if want := "sheep\n1\n1\n lo"; got != want || status != 42 {
		t.Errorf("inside: %q (status %d, %s), want %q and 42", got, status, stderr, want)
	}
}

func TestRootInsideMayNotDoWhatRootOutsideMay(t *testing.T) {
	_, stderr, status := run(t, "echo 1 >/proc/sys/vm/drop_caches")
	if status == 0 || !strings.Contains(stderr, "denied") {
		t.Errorf("writing to /proc/sys/vm inside: status %d, %q; want permission denied", status, stderr)
	}
}
