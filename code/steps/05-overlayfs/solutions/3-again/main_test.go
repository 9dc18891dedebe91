//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	switch os.Getenv(asProgram) {
	case "":
		testns.Main(m)
	default:
		main()
	}
}

// newImage makes an image: a directory with busybox, with a user beside root. It is the only thing on a disk of its own,
// and so is the folder of the containers.
func newImage(t *testing.T) string {
	t.Helper()
	testns.RequireRoot(t, "the right to make devices, and to mount what it likes")
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("needs the command busybox (package busybox-static) for the new root")
	}
	disk := t.TempDir()
	for _, name := range []string{disk, filepath.Dir(folder)} {
		testkit.Must(t, syscall.Mount("disk", name, "tmpfs", 0, "mode=755"))
		t.Cleanup(func() { testkit.Must(t, syscall.Unmount(name, syscall.MNT_DETACH)) })
	}
	image := filepath.Join(disk, "image")
	for _, name := range []string{"bin", "dev", "etc", "proc", "sys", "tmp"} {
		testkit.Must(t, os.MkdirAll(filepath.Join(image, name), 0o755))
	}
	copyFile(t, busybox, filepath.Join(image, "bin/busybox"))
	cmd := exec.Command("/bin/busybox", "--install", "-s", "/bin")
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: image}
	cmd.Dir = "/"
	if err := cmd.Run(); errors.Is(err, os.ErrNotExist) {
		t.Skip("needs a busybox that is linked statically (package busybox-static)")
	} else if err != nil {
		t.Fatal(err)
	}
	write(t, image, "etc/passwd", "root:x:0:0::/:/bin/sh\nlamb:x:1000:1000::/:/bin/sh\n")
	write(t, image, "etc/hosts", "127.0.0.1 localhost\n")
	return image
}

// write writes a file of an image.
func write(t *testing.T, image, name, content string) {
	t.Helper()
	testkit.Must(t, os.WriteFile(filepath.Join(image, name), []byte(content), 0o644))
}

// snapshot returns all that there is in an image, but for the contents of programs.
func snapshot(t *testing.T, image string) string {
	t.Helper()
	var all strings.Builder
	testkit.Must(t, filepath.WalkDir(image, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		content := []byte(nil)
		if err == nil && info.Mode().IsRegular() && info.Size() < 1<<10 {
			content, err = os.ReadFile(path)
		}
		fmt.Fprintf(&all, "%s %v %d %s %q\n", path, info.Mode(), info.Size(), info.ModTime(), content)
		return err
	}))
	return all.String()
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

// run runs a command to its end.
func run(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %q: %v", cmd.Args, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// inside runs a shell script in a container and returns what it prints. The script must succeed.
func inside(t *testing.T, image, script string) string {
	t.Helper()
	got := run(t, program(image, "sh", "-c", script))
	if got.status != 0 {
		t.Fatalf("inside, %q exits with %d: %s%s", script, got.status, got.stdout, got.stderr)
	}
	return strings.TrimSpace(got.stdout)
}
