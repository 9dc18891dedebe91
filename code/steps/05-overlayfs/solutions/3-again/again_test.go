//go:build linux

package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// start starts a container that has a name and changes something, and waits until it has.
func start(t *testing.T, image, name string) (*exec.Cmd, io.WriteCloser, io.Reader) {
	t.Helper()
	cmd := program("-n", name, image, "sh", "-c", "echo wool >>/wool; echo ready; cat")
	stdin, err := cmd.StdinPipe()
	testkit.Must(t, err)
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	cmd.Stderr = os.Stderr
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
	said := bufio.NewReader(stdout)
	if line, err := said.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the container says %q, %v", line, err)
	}
	return cmd, stdin, said
}

// see returns what a container of a name has in /wool.
func see(t *testing.T, args ...string) string {
	t.Helper()
	got := run(t, program(append(args, "cat", "/wool")...))
	return got.stdout + strings.TrimPrefix(got.stderr, "cat: can't open '/wool': ")
}

const nothing = "No such file or directory\n"

func TestNamedContainerFindsItsChangesAgain(t *testing.T) {
	image := newImage(t)
	before := snapshot(t, image)
	cmd, stdin, _ := start(t, image, "dolly")
	testkit.Must(t, stdin.Close())
	testkit.Must(t, cmd.Wait())
	if got := see(t, "-n", "dolly", image); got != "wool\n" {
		t.Errorf("dolly has %q", got)
	}
	for _, args := range [][]string{{"-n", "molly", image}, {image}} {
		if got := see(t, args...); got != nothing {
			t.Errorf("%q has %q", args, got)
		}
	}
	if after := snapshot(t, image); after != before {
		t.Errorf("the image was\n%s\nand is\n%s", before, after)
	}
	if names, err := filepath.Glob(folder + "/*"); err != nil || len(names) != 2 {
		t.Errorf("there is %v, %v; want dolly and molly", names, err)
	}
}

func TestOneNameRunsOnce(t *testing.T) {
	image := newImage(t)
	cmd, stdin, _ := start(t, image, "dolly")
	got := run(t, program("-n", "dolly", image, "sh", "-c", "echo wolf >/wool"))
	if want := "3-again: start dolly: it is running\n"; got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
	testkit.Must(t, stdin.Close())
	testkit.Must(t, cmd.Wait())
	if got := see(t, "-n", "dolly", image); got != "wool\n" {
		t.Errorf("dolly has %q", got)
	}
}

func TestKilledContainerFindsItsChangesAgain(t *testing.T) {
	image := newImage(t)
	for range 2 {
		cmd, _, said := start(t, image, "dolly")
		testkit.Must(t, cmd.Process.Kill())
		io.Copy(io.Discard, said) // ends when nobody can write any more
		cmd.Wait()
	}
	if got := see(t, "-n", "dolly", image); got != "wool\nwool\n" {
		t.Errorf("dolly has %q", got)
	}
}

// What is in upper are changes to one image, and of no use over another.
func TestNamedContainerKeepsItsImage(t *testing.T) {
	image := newImage(t)
	disk := filepath.Dir(image)
	other, link := filepath.Join(disk, "other"), filepath.Join(disk, "link")
	testkit.Must(t, os.CopyFS(other, os.DirFS(image)))
	testkit.Must(t, os.Symlink(image, link))
	cmd := program("-n", "dolly", "link", "sh", "-c", "echo wool >/wool")
	cmd.Dir = disk
	if got := run(t, cmd); got.status != 0 {
		t.Fatalf("exit status %d, %s", got.status, got.stderr)
	}
	// The link leads to another image from now on, and the first has other names.
	testkit.Must(t, errors.Join(os.Remove(link), os.Symlink(other, link)))
	for _, name := range []string{other, link} {
		got := run(t, program("-n", "dolly", name, "sh", "-c", "echo wolf >/wool"))
		if want := "3-again: start dolly: it has another image\n"; got.status != 125 || got.stderr != want {
			t.Errorf("with %s: exit status %d, %q; want 125, %q", name, got.status, got.stderr, want)
		}
	}
	for _, name := range []string{image, "image", "other/../image/"} {
		cmd := program("-n", "dolly", name, "cat", "/wool")
		cmd.Dir = disk
		if got := run(t, cmd); got.stdout != "wool\n" {
			t.Errorf("with %s: exit status %d, %q %s", name, got.status, got.stdout, got.stderr)
		}
	}
	testkit.Must(t, os.RemoveAll(folder+"/dolly"))
	if got := run(t, program("-n", "dolly", other, "true")); got.status != 0 {
		t.Errorf("when dolly is gone: exit status %d, %s", got.status, got.stderr)
	}
}

// Killed before upper was there, with another image.
func TestHalfMadeContainerIsAsGoodAsNone(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, os.MkdirAll(folder+"/dolly/new", 0o700))
	testkit.Must(t, os.Symlink("/no/such", folder+"/dolly/image"))
	testkit.Must(t, os.Chmod(image, 0o711))
	if got := run(t, program("-n", "dolly", image, "stat", "-c", "%a", "/")); got.stdout != "711\n" {
		t.Errorf("exit status %d, %q %s", got.status, got.stdout, got.stderr)
	}
}

func TestWithoutANameNothingIsLeft(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, os.MkdirAll(folder+"/"+strings.Repeat("A", 12), 0o700)) // of one that was killed
	inside(t, image, "echo wool >/wool")
	if names, err := os.ReadDir(folder); err != nil || len(names) > 0 {
		t.Errorf("there is %v, %v", names, err)
	}
}

func TestNamesLeadNowhereElse(t *testing.T) {
	image := newImage(t)
	for _, name := range []string{"", ".", "..", "../dolly", "/tmp", "Dolly", strings.Repeat("a", 300)} {
		got := run(t, program("-n", name, image, "true"))
		if want := "3-again: -n " + name + ": not a name\n"; got.status != 125 || got.stderr != want {
			t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
		}
	}
	if got := run(t, program("-n")); got.status != 125 || got.stderr != "3-again: usage: [-n NAME] IMAGE PROGRAM [ARGUMENT...]\n" {
		t.Errorf("exit status %d, %q", got.status, got.stderr)
	}
}

// limited makes a command that may have few files open, as os.RemoveAll has one for each level of a tree.
func limited(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	testkit.Must(t, err)
	arguments := append([]string{"-c", `ulimit -n 64; exec "$0" "$@"`, self}, cmd.Args[1:]...)
	few := exec.Command("/bin/sh", arguments...)
	few.Env = cmd.Env
	return few
}

func TestTreeThatIsTooDeepKeepsNobodyFromStarting(t *testing.T) {
	image := newImage(t)
	deep := "for level in $(seq 100); do mkdir d; cd d; done; exit 42"
	got := run(t, limited(t, program(image, "sh", "-c", deep)))
	names, err := os.ReadDir(folder)
	testkit.Must(t, err)
	if len(names) != 1 {
		t.Fatalf("there is %v", names)
	}
	want := "3-again: remove " + filepath.Join(folder, names[0].Name()) + ": too many open files\n"
	if got.status != 42 || got.stderr != want {
		t.Errorf("its own end: exit status %d, %q; want 42, %q", got.status, got.stderr, want)
	}
	testkit.Must(t, os.Mkdir(filepath.Join(folder, "ZZZZ"), 0o700)) // after it, and removed all the same
	got = run(t, limited(t, program(image, "sh", "-c", "exit 43")))
	if got.status != 43 || got.stderr != want {
		t.Errorf("the next start: exit status %d, %q; want 43, %q", got.status, got.stderr, want)
	}
	if after, err := os.ReadDir(folder); err != nil || len(after) != 1 || after[0].Name() != names[0].Name() {
		t.Errorf("there is %v, %v; want %v", after, err, names)
	}
	inside(t, image, "true") // may have more of them
	if names, err := os.ReadDir(folder); err != nil || len(names) > 0 {
		t.Errorf("there is %v, %v", names, err)
	}
}

func TestStrayFilesAreLeftAlone(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, os.MkdirAll(folder, 0o700))
	testkit.Must(t, os.WriteFile(folder+"/FILE", nil, 0o600))
	testkit.Must(t, os.Symlink(image, folder+"/LINK"))
	if got := run(t, program(image, "true")); got.status != 0 || got.stderr != "" {
		t.Errorf("exit status %d, %s", got.status, got.stderr)
	}
	if names, err := os.ReadDir(folder); err != nil || len(names) != 2 {
		t.Errorf("there is %v, %v; want FILE and LINK", names, err)
	}
}
