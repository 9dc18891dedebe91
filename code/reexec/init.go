//go:build linux

package reexec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Init is the second run. It waits for the parent's configuration and calls setUp, which ends by becoming the program,
// or its parent: with [Program.Exec], [Program.RunAsInit] or [Program.RunAsParent]. Init does not return.
func Init[Config any](setUp func(Config) error) {
	runtime.LockOSThread() // what setUp changes may belong to the thread, as capabilities do
	err := closeOnExec()
	switch {
	case err != nil:
	case len(os.Args) > 2 && os.Args[2] == restarted:
		err = goOn()
	default:
		unix.Close(exeFD) // no longer needed
		err = receive(setUp)
	}
	if err == nil {
		err = errors.New("set-up ended without a program")
	}
	fail(err)
}

func receive[Config any](setUp func(Config) error) error {
	pipe := os.NewFile(configFD, "configuration")
	message, err := io.ReadAll(pipe) // until the parent closes it: its half is done
	pipe.Close()
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var config Config
	if err := json.Unmarshal(message, &config); err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	return setUp(config)
}

// fail tells the parent why there will be no program, and ends.
func fail(err error) {
	failure := SetupError{Message: err.Error()}
	var program *programError
	failure.Program = errors.As(err, &program)
	if !errors.As(err, &failure.Errno) && errors.Is(err, exec.ErrNotFound) {
		failure.Errno = unix.ENOENT
	}
	message, err := json.Marshal(failure)
	if err == nil {
		unix.Write(reportFD, message) // fails if the parent is gone, and then no one needs it
	}
	os.Exit(1)
}

// programError is an error of the program's file, not of the set-up.
type programError struct{ error }

func (e *programError) Unwrap() error { return e.error }

// Program is what the child becomes.
type Program struct {
	Args []string // the first is found in the PATH of Env, unless it has a slash
	Env  []string // all of it
	Dir  string   // working directory; "/" if empty
	// Arrived says that the process is in Dir already: [Program.GoToDir].
	Arrived bool

	// What RunAsInit and RunAsParent call just before the program gets a process, and when it has one. From the first
	// on they need no more threads. Both may be nil.
	Ready   func() error `json:"-"`
	Started func()       `json:"-"`
}

// Exec becomes the program. It returns only if that fails.
func (p Program) Exec() error {
	path, err := p.prepare()
	if err != nil {
		return err
	}
	if err := closeOnExec(); err != nil {
		return err
	}
	// Exec closes the pipe, and then the parent knows that all went well.
	if _, err := unix.Write(reportFD, []byte{execing}); err != nil {
		return fmt.Errorf("report to parent: %w", err)
	}
	resetSignals()
	err = unix.Exec(path, p.Args, p.Env)
	return &programError{fmt.Errorf("exec %s: %w", path, err)}
}

// GoToDir goes to the working directory while the process still has all its rights, as runc does: images have programs
// that run as a user who may not enter it. Where root may not, as on some network file systems, the user still may.
func (p *Program) GoToDir() error {
	err := p.chdir()
	p.Arrived = err == nil
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

func (p *Program) chdir() error {
	dir := p.Dir
	if dir == "" {
		dir = "/"
	}
	if err := unix.Chdir(dir); err != nil {
		return fmt.Errorf("change working directory: %w", &fs.PathError{Op: "chdir", Path: dir, Err: err})
	}
	return nil
}

// prepare goes to the working directory and finds the program's file.
func (p Program) prepare() (string, error) {
	if len(p.Args) == 0 || p.Args[0] == "" {
		return "", errors.New("no program given")
	}
	if !p.Arrived {
		if err := p.chdir(); err != nil {
			return "", err
		}
	}
	// A directory such as /proc/self/fd/7 may lie outside of the root; then it has no
	// path, and Getwd fails (CVE-2024-21626).
	if _, err := unix.Getwd(); err != nil {
		return "", fmt.Errorf("change working directory: %s is outside of the root: %w", p.Dir, err)
	}
	os.Setenv("PATH", "")
	for _, variable := range p.Env {
		if path, found := strings.CutPrefix(variable, "PATH="); found {
			os.Setenv("PATH", path)
		}
	}
	path, err := exec.LookPath(p.Args[0])
	if err != nil {
		return "", &programError{fmt.Errorf("find program: %w", err)}
	}
	return path, nil
}

// closeOnExec marks all descriptors but the standard three, so that the program inherits none. One that was left open
// by the process that started Sheep may be a way out of the container.
func closeOnExec() error {
	err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
	if err != nil {
		return fmt.Errorf("close descriptors at exec: close_range: %w (this needs Linux 5.11; inside a container, its "+
			"seccomp filter must allow it)", err)
	}
	return nil
}
