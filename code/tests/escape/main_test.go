//go:build linux

package escape

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

type (
	options = container.Options
	bind    = rootfs.Bind
)

// attempts are what the program inside can do. A nil error means that it got out; the others say what stopped it.
var attempts = map[string]func(args []string) error{}

// program is this test binary in the image.
const program = "/attempt"

func TestMain(m *testing.M) {
	container.Main() // a second run of the runtime is one of this binary
	if len(os.Args) > 2 && os.Args[1] == "attempt" {
		debug.SetGCPercent(-1) // system calls get addresses as numbers
		do, known := attempts[os.Args[2]]
		if !known {
			fmt.Printf("no attempt is called %q\n", os.Args[2])
			os.Exit(1)
		}
		fmt.Println(reason(do(os.Args[3:])))
		os.Exit(0)
	}
	testns.Main(m)
}

// theRuntime is one for all tests: the image is large.
var theRuntime = sync.OnceValues(func() (*container.Runtime, error) {
	// Where the machine may be without space for it, a tmpfs of this mount namespace.
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	if err := syscall.Mount("escape", root, "tmpfs", 0, ""); err != nil {
		return nil, err
	}
	r, err := container.Open(root)
	if err != nil {
		return nil, err
	}
	return r, makeImage(r, "meadow", nil)
})

const root = "/tmp/sheep-escape"

// cage returns the runtime, or skips the test.
func cage(t *testing.T) *container.Runtime {
	t.Helper()
	testns.Require(t)
	if content, err := os.ReadFile("/proc/self/setgroups"); err == nil && strings.HasPrefix(string(content), "deny") {
		t.Skip("needs root, not of a user namespace")
	}
	r, err := theRuntime()
	testkit.Must(t, err)
	return r
}

// entry is a file of an image: a link if it leads somewhere, else a directory.
type entry struct{ name, link string }

// makeImage imports an image with this binary in it, what it needs to run, and more entries.
func makeImage(r *container.Runtime, name string, more []entry) error {
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, each := range more {
		header := &tar.Header{Name: each.name, Mode: 0o755, Typeflag: tar.TypeDir}
		if each.link != "" {
			header.Typeflag, header.Linkname = tar.TypeSymlink, each.link
		}
		if err := writer.WriteHeader(header); err != nil {
			return err
		}
	}
	files := map[string]string{program: "/proc/self/exe"}
	if err := addLibraries(files, "/proc/self/exe"); err != nil {
		return err
	}
	for name, source := range files {
		content, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		if err := writer.WriteHeader(&tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: 0o755,
			Size: int64(len(content))}); err != nil {
			return err
		}
		if _, err := writer.Write(content); err != nil {
			return err
		}
	}
	if err := writer.Close(); err != nil {
		return err
	}
	_, err := r.Images().Import(context.Background(), &archive, name, nil)
	return err
}

// addLibraries adds what a dynamically linked program needs, as Go's own are if cgo is there.
func addLibraries(files map[string]string, program string) error {
	binary, err := elf.Open(program)
	if err != nil {
		return err
	}
	defer binary.Close()
	for _, each := range binary.Progs {
		if each.Type != elf.PT_INTERP {
			continue
		}
		content, err := io.ReadAll(each.Open())
		if err != nil {
			return err
		}
		loader := strings.TrimRight(string(content), "\x00")
		files[loader] = loader
	}
	needed, err := binary.ImportedLibraries()
	if err != nil {
		return err
	}
	for _, library := range needed {
		found, err := filepath.Glob("/lib*/*-linux-gnu/" + library)
		if err != nil || len(found) == 0 {
			return fmt.Errorf("library %s not found: %w", library, errors.ErrUnsupported)
		}
		if _, known := files[found[0]]; !known {
			files[found[0]] = found[0]
			if err := addLibraries(files, found[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// create makes a container that will make an attempt.
func create(t *testing.T, change func(*options), attempt ...string) (*container.Runtime, *container.State) {
	t.Helper()
	r := cage(t)
	o := options{
		Image:    "meadow",
		Args:     append([]string{program, "attempt"}, attempt...),
		Network:  container.NetworkNone,
		NoLimits: cgroup.Check() != nil,
	}
	if change != nil {
		change(&o)
	}
	state, err := r.Create(context.Background(), o)
	testkit.Must(t, err)
	t.Cleanup(func() { testkit.Must(t, r.Remove(context.Background(), state.ID, true)) })
	return r, state
}

// try makes an attempt in a container. It returns what the program says, and the error of the runtime if there is one.
func try(t *testing.T, change func(*options), attempt ...string) (string, error) {
	t.Helper()
	r, state := create(t, change, attempt...)
	return capture(t, func(s container.Streams) error {
		_, err := r.Run(context.Background(), state.ID, s)
		return err
	})
}

// capture returns what is written to standard output and standard error.
func capture(t *testing.T, run func(container.Streams) error) (string, error) {
	t.Helper()
	reader, writer, err := os.Pipe()
	testkit.Must(t, err)
	var text []byte
	done := make(chan struct{})
	go func() {
		defer close(done)
		text, _ = io.ReadAll(reader)
	}()
	failure := run(container.Streams{Out: writer, Err: writer})
	writer.Close()
	<-done
	return strings.TrimSpace(string(text)), failure
}

// inside makes an attempt in a container that must come into being, and returns what the program says.
func inside(t *testing.T, change func(*options), attempt ...string) string {
	t.Helper()
	text, err := try(t, change, attempt...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", attempt, err, text)
	}
	return text
}

// makeSmallImage is makeImage for a test of its own.
func makeSmallImage(r *container.Runtime, name string, more ...entry) error {
	return makeImage(r, name, more)
}
