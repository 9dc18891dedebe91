//go:build linux

package overlay

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "mount-and-die" {
		if err := (Overlay{Lower: os.Args[2], Dir: os.Args[3]}).Mount(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	if len(os.Args) == 3 && os.Args[1] == "measure-and-remove" {
		measureAndRemove(Overlay{Dir: os.Args[2]})
	}
	testns.Main(m)
}

// newDisk returns a directory on a file system of its own, which overlays can use wherever the tests run.
func newDisk(t *testing.T) string {
	t.Helper()
	testns.Require(t)
	disk := t.TempDir()
	testkit.Must(t, syscall.Mount("disk", disk, "tmpfs", 0, "mode=755"))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	return disk
}

// newOverlay returns an overlay that is not mounted yet, of an image with some files.
func newOverlay(t *testing.T) Overlay {
	t.Helper()
	disk := newDisk(t)
	o := Overlay{Lower: filepath.Join(disk, "image"), Dir: filepath.Join(disk, "overlay", "dolly")}
	testkit.Must(t, os.MkdirAll(filepath.Join(o.Lower, "etc", "deep"), 0o755))
	for _, name := range []string{"kept", "changed", "etc/passwd", "etc/deep/file"} {
		testkit.Must(t, os.WriteFile(filepath.Join(o.Lower, name), []byte("lower"), 0o644))
	}
	return o
}

// mounted returns the same, mounted until the test ends.
func mounted(t *testing.T) Overlay {
	t.Helper()
	o := newOverlay(t)
	mount(t, o)
	return o
}

func mount(t *testing.T, o Overlay) {
	t.Helper()
	testkit.Must(t, o.Mount())
	t.Cleanup(func() { testkit.Must(t, o.Unmount()) })
}

func (o Overlay) in(name string) string { return filepath.Join(o.Merged(), name) }

func read(t *testing.T, parts ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	testkit.Must(t, err)
	return string(content)
}

func gone(t *testing.T, parts ...string) {
	t.Helper()
	if _, err := os.Lstat(filepath.Join(parts...)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there: %v", filepath.Join(parts...), err)
	}
}

// parameter reports whether the kernel's overlay turns a feature on by default.
func parameter(t *testing.T, name string) bool {
	t.Helper()
	return strings.TrimSpace(read(t, "/sys/module/overlay/parameters", name)) == "Y"
}

func TestReadFallsThroughAndCopiesNothing(t *testing.T) {
	o := mounted(t)
	if got := read(t, o.in("kept")); got != "lower" {
		t.Errorf("merged shows %q", got)
	}
	if entries, err := os.ReadDir(o.upper()); err != nil || len(entries) > 0 {
		t.Errorf("upper holds %v, %v", entries, err)
	}
}

func TestFirstWriteCopiesTheWholeFileUp(t *testing.T) {
	o := newOverlay(t)
	testns.RequireRoot(t, "trusted extended attributes")
	big := bytes.Repeat([]byte("wool"), 256<<10)
	lower := filepath.Join(o.Lower, "big")
	testkit.Must(t, os.WriteFile(lower, big, 0o640))
	testkit.Must(t, os.Chown(lower, 12, 34))
	past := time.Unix(1_000_000_000, 0)
	testkit.Must(t, os.Chtimes(lower, past, past))
	mount(t, o)

	file, err := os.OpenFile(o.in("big"), os.O_WRONLY, 0)
	testkit.Must(t, err)
	_, err = file.WriteAt([]byte("W"), 100)
	testkit.Must(t, err)
	testkit.Must(t, file.Close())

	changed := bytes.Clone(big)
	changed[100] = 'W'
	if got := read(t, o.upper(), "big"); got != string(changed) {
		t.Errorf("upper has %d bytes of the file's %d, or others", len(got), len(big))
	}
	if got := read(t, lower); got != string(big) {
		t.Error("lower has changed")
	}
	info, err := os.Stat(filepath.Join(o.upper(), "big"))
	testkit.Must(t, err)
	stat := info.Sys().(*syscall.Stat_t)
	if info.Mode() != 0o640 || stat.Uid != 12 || stat.Gid != 34 {
		t.Errorf("the copy is %v of %d:%d", info.Mode(), stat.Uid, stat.Gid)
	}
	if size := stat.Blocks * 512; size < int64(len(big)) || size > int64(len(big))+64<<10 {
		t.Errorf("one byte written costs %d; want about %d", size, len(big))
	}
}

func TestChangeOfModeCopiesAllTheDataUp(t *testing.T) {
	o := mounted(t)
	if parameter(t, "metacopy") {
		t.Skip("this kernel copies metadata alone: metacopy is on")
	}
	testkit.Must(t, os.Chmod(o.in("changed"), 0o600))
	if got := read(t, o.upper(), "changed"); got != "lower" {
		t.Errorf("upper has %q", got)
	}
}

func TestRemovalLeavesAWhiteout(t *testing.T) {
	o := mounted(t)
	testkit.Must(t, os.Remove(o.in("etc/passwd")))
	gone(t, o.in("etc/passwd"))
	if got := read(t, o.Lower, "etc/passwd"); got != "lower" {
		t.Errorf("lower has %q", got)
	}
	var stat syscall.Stat_t
	testkit.Must(t, syscall.Lstat(filepath.Join(o.upper(), "etc/passwd"), &stat))
	if stat.Mode&syscall.S_IFMT != syscall.S_IFCHR || stat.Rdev != 0 {
		t.Errorf("in upper is mode %o, device %d; want a character device 0/0", stat.Mode, stat.Rdev)
	}
}

func TestReplacedDirectoryIsOpaque(t *testing.T) {
	o := mounted(t)
	testns.RequireRoot(t, "trusted extended attributes")
	testkit.Must(t, os.RemoveAll(o.in("etc")))
	testkit.Must(t, os.Mkdir(o.in("etc"), 0o755))
	if entries, err := os.ReadDir(o.in("etc")); err != nil || len(entries) > 0 {
		t.Errorf("lower shows through: %v, %v", entries, err)
	}
	value := make([]byte, 8)
	size, err := syscall.Getxattr(filepath.Join(o.upper(), "etc"), "trusted.overlay.opaque", value)
	if err != nil || string(value[:size]) != "y" {
		t.Errorf("the mark is %q, %v; want y", value[:max(size, 0)], err)
	}
}

func TestRenameOfALowerDirectoryIsRefused(t *testing.T) {
	o := mounted(t)
	if parameter(t, "redirect_dir") {
		t.Skip("this kernel redirects directories: redirect_dir is on")
	}
	// mv(1) then copies it, file by file.
	if err := os.Rename(o.in("etc"), o.in("config")); !errors.Is(err, syscall.EXDEV) {
		t.Errorf("rename gives %v, want EXDEV", err)
	}
	testkit.Must(t, os.Rename(o.in("kept"), o.in("moved"))) // a file is copied up
	gone(t, o.in("kept"))
}

func TestRootHasModeAndOwnerOfTheImage(t *testing.T) {
	o := newOverlay(t)
	testns.RequireUsers(t)
	testkit.Must(t, os.Chown(o.Lower, 7, 8))
	testkit.Must(t, os.Chmod(o.Lower, 0o751|os.ModeSticky))
	for _, want := range []fs.FileMode{0o751 | os.ModeSticky, 0o700} {
		testkit.Must(t, o.Mount())
		info, err := os.Stat(o.Merged())
		testkit.Must(t, err)
		stat := info.Sys().(*syscall.Stat_t)
		if info.Mode() != want|os.ModeDir || stat.Uid != 7 || stat.Gid != 8 {
			t.Errorf("/ is %v of %d:%d, want %v", info.Mode(), stat.Uid, stat.Gid, want)
		}
		testkit.Must(t, os.Chmod(o.Merged(), 0o700)) // and what the container makes of it lasts
		testkit.Must(t, o.Unmount())
	}
}

func TestOnlyRootReachesTheFilesFromTheHost(t *testing.T) {
	o := mounted(t)
	if info, err := os.Stat(o.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v, %v", info.Mode(), err)
	}
}

func TestChangesSurviveUnmountAndMount(t *testing.T) {
	o := newOverlay(t)
	testkit.Must(t, o.Mount())
	testkit.Must(t, os.WriteFile(o.in("changed"), []byte("upper"), 0o644))
	testkit.Must(t, os.Remove(o.in("kept")))
	testkit.Must(t, o.Unmount())
	gone(t, o.in("changed"))
	mount(t, o)
	if got := read(t, o.in("changed")); got != "upper" {
		t.Errorf("after the second mount the file holds %q", got)
	}
	gone(t, o.in("kept"))
}

func TestSecondMountFailsAndSecondUnmountDoesNot(t *testing.T) {
	o := newOverlay(t)
	testkit.Must(t, o.Unmount()) // not even made
	testkit.Must(t, o.Mount())
	if err := o.Mount(); !errors.Is(err, syscall.EBUSY) || !strings.Contains(err.Error(), o.Merged()) {
		t.Errorf("the second mount gives %v", err)
	}
	testkit.Must(t, o.Unmount())
	testkit.Must(t, o.Unmount())
	testkit.Must(t, o.Remove())
	gone(t, o.Dir)
	testkit.Must(t, o.Remove())
}

func TestMountedFollowsMountAndUnmount(t *testing.T) {
	o := newOverlay(t)
	link := filepath.Join(filepath.Dir(o.Lower), "link")
	testkit.Must(t, os.Symlink(filepath.Dir(o.Dir), link))
	through := Overlay{Dir: filepath.Join(link, "dolly")}
	for _, step := range []struct {
		do   func() error
		want bool
	}{{func() error { return nil }, false}, {o.Mount, true}, {through.Unmount, false}} {
		testkit.Must(t, step.do())
		for _, o := range []Overlay{o, through} {
			if got, err := o.Mounted(); err != nil || got != step.want {
				t.Errorf("Mounted is %v, %v; want %v", got, err, step.want)
			}
		}
	}
}

func TestPathsMayContainCommasColonsAndBackslashes(t *testing.T) {
	for _, name := range []string{
		"a,b", "a:b", `a\b`, `ends\`, `a\,b\:c\\d`, "::,,", "a=b,upperdir=c", "a b", "a\tb\nc", "#", "é ü", `\072\134`,
	} {
		o := newOverlay(t)
		disk := filepath.Dir(o.Lower)
		moved := Overlay{Lower: filepath.Join(disk, "lower"+name), Dir: filepath.Join(disk, "dir"+name)}
		testkit.Must(t, os.Rename(o.Lower, moved.Lower))
		if err := moved.Mount(); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if got := read(t, moved.in("kept")); got != "lower" {
			t.Errorf("%q: merged shows %q", name, got)
		}
		if is, err := moved.Mounted(); err != nil || !is {
			t.Errorf("%q: Mounted is %v, %v", name, is, err)
		}
		testkit.Must(t, os.WriteFile(moved.in("changed"), []byte("upper"), 0o644))
		if got := read(t, moved.upper(), "changed"); got != "upper" {
			t.Errorf("%q: upper has %q", name, got)
		}
		testkit.Must(t, moved.Remove())
		gone(t, moved.Dir)
	}
}

func TestPathsMayBeLongerThanOptions(t *testing.T) {
	o := newOverlay(t)
	disk := filepath.Dir(o.Lower)
	deep := filepath.Join(slices.Repeat([]string{strings.Repeat("l", 250)}, 15)...)
	long := Overlay{Lower: filepath.Join(disk, "a", deep), Dir: filepath.Join(disk, "b", deep)}
	testkit.Must(t, os.MkdirAll(filepath.Dir(long.Lower), 0o755))
	testkit.Must(t, os.Rename(o.Lower, long.Lower))
	if length := len(long.Lower) + len(long.Dir); length < os.Getpagesize() {
		t.Skipf("a page holds both paths, %d bytes", length)
	}
	testkit.Must(t, long.Mount())
	testkit.Must(t, os.WriteFile(long.in("changed"), []byte("upper"), 0o644))
	if got := read(t, long.upper(), "changed"); got != "upper" {
		t.Errorf("upper has %q", got)
	}
	if is, err := long.Mounted(); err != nil || !is {
		t.Errorf("Mounted is %v, %v", is, err)
	}
	testkit.Must(t, long.Remove())
	gone(t, long.Dir)
}

func TestTenContainersCostLittleMoreThanOneImage(t *testing.T) {
	o := newOverlay(t)
	const image = 10 << 20
	testkit.Must(t, os.WriteFile(filepath.Join(o.Lower, "nginx"), bytes.Repeat([]byte("n"), image), 0o755))
	var disk syscall.Statfs_t
	used := func() int64 {
		testkit.Must(t, syscall.Statfs(o.Lower, &disk))
		return int64(disk.Blocks-disk.Bfree) * int64(disk.Bsize)
	}
	before := used()
	for index := range 10 {
		container := Overlay{Lower: o.Lower, Dir: filepath.Join(filepath.Dir(o.Dir), fmt.Sprint(index))}
		mount(t, container)
		testkit.Must(t, os.WriteFile(container.in("pid"), []byte("1"), 0o644))
		if got := read(t, container.in("nginx")); len(got) != image {
			t.Fatalf("container %d sees %d bytes", index, len(got))
		}
	}
	after := used()
	t.Logf("one image %d bytes, with ten containers of it %d", before, after)
	if before < image || float64(after) >= 1.2*float64(before) {
		t.Errorf("ten containers cost %d bytes, their image %d", after, before)
	}
}

func TestBusyOverlayIsDetached(t *testing.T) {
	o := mounted(t)
	file, err := os.Open(o.in("kept"))
	testkit.Must(t, err)
	defer file.Close()
	if err := syscall.Unmount(o.Merged(), 0); err != syscall.EBUSY {
		t.Fatalf("it is not busy: %v", err)
	}
	testkit.Must(t, o.Unmount())
	if is, err := o.Mounted(); err != nil || is {
		t.Errorf("Mounted is %v, %v", is, err)
	}
	gone(t, o.in("kept"))
	content := make([]byte, 5)
	if _, err := file.Read(content); err != nil || string(content) != "lower" {
		t.Errorf("who has a file open reads %q, %v", content, err)
	}
	testkit.Must(t, o.Remove())
	gone(t, o.Dir)
	if got := read(t, o.Lower, "kept"); got != "lower" {
		t.Errorf("lower has %q", got)
	}
}

func TestRemoveDeletesTheKernelsWorkDirectory(t *testing.T) {
	o := mounted(t)
	info, err := os.Stat(filepath.Join(o.work(), "work"))
	testkit.Must(t, err)
	if info.Mode().Perm() != 0 {
		t.Errorf("work/work has mode %v; this test is for 000", info.Mode())
	}
	testkit.Must(t, o.Remove())
	gone(t, o.Dir)
}

func TestRemoveOfAMountedOverlaySparesLower(t *testing.T) {
	o := newOverlay(t)
	testkit.Must(t, o.Mount())
	testkit.Must(t, o.Remove())
	for _, name := range []string{"kept", "changed", "etc/deep/file"} {
		if got := read(t, o.Lower, name); got != "lower" {
			t.Errorf("%s of lower has %q", name, got)
		}
	}
	for _, dir := range []string{"", "/", ".", "//"} {
		if err := (Overlay{Dir: dir}).Remove(); err == nil {
			t.Errorf("Remove of %q is nil", dir)
		}
	}
}

func TestHalfMadeOverlaysAreListedAndRemoved(t *testing.T) {
	o := newOverlay(t)
	parent := filepath.Dir(o.Dir)
	if names, err := List(parent); err != nil || len(names) > 0 {
		t.Errorf("before the first there are %v, %v", names, err)
	}
	output, err := exec.Command("/proc/self/exe", "mount-and-die", o.Lower, o.Dir).CombinedOutput()
	if err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the runtime ended with %v: %s", err, output)
	}
	half := Overlay{Lower: o.Lower, Dir: filepath.Join(parent, "half")} // killed earlier
	testkit.Must(t, os.MkdirAll(filepath.Join(half.Dir, "upper.new"), 0o700))

	names, err := List(parent)
	if err != nil || !slices.Equal(names, []string{"dolly", "half"}) {
		t.Fatalf("List is %v, %v", names, err)
	}
	if is, err := (Overlay{Dir: o.Dir}).Mounted(); err != nil || !is {
		t.Errorf("Mounted is %v, %v", is, err)
	}
	testkit.Must(t, half.Mount()) // half is as good as none
	for _, name := range names {
		testkit.Must(t, Overlay{Dir: filepath.Join(parent, name)}.Remove())
	}
	if names, err := List(parent); err != nil || len(names) > 0 {
		t.Errorf("after Remove there are %v, %v", names, err)
	}
}

func TestSizeCountsBlocksOnce(t *testing.T) {
	o := mounted(t)
	if size, err := o.Size(); err != nil || size != 0 {
		t.Errorf("of a new container it is %d, %v", size, err)
	}
	testkit.Must(t, os.WriteFile(o.in("new"), make([]byte, 1<<20), 0o644))
	testkit.Must(t, os.Link(o.in("new"), o.in("same")))
	testkit.Must(t, os.WriteFile(o.in("sparse"), nil, 0o644))
	testkit.Must(t, os.Truncate(o.in("sparse"), 1<<30))
	testkit.Must(t, os.Remove(o.in("kept")))
	if size, err := o.Size(); err != nil || size != 1<<20 {
		t.Errorf("it is %d, %v; want %d", size, err, 1<<20)
	}
	if _, err := (Overlay{Dir: "/no/such"}).Size(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("where there is none: %v", err)
	}
}

func TestMountSaysWhatIsWrong(t *testing.T) {
	o := mounted(t)
	missing := Overlay{Lower: o.Lower + "/missing", Dir: o.Dir + "2"}
	if err := missing.Mount(); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing.Lower) {
		t.Errorf("without lower: %v", err)
	}
	gone(t, missing.Dir)
	nested := Overlay{Lower: o.Lower, Dir: o.in("nested")}
	err := nested.Mount()
	if !errors.Is(err, syscall.EINVAL) ||
		!strings.Contains(err.Error(), nested.Dir+" is on a file system that may not serve") {
		t.Errorf("with upper on an overlay: %v", err)
	}
}
