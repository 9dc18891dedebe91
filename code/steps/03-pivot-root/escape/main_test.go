//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program; as what pivots, with this value.
const (
	asProgram = "SHEEP_TEST_AS_PROGRAM"
	pivoting  = "pivoting"
)

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
		testns.Main(m)
	case pivoting:
		pivot(os.Args[1], os.Args[2:])
	default:
		main()
	}
}

// pivot becomes the program, in a root that pivot_root has set.
func pivot(root string, args []string) {
	check("bind", syscall.Mount(root, root, "", syscall.MS_BIND, ""))
	check("change there", os.Chdir(root))
	check("pivot_root", syscall.PivotRoot(".", "."))
	check("detach", syscall.Unmount(".", syscall.MNT_DETACH))
	os.Setenv(asProgram, "1")
	check("run", syscall.Exec("/escape", append([]string{"escape"}, args...), os.Environ()))
}

// newRoot makes a directory with the program in it, and a folder beside it that a program of the machine can list.
func newRoot(t *testing.T) (root, beside string) {
	t.Helper()
	testns.Require(t)
	folder := t.TempDir()
	root, beside = filepath.Join(folder, "root"), filepath.Join(folder, "beside")
	testkit.Must(t, os.Mkdir(root, 0o755))
	testkit.Must(t, os.MkdirAll(filepath.Join(beside, "the host's"), 0o755))
	content, err := os.ReadFile("/proc/self/exe")
	testkit.Must(t, err)
	testkit.Must(t, os.WriteFile(filepath.Join(root, "escape"), content, 0o755))
	return root, beside
}

// said is what a command prints, and how it ends.
func said(cmd *exec.Cmd) string {
	output, err := cmd.CombinedOutput()
	return fmt.Sprint(string(output), err)
}

func TestRootOfChrootIsLeft(t *testing.T) {
	root, beside := newRoot(t)
	cmd := exec.Command("/escape", "ls", beside)
	cmd.Dir, cmd.Env = "/", append(os.Environ(), asProgram+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if got, want := said(cmd), "the host's\n<nil>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if left, err := os.ReadDir(root); err != nil || len(left) != 1 {
		t.Errorf("it leaves %v behind (%v)", left, err)
	}
}

func TestRootOfPivotRootIsNotLeft(t *testing.T) {
	root, beside := newRoot(t)
	cmd := exec.Command("/proc/self/exe", root, "ls", beside)
	cmd.Env = append(os.Environ(), asProgram+"="+pivoting)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	// There is no ls at the top either.
	want := `escape: find the program: exec: "ls": executable file not found in $PATH` + "\nexit status 1"
	if got := said(cmd); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhoMayNotCallChrootIsToldSo(t *testing.T) {
	testns.RequireUsers(t)
	root, _ := newRoot(t)
	testkit.Must(t, os.Chmod(root, 0o777))
	cmd := exec.Command("/escape")
	cmd.Dir, cmd.Env = "/", append(os.Environ(), asProgram+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	if got, want := said(cmd), "escape: make it the root: operation not permitted\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
