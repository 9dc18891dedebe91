//go:build linux

// The tests of this folder run the program for real, with an image that has busybox. "Inside" is where the program
// puts what it starts.
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

// climbing is a value of asProgram for a test binary that lies in the new root and climbs out of it.
const climbing = "climbing"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
		testns.Main(m)
	case climbing:
		climb(os.Args[1])
	default:
		main()
	}
}

// climb leaves the root as the program escape does, and prints a file of the host's.
func climb(name string) {
	err := errors.Join(os.Chdir("/"), os.Mkdir("hatch", 0o700), syscall.Chroot("hatch"), os.Remove("hatch"))
	for range 100 {
		err = errors.Join(err, os.Chdir(".."))
	}
	err = errors.Join(err, syscall.Chroot("."))
	content, failure := os.ReadFile(name)
	if err = errors.Join(err, failure); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Print(string(content))
}

// climbOut has a test binary in the new root climb out of it, and returns the content of a file of the host's that it
// finds there, or why it does not.
func climbOut(t *testing.T, root, name string) string {
	t.Helper()
	copyFile(t, "/proc/self/exe", filepath.Join(root, "bin/climb"))
	return run(t, program(root, "env", asProgram+"="+climbing, "climb", name)).stdout
}

// secret makes a file beside a root.
func secret(t *testing.T, root string) string {
	t.Helper()
	name := filepath.Join(filepath.Dir(root), "secret")
	testkit.Must(t, os.WriteFile(name, []byte("the host's"), 0o600))
	return name
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
