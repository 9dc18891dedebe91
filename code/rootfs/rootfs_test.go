//go:build linux

// The tests enter real root filesystems: the test binary starts itself in new namespaces, enters, and looks around in
// Go, so that the root filesystem needs no programs.
package rootfs

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// visit is what a test sends to the process that enters.
type visit struct {
	Look   string // one of looks
	Root   string
	Binds  []Bind
	Tmpfs  []Tmpfs
	Open   bool // with nothing masked
	Cgroup bool // in a cgroup namespace of its own
	Chroot bool // go in by chroot instead, to see the difference
}

// looks are what can be done inside. Each returns what it found.
var looks = map[string]func(visit) (string, error){}

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "visit" {
		found, err := enterAndLook(os.Args[2])
		if err != nil {
			fmt.Fprint(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Print(found)
		os.Exit(0)
	}
	testns.Main(m)
}

func enterAndLook(message string) (string, error) {
	var v visit
	if err := json.Unmarshal([]byte(message), &v); err != nil {
		return "", err
	}
	if v.Cgroup {
		runtime.LockOSThread()
		if err := syscall.Unshare(syscall.CLONE_NEWCGROUP); err != nil {
			return "", err
		}
	}
	if v.Chroot {
		if err := syscall.Chroot(v.Root); err != nil {
			return "", err
		}
		if err := syscall.Chdir("/"); err != nil {
			return "", err
		}
	} else if err := Enter(v.Root, Mounts{v.Binds, v.Tmpfs, v.Open}); err != nil {
		return "", err
	}
	return looks[v.Look](v)
}

// try makes a visit and returns what was found, or the error that it ended with.
func try(t *testing.T, v visit) (found, failure string) {
	t.Helper()
	testns.Require(t)
	message, err := json.Marshal(v)
	testkit.Must(t, err)
	attributes, err := namespace.Attributes(namespace.Sheep)
	testkit.Must(t, err)
	cmd := exec.Command("/proc/self/exe", "visit", string(message))
	cmd.SysProcAttr = attributes
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil && stderr.Len() == 0 {
		t.Fatal(err)
	}
	return string(stdout), stderr.String()
}

// see makes a visit that must go well.
func see(t *testing.T, v visit) string {
	t.Helper()
	found, failure := try(t, v)
	if failure != "" {
		t.Fatalf("%s: %s", v.Look, failure)
	}
	return found
}

// newRoot makes a root filesystem with a file in it.
func newRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	testkit.Must(t, os.WriteFile(filepath.Join(root, "inside"), []byte("wool"), 0o644))
	return root
}

func init() {
	list := func(directory string) func(visit) (string, error) {
		return func(visit) (string, error) {
			entries, err := os.ReadDir(directory)
			var names []string
			for _, entry := range entries {
				names = append(names, entry.Name())
			}
			return strings.Join(names, " "), err
		}
	}
	looks["list root"] = list("/")
	looks["list below"] = list("/below")
	looks["mounts"] = func(visit) (string, error) {
		mounts, err := os.ReadFile("/proc/self/mountinfo")
		return string(mounts), err
	}
	looks["where"] = func(visit) (string, error) { return syscall.Getwd() }
}

func TestRootHoldsTheImageAndTheMounts(t *testing.T) {
	if got, want := see(t, visit{Look: "list root", Root: newRoot(t)}), "dev inside proc sys"; got != want {
		t.Errorf("/ holds %q, want %q", got, want)
	}
}

func TestWorkingDirectoryIsTheNewRoot(t *testing.T) {
	if got := see(t, visit{Look: "where", Root: newRoot(t)}); got != "/" {
		t.Errorf("the working directory is %q", got)
	}
}

func TestNoMountOfTheHostIsLeft(t *testing.T) {
	mounts := see(t, visit{Look: "mounts", Root: newRoot(t)})
	for line := range strings.Lines(mounts) {
		place := strings.Fields(line)[4] // proc(5), mountinfo: the mount point
		if place == "/" {
			continue
		}
		known := false
		for _, prefix := range []string{"/proc", "/sys", "/dev"} {
			known = known || place == prefix || strings.HasPrefix(place, prefix+"/")
		}
		if !known {
			t.Errorf("a mount of the host is there: %s", line)
		}
	}
	if strings.Contains(mounts, " shared:") || strings.Contains(mounts, " master:") {
		t.Errorf("a mount is tied to others:\n%s", mounts)
	}
}

func TestHostIsUntouched(t *testing.T) {
	testns.Require(t)
	root := newRoot(t)
	// The worst case: a host whose mounts are shared.
	testkit.Must(t, syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")) })
	before, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	see(t, visit{Look: "list root", Root: root})
	after, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	if string(after) != string(before) {
		t.Errorf("mounts of the host changed from\n%s\nto\n%s", before, after)
	}
}

func TestEnterSaysWhatFailed(t *testing.T) {
	file := filepath.Join(newRoot(t), "inside")
	for root, want := range map[string]string{
		"/no/such/root": "bind root filesystem /no/such/root: no such file or directory",
		file:            "open root filesystem: open " + file + ": not a directory",
	} {
		if _, failure := try(t, visit{Look: "where", Root: root}); failure != want {
			t.Errorf("entering %s fails with %q, want %q", root, failure, want)
		}
	}
}

func TestMountsBelowTheRootAreKept(t *testing.T) {
	testns.Require(t)
	root := newRoot(t)
	below := filepath.Join(root, "below")
	testkit.Must(t, os.Mkdir(below, 0o755))
	testkit.Must(t, syscall.Mount("x", below, "tmpfs", 0, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(below, 0)) })
	testkit.Must(t, os.WriteFile(filepath.Join(below, "file"), nil, 0o644))
	if got := see(t, visit{Look: "list below", Root: root}); got != "file" {
		t.Errorf("/below holds %q, want file", got)
	}
}
