//go:build linux

package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// fewDescriptors is how many the process that measures and removes may have open, of which Go's runtime has some.
const fewDescriptors = 16

// measureAndRemove prints the size of an overlay and removes it. It does not return.
func measureAndRemove(o Overlay) {
	few := syscall.Rlimit{Cur: fewDescriptors, Max: fewDescriptors}
	err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few)
	size, failure := o.Size()
	if err = errors.Join(err, failure, o.Remove()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(size)
	os.Exit(0)
}

// nest makes directories, each in the one before, as a container does with mkdir and cd. Each has a file of a byte, and
// a directory beside the next one with a file as well.
func nest(t *testing.T, top string, depth int) {
	t.Helper()
	at, err := unix.Open(top, unix.O_DIRECTORY, 0)
	testkit.Must(t, err)
	name := strings.Repeat("d", 200)
	for range depth {
		testkit.Must(t, unix.Mkdirat(at, "beside", 0o700))
		for _, name := range []string{"file", "beside/file"} {
			file, err := unix.Openat(at, name, unix.O_CREAT|unix.O_WRONLY, 0o600)
			testkit.Must(t, err)
			_, err = unix.Write(file, []byte("w"))
			testkit.Must(t, errors.Join(err, unix.Close(file)))
		}
		testkit.Must(t, unix.Mkdirat(at, name, 0o700))
		next, err := unix.Openat(at, name, unix.O_DIRECTORY, 0)
		testkit.Must(t, errors.Join(err, unix.Close(at)))
		at = next
	}
	testkit.Must(t, unix.Close(at))
}

func TestDeepTreesAreMeasuredAndRemoved(t *testing.T) {
	const depth = 300 // with names of 200 bytes, more than ten times as long as a path may be
	o := newOverlay(t)
	testkit.Must(t, o.Mount())
	nest(t, o.Merged(), depth)
	out, err := exec.Command("/proc/self/exe", "measure-and-remove", o.Dir).CombinedOutput()
	if want := fmt.Sprintln(depth * 2 * os.Getpagesize()); err != nil || string(out) != want {
		t.Errorf("with %d descriptors: %v, %.300s; want %s", fewDescriptors, err, out, want)
	}
	gone(t, o.Dir)
}

func TestRemoveFollowsNoLinkAndEntersNoMount(t *testing.T) {
	o := newOverlay(t)
	testkit.Must(t, o.Mount())
	outside := t.TempDir()
	testkit.Must(t, os.WriteFile(filepath.Join(outside, "file"), []byte("the host's"), 0o600))
	testkit.Must(t, os.MkdirAll(o.in("a/b/mount"), 0o700))
	for _, name := range []string{"link", "a/link", "a/b/link"} {
		testkit.Must(t, os.Symlink(outside, o.in(name)))
	}
	mount := filepath.Join(o.upper(), "a/b/mount")
	testkit.Must(t, syscall.Mount(outside, mount, "", syscall.MS_BIND, ""))
	err := o.Remove()
	if !errors.Is(err, unix.EBUSY) || !strings.HasSuffix(err.Error(), "/mount: device or resource busy") {
		t.Errorf("with a mount in it: %v", err)
	}
	if got := read(t, outside, "file"); got != "the host's" {
		t.Errorf("the file outside has %q", got)
	}
	mounts, failure := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, failure)
	for line := range strings.Lines(string(mounts)) {
		if at := strings.Fields(line)[4]; strings.HasPrefix(at, o.Dir+"/") {
			if !strings.Contains(err.Error(), at) {
				t.Errorf("the error is %v, and the mount is on %s", err, at)
			}
			testkit.Must(t, syscall.Unmount(at, 0))
		}
	}
	testkit.Must(t, o.Remove())
	gone(t, o.Dir)
	read(t, outside, "file")
}

func TestRemovalGoesOnWhereAKilledOneEnded(t *testing.T) {
	o := newOverlay(t)
	for _, name := range []string{"0/a/b/c/d", "1", "upper/a/b/c/d", "upper/e/f"} {
		testkit.Must(t, os.MkdirAll(filepath.Join(o.Dir, name), 0o700))
	}
	testkit.Must(t, os.WriteFile(filepath.Join(o.Dir, "2"), nil, 0o600))
	// What keeps its number for good is in nobody's way.
	mount := filepath.Join(o.Dir, "0/a")
	testkit.Must(t, syscall.Mount("disk", mount, "tmpfs", 0, ""))
	if err := o.Remove(); !errors.Is(err, unix.EBUSY) {
		t.Errorf("with a mount in it: %v", err)
	}
	testkit.Must(t, syscall.Unmount(mount, 0))
	if entries, err := os.ReadDir(o.Dir); err != nil || len(entries) != 1 {
		t.Errorf("beside the mount there is %v, %v", entries, err)
	}
	testkit.Must(t, o.Remove())
	gone(t, o.Dir)
}

// A container changes what is being measured.
func TestVisitStaysInsideAndComesBack(t *testing.T) {
	for _, change := range []struct {
		name string
		do   func(top, dir string) error // when the first file of one of the three directories is seen
		want int                         // files that are seen
	}{
		{"nothing", func(string, string) error { return nil }, 3},
		{"up", func(top, dir string) error { return os.Rename(dir, filepath.Join(top, "moved")) }, 3},
		{"removed", func(_, dir string) error { return os.RemoveAll(dir) }, 3},
		{"out", func(top, dir string) error { return os.Rename(dir, top+".outside") }, 3},
		{"all out", func(top, dir string) error {
			return errors.Join(os.Rename(dir, top+".outside"), os.Rename(filepath.Dir(dir), top+".above"))
		}, 1},
	} {
		top := filepath.Join(newDisk(t), "top")
		files := map[uint64]string{}
		for _, name := range []string{"one", "two", "three"} {
			dir := filepath.Join(top, "above", name)
			testkit.Must(t, os.MkdirAll(dir, 0o700))
			testkit.Must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
			files[inode(t, filepath.Join(dir, "file"))] = dir
		}
		seen := 0
		err := visitTree(top, func(stat *unix.Stat_t) {
			dir, found := files[stat.Ino]
			if seen == 0 && found {
				testkit.Must(t, change.do(top, dir))
			}
			if found {
				seen++
			}
		})
		if err != nil || seen != change.want {
			t.Errorf("%s: %d files are seen, %v; want %d", change.name, seen, err, change.want)
		}
	}
}

func TestVisitFollowsNoLinkAndEntersNoMount(t *testing.T) {
	disk := newDisk(t)
	top, outside := filepath.Join(disk, "top"), filepath.Join(disk, "outside")
	for _, dir := range []string{outside, top + "/mount", top + "/dir"} {
		testkit.Must(t, os.MkdirAll(dir, 0o700))
	}
	testkit.Must(t, os.WriteFile(filepath.Join(outside, "file"), nil, 0o600))
	testkit.Must(t, os.Symlink(outside, filepath.Join(top, "link")))
	testkit.Must(t, syscall.Mount(outside, top+"/mount", "", syscall.MS_BIND, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(top+"/mount", 0)) })
	secret, dir := inode(t, outside+"/file"), inode(t, top+"/dir")
	testkit.Must(t, visitTree(top, func(stat *unix.Stat_t) {
		switch stat.Ino {
		case secret:
			t.Error("it has come to the file outside")
		case dir: // a link takes its place before it is opened
			testkit.Must(t, errors.Join(os.Remove(top+"/dir"), os.Symlink("../outside", top+"/dir")))
		}
	}))
	if err := visitTree(top+"/no/such", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("where there is nothing: %v", err)
	}
}

// inode returns a file's number.
func inode(t *testing.T, name string) uint64 {
	t.Helper()
	var stat unix.Stat_t
	testkit.Must(t, unix.Lstat(name, &stat))
	return stat.Ino
}
