//go:build linux

package escape

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func init() {
	attempts["read"] = func(args []string) error {
		_, err := os.ReadFile(args[0])
		return err
	}
	// A root below the working directory does not confine: .. never meets it, and climbs to the top.
	attempts["chroot twice"] = func(args []string) error {
		if err := os.Mkdir("/ladder", 0o755); err != nil {
			return err
		}
		if err := syscall.Chroot("/ladder"); err != nil {
			return err
		}
		for range 100 {
			if err := syscall.Chdir(".."); err != nil {
				return err
			}
		}
		if err := syscall.Chroot("."); err != nil {
			return err
		}
		if _, err := os.Stat(program); err != nil {
			return fmt.Errorf("the top is not the container's: %w", err)
		}
		return attempts["read"](args)
	}
	attempts["chroot with an open directory"] = func(args []string) error {
		top, err := os.Open("/")
		if err != nil {
			return err
		}
		if err := os.Mkdir("/ladder", 0o755); err != nil {
			return err
		}
		if err := syscall.Chroot("/ladder"); err != nil {
			return err
		}
		if err := top.Chdir(); err != nil {
			return err
		}
		for range 100 {
			if err := syscall.Chdir(".."); err != nil {
				return err
			}
		}
		if err := syscall.Chroot("."); err != nil {
			return err
		}
		return attempts["read"](args)
	}
	attempts["say where"] = func([]string) error {
		directory, err := syscall.Getwd()
		if err == nil {
			fmt.Println(directory)
			_, err = os.Stat("." + strings.Repeat("/..", 30) + program) // the top that is above is the container's
		}
		if err == nil {
			err = errors.New("inside")
		}
		return err
	}
	attempts["write to the image"] = func([]string) error {
		return os.WriteFile(program, []byte("wolf"), 0o755)
	}
	attempts["look at masks"] = func([]string) error {
		for _, name := range []string{"/proc/kcore", "/proc/keys", "/proc/timer_list"} {
			if err := empty(name); err == nil {
				return nil
			}
		}
		if err := write("/proc/sysrq-trigger"); err == nil {
			return nil
		}
		return write("/proc/sys/vm/panic_on_oom")
	}
}

func TestChrootDoesNotLeadOut(t *testing.T) {
	for _, name := range []string{"chroot twice", "chroot with an open directory"} {
		if got := inside(t, nil, name, secretFile(t)); got != missing {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestRootOfProcessesIsTheContainers(t *testing.T) {
	secret := secretFile(t)
	for _, name := range []string{
		"/proc/1/root", "/proc/self/root", "/proc/1/cwd", "/proc/self/cwd", "/proc/1/task/1/root",
		fmt.Sprintf("/proc/%d/root", os.Getpid()), fmt.Sprintf("/proc/%d/cwd", os.Getppid()),
	} {
		if got := inside(t, nil, "read", name+secret); got != missing {
			t.Errorf("%s: %s", name, got)
		}
		change := func(o *options) { o.Init = true }
		if got := inside(t, change, "read", name+secret); got != missing && got != noAccess {
			t.Errorf("%s under an init: %s", name, got)
		}
	}
}

func TestCVE202421626WorkingDirectoryIsNoDescriptorOfTheRuntime(t *testing.T) {
	// One that the runtime's user left open.
	directory, err := os.Open("/etc")
	testkit.Must(t, err)
	defer directory.Close()
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, directory.Fd(), syscall.F_SETFD, 0); errno != 0 {
		t.Fatal(errno)
	}
	for fd := range 20 {
		text, err := try(t, func(o *options) { o.WorkingDir = fmt.Sprintf("/proc/self/fd/%d", fd) }, "say where")
		if err == nil && !strings.HasSuffix(text, "inside") {
			t.Errorf("working directory /proc/self/fd/%d: %s", fd, text)
		}
	}
}

func TestCVE202421626WorkingDirectoryIsNoLinkOfTheImageToADescriptor(t *testing.T) {
	r := cage(t)
	for fd := 3; fd < 12; fd++ {
		image := fmt.Sprintf("descriptor-%d", fd)
		testkit.Must(t, makeSmallImage(r, image, entry{"work", fmt.Sprintf("/proc/self/fd/%d", fd)}))
		text, err := try(t, func(o *options) { o.Image, o.WorkingDir = image, "/work" }, "say where")
		if err == nil && !strings.HasSuffix(text, "inside") {
			t.Errorf("working directory %d: %s", fd, text)
		}
	}
}

func TestCVE201919921MountsOfTheKernelAreNotBentByLinks(t *testing.T) {
	r := cage(t)
	for _, name := range []string{"proc", "sys", "dev"} {
		testkit.Must(t, makeSmallImage(r, "bent-"+name, entry{name, "/elsewhere"}, entry{"elsewhere", ""}))
		text, err := try(t, func(o *options) { o.Image = "bent-" + name }, "look at masks")
		if err == nil || !strings.Contains(err.Error(), "a link is in the way") {
			t.Errorf("/%s is a link: %v, %s", name, err, text)
		}
	}
}

func TestCVE202531133NullDeviceOfTheImageIsNotUsed(t *testing.T) {
	r := cage(t)
	testkit.Must(t, makeSmallImage(r, "null", entry{"dev", ""}, entry{"dev/null", "/proc/sys/kernel/core_pattern"}))
	if got := inside(t, func(o *options) { o.Image = "null" }, "look at masks"); got != readOnly {
		t.Errorf("what is masked: %s", got)
	}
}

func TestCVE202552565ConsoleAndTerminalsOfTheImageAreNotUsed(t *testing.T) {
	r := cage(t)
	testkit.Must(t, makeSmallImage(r, "console", entry{"dev", ""}, entry{"dev/console", "/proc/sysrq-trigger"},
		entry{"dev/ptmx", "/proc/kcore"}, entry{"dev/pts", "/proc/sys"}))
	change := func(o *options) { o.Image, o.Terminal = "console", true }
	if got := inside(t, change, "look at masks"); got != readOnly {
		t.Errorf("what is masked: %s", got)
	}
}

func TestCVE201916884NothingIsMountedOverProc(t *testing.T) {
	r := cage(t)
	testkit.Must(t, makeSmallImage(r, "over", entry{"volume", "/proc"}))
	source := t.TempDir()
	for _, target := range []string{"/proc", "/proc/sys", "/proc/self/attr", "/volume", "/volume/sys"} {
		change := func(o *options) { o.Image, o.Binds = "over", []bind{{Source: source, Target: target}} }
		if text, err := try(t, change, "look at masks"); err == nil || !strings.Contains(err.Error(), "/proc") {
			t.Errorf("a volume on %s: %v, %s", target, err, text)
		}
	}
}

func TestCVE201815664VolumesDoNotFollowLinksOutOfTheImage(t *testing.T) {
	r := cage(t)
	outside, source := t.TempDir(), t.TempDir()
	testkit.Must(t, os.WriteFile(filepath.Join(source, "file"), nil, 0o644))
	for name, link := range map[string]string{
		"absolute": outside,
		"relative": strings.Repeat("../", 30) + outside,
		"magic":    "/proc/1/root" + outside,
		"cwd":      "/proc/self/cwd" + outside,
	} {
		testkit.Must(t, makeSmallImage(r, "volume-"+name, entry{"data", link}))
		for _, target := range []string{"/data", "/data/deep/er", "/data/../data/x"} {
			change := func(o *options) { o.Image, o.Binds = "volume-"+name, []bind{{Source: source, Target: target}} }
			try(t, change, "read", "/data/file") // it may run or not
			if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
				t.Errorf("%s link, volume on %s: outside holds %v, %v", name, target, entries, err)
			}
		}
	}
}

func TestImageIsNotWrittenTo(t *testing.T) {
	r := cage(t)
	image, err := r.Images().Find("meadow")
	testkit.Must(t, err)
	file := filepath.Join(image.Rootfs, program)
	before, err := os.ReadFile(file)
	testkit.Must(t, err)
	inside(t, nil, "write to the image")
	after, err := os.ReadFile(file)
	testkit.Must(t, err)
	if string(before) != string(after) {
		t.Error("the image has changed")
	}
	if got := inside(t, nil, "read", "/nothing"); got != missing { // and works as before
		t.Errorf("the next container: %s", got)
	}
}

func TestReadOnlyVolumeStaysReadOnly(t *testing.T) {
	source := t.TempDir()
	file := filepath.Join(source, "file")
	testkit.Must(t, os.WriteFile(file, []byte("wool"), 0o666))
	change := func(o *options) { o.Binds = []bind{{Source: source, Target: "/data", ReadOnly: true}} }
	for attempt, want := range map[string]string{
		"write to the volume": readOnly, "remount the volume": denied, "unmount the volume": denied,
		"volume by a descriptor": readOnly,
	} {
		if got := inside(t, change, attempt); got != want {
			t.Errorf("%s: %s, want %s", attempt, got, want)
		}
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != "wool" {
		t.Errorf("the volume holds %q, %v", content, err)
	}
}

func init() {
	attempts["write to the volume"] = func([]string) error { return os.WriteFile("/data/file", nil, 0) }
	attempts["remount the volume"] = func([]string) error { return remount("/data") }
	attempts["unmount the volume"] = func([]string) error { return syscall.Unmount("/data", syscall.MNT_DETACH) }
	attempts["volume by a descriptor"] = func([]string) error {
		file, err := os.Open("/data/file")
		if err != nil {
			return err
		}
		return write(fmt.Sprintf("/proc/self/fd/%d", file.Fd()))
	}
}
