//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// pivoting is a value of asProgram for a process in new namespaces that does what one of causes or of proc says.
const pivoting = "pivoting"

// causes are what makes pivot_root fail, nearly always with EINVAL, each with what makes it work. They are given a folder
// with a directory new, which has the directories old and sub, and a directory other.
var causes = []struct {
	name          string
	fault, remedy func(folder string) error
	initial       bool // begin in the initial root, which only the virtual machine has files in
	busy          bool // the error is EBUSY
}{
	{
		name: "new root is not a mount point",
		fault: func(folder string) error {
			// On another mount than the current root, which is the case of EBUSY below.
			return errors.Join(bind(folder), syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
		remedy: func(folder string) error {
			return errors.Join(bind(folder), bind(folder+"/new"), syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
	},
	{
		name: "put_old is not below the new root",
		fault: func(folder string) error {
			// Here, too.
			return errors.Join(bind(folder+"/new"), bind(folder+"/other"), syscall.PivotRoot(folder+"/new", folder+"/other"))
		},
		remedy: func(folder string) error {
			return errors.Join(bind(folder+"/new"), bind(folder+"/other"), syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
	},
	{
		name: "current root is not a mount point",
		fault: func(folder string) error {
			return errors.Join(chroot(folder+"/new"), tmpfs("/sub"), syscall.PivotRoot("/sub", "/sub"))
		},
		remedy: func(folder string) error {
			return errors.Join(bind(folder+"/new"), chroot(folder+"/new"), tmpfs("/sub"), syscall.PivotRoot("/sub", "/sub"))
		},
	},
	{
		name:    "current root is the initramfs",
		initial: true,
		fault: func(string) error {
			return errors.Join(tmpfs("/mnt"), syscall.PivotRoot("/mnt", "/mnt"))
		},
		remedy: func(string) error {
			return errors.Join(
				// As vm/guest/init does: a second mount of the same files comes to lie on the first.
				syscall.Mount("/", "/mnt", "", syscall.MS_BIND, ""), os.Chdir("/mnt"),
				syscall.Mount(".", "/", "", syscall.MS_MOVE, ""), syscall.Chroot("."),
				tmpfs("/mnt"), syscall.PivotRoot("/mnt", "/mnt"))
		},
	},
	{
		name: "parent of the new root is shared",
		fault: func(folder string) error {
			return errors.Join(bind(folder), shared(folder), bind(folder+"/new"), private(folder+"/new"),
				syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
		remedy: func(folder string) error {
			return errors.Join(bind(folder), shared(folder), bind(folder+"/new"), private("/"),
				syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
	},
	{
		name: "new root is shared, and put_old a directory of it",
		fault: func(folder string) error {
			return errors.Join(bind(folder+"/new"), shared(folder+"/new"), syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
		remedy: func(folder string) error {
			return errors.Join(bind(folder+"/new"), shared(folder+"/new"), private("/"),
				syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
	},
	{
		name: "put_old is shared",
		fault: func(folder string) error {
			return errors.Join(bind(folder+"/new"), tmpfs(folder+"/new/old"), shared(folder+"/new/old"),
				syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
		remedy: func(folder string) error {
			return errors.Join(bind(folder+"/new"), tmpfs(folder+"/new/old"), shared(folder+"/new/old"), private("/"),
				syscall.PivotRoot(folder+"/new", folder+"/new/old"))
		},
	},
	{
		name: "new root is on the mount of the current root",
		busy: true,
		fault: func(folder string) error {
			return errors.Join(bind(folder+"/new"), chroot(folder+"/new"), syscall.PivotRoot("/sub", "/sub"))
		},
		remedy: func(folder string) error {
			return errors.Join(bind(folder+"/new"), chroot(folder+"/new"), bind("/sub"), syscall.PivotRoot("/sub", "/sub"))
		},
	},
}

func bind(name string) error { return syscall.Mount(name, name, "", syscall.MS_BIND, "") }

func tmpfs(name string) error { return syscall.Mount("wool", name, "tmpfs", 0, "") }

func shared(name string) error { return syscall.Mount("", name, "", syscall.MS_SHARED, "") }

func private(name string) error {
	return syscall.Mount("", name, "", syscall.MS_REC|syscall.MS_PRIVATE, "")
}

func chroot(name string) error { return errors.Join(syscall.Chroot(name), os.Chdir("/")) }

// toInitialRoot takes this thread to the root that the kernel began with, which the others lie on.
func toInitialRoot() error {
	runtime.LockOSThread()
	namespace, err := os.Open("/proc/thread-self/ns/mnt")
	if err != nil {
		return err
	}
	// Who enters a mount namespace is in its root, once nothing lies on that.
	return errors.Join(syscall.Unmount("/", syscall.MNT_DETACH), unix.Unshare(unix.CLONE_FS),
		unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNS))
}

// pivotAs is what the test binary does in new namespaces: it prints what became of the last call.
func pivotAs(name, how, folder string) {
	result := errors.New("nothing")
	for _, c := range causes {
		if c.name != name {
			continue
		}
		result = nil
		if c.initial {
			result = toInitialRoot()
		}
		if result == nil && how == "fault" {
			result = c.fault(folder)
		} else if result == nil {
			result = c.remedy(folder)
		}
	}
	if name == "proc" {
		result = mountProc(how, folder)
	}
	fmt.Print(result)
	os.Exit(0)
}

// mountProc makes a directory the root and mounts proc there, before or after the old root goes.
func mountProc(when, folder string) error {
	root := folder + "/new"
	err := errors.Join(private("/"), bind(root), os.Chdir(root), syscall.PivotRoot(".", "."))
	if err != nil {
		return err
	}
	mount := func() error { return syscall.Mount("proc", "/sub", "proc", 0, "") }
	if when == "before" {
		err = mount()
	}
	err = errors.Join(err, syscall.Unmount(".", syscall.MNT_DETACH))
	if when == "after" {
		err = errors.Join(err, mount())
	}
	return err
}

// pivots has a process in new namespaces do one of these, and returns what it prints.
func pivots(t *testing.T, attributes *syscall.SysProcAttr, name, how string) string {
	t.Helper()
	folder := t.TempDir()
	for _, each := range []string{"new/old", "new/sub", "other"} {
		testkit.Must(t, os.MkdirAll(filepath.Join(folder, each), 0o755))
	}
	cmd := exec.Command("/proc/self/exe", name, how, folder)
	cmd.Env = append(os.Environ(), asProgram+"="+pivoting)
	cmd.SysProcAttr = attributes
	output, err := cmd.CombinedOutput()
	testkit.Must(t, err)
	return string(output)
}

func TestPivotRootFailsForEachCauseAndWorksWithoutIt(t *testing.T) {
	for _, c := range causes {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			testns.Require(t)
			if c.initial && os.Getenv("SHEEP_VM") == "" {
				t.Skip("runs in the virtual machine only: npm run test:vm")
			}
			attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
			want := syscall.EINVAL
			if c.busy {
				want = syscall.EBUSY
			}
			if got := pivots(t, attributes, c.name, "fault"); got != want.Error() {
				t.Errorf("%s: %q, want %q", c.name, got, want.Error())
			}
			if got := pivots(t, attributes, c.name, "remedy"); got != "<nil>" {
				t.Errorf("where not %s: %q, want success", c.name, got)
			}
		})
	}
}

// In a user namespace the kernel lets a new proc show only what one that is there already shows: mount_too_revealing()
// in fs/namespace.c. Therefore mountAll comes before the old root goes.
func TestProcInAUserNamespaceMustBeMountedBeforeTheOldRootGoes(t *testing.T) {
	testns.Require(t)
	attributes := func() *syscall.SysProcAttr {
		return &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}},
		}
	}
	probe := exec.Command("/proc/self/exe", "-test.run=^$")
	probe.SysProcAttr = attributes()
	if err := probe.Run(); err != nil {
		t.Skipf("needs a user namespace: %v", err)
	}
	if got := pivots(t, attributes(), "proc", "before"); got != "<nil>" {
		if os.Getenv("SHEEP_VM") == "" {
			t.Skipf("needs a /proc of which nothing is covered: %s", got)
		}
		t.Errorf("mounted before: %q, want success", got)
	}
	if got, want := pivots(t, attributes(), "proc", "after"), syscall.EPERM.Error(); got != want {
		t.Errorf("mounted after: %q, want %q", got, want)
	}
}
