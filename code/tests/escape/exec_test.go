//go:build linux

package escape

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// Whatever enters a running container is in it before it is the program: nobody inside may get hold of it, or of what
// it brings along.

func TestCVE20169962WhatExecBringsInCannotBeCaught(t *testing.T) {
	text := underWatch(t, nil, "watch")
	if strings.Contains(text, "CAUGHT") || strings.HasPrefix(lineAfter(text, "watched "), "0 ") {
		t.Errorf("the watcher says:\n%s", text)
	}
}

// With the right to trace it can be caught. Then it must be worth no more than any process of the container. What this
// finds if a fork shares the memory and the descriptors of the process that stays outside: that memory, to write to,
// and its epoll instance, through which the kernel hands pointers to the Go runtime outside.
func TestCVE20169962WhatExecBringsInIsWorthNothingToATracer(t *testing.T) {
	text := underWatch(t, func(o *options) { o.CapAdd = []string{"SYS_PTRACE"} }, "trace what comes in")
	if strings.Contains(text, "CAUGHT") || strings.HasPrefix(lineAfter(text, "watched "), "0 ") {
		t.Errorf("the watcher says:\n%s", text)
	}
}

// underWatch executes programs in a container that a watcher runs in, and returns what that says at the end.
func underWatch(t *testing.T, change func(*options), watcher string) string {
	t.Helper()
	r, state := create(t, change, watcher)
	testkit.Must(t, r.Start(context.Background(), state.ID))
	execute := func(attempt string) (string, error) {
		return capture(t, func(s container.Streams) error {
			_, err := r.Exec(context.Background(), state.ID, container.ExecOptions{Args: []string{program, "attempt",
				attempt}}, s)
			return err
		})
	}
	logs := func() string {
		text, _ := capture(t, func(s container.Streams) error {
			return r.Logs(context.Background(), state.ID, container.LogOptions{Tail: -1}, s.Out, s.Err)
		})
		return text
	}
	// Until the watcher has seen some. Each comes and goes in a moment, and not every one is seen.
	for count := 0; count < 30 || count < 600 && !strings.Contains(logs(), "enough"); count++ {
		if text, err := execute("say where"); err != nil || !strings.HasSuffix(text, "inside") {
			t.Fatalf("exec: %v, %s; the watcher says:\n%s", err, text, logs())
		}
	}
	if text, err := execute("end the watch"); err != nil {
		t.Fatal(err, text)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if text := logs(); strings.Contains(text, "watched ") {
			return text
		} else if time.Now().After(deadline) {
			t.Fatalf("the watcher has not ended; it says:\n%s", text)
		}
	}
}

// enough is how many a watcher has to see before the watch may end.
const enough = 5

// watched reports whether the watch goes on.
func watched() bool {
	_, err := os.Stat("/end")
	return err != nil
}

func init() {
	// Without a descriptor: for a file that os opens, Go makes an epoll instance, and a watcher may see that.
	attempts["end the watch"] = func([]string) error { return syscall.Mknod("/end", syscall.S_IFREG|0o600, 0) }
	// It looks at every other process again and again, for what should not be there.
	attempts["watch"] = func([]string) error {
		seen := map[string]bool{}
		for watched() {
			names, err := filepath.Glob("/proc/[0-9]*")
			if err != nil {
				return err
			}
			for _, name := range names {
				if name == "/proc/1" {
					continue
				}
				if seen[name] = true; len(seen) == enough {
					fmt.Println("enough")
				}
				exe, err := os.Readlink(name + "/exe")
				if err == nil && exe != program {
					fmt.Printf("CAUGHT %s executing %s\n", name, exe)
				}
				inspect(name)
			}
		}
		fmt.Printf("watched %d processes\n", len(seen))
		return errors.New("the end")
	}
	// It stops whatever comes in, as soon as it is there, and looks at it at leisure.
	attempts["trace what comes in"] = func([]string) error {
		runtime.LockOSThread() // a tracer is a thread
		caught, last := 0, os.Getpid()+16
		for watched() {
			for pid := last + 1; pid < last+64; pid++ { // PIDs are given one after the other
				// Without a SIGSTOP, unlike PTRACE_ATTACH: the process is to go on as if nothing had been.
				const seize, interrupt = 0x4206, 0x4207
				if call(syscall.SYS_PTRACE, seize, uintptr(pid)) != nil {
					continue
				}
				last = pid
				call(syscall.SYS_PTRACE, interrupt, uintptr(pid))
				if !stopped(pid) {
					continue
				}
				halfIn, err := traced(pid)
				if err != nil {
					fmt.Printf("%d: %v\n", pid, err)
				}
				if halfIn {
					if caught++; caught == enough {
						fmt.Println("enough")
					}
				}
				break
			}
		}
		fmt.Printf("watched %d processes\n", caught)
		return errors.New("the end")
	}
}

// stopped waits until a traced process stops. It says no if that has ended: what is not waited for stays.
func stopped(pid int) bool {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, syscall.WALL, nil)
		if err != syscall.EINTR {
			return err == nil && status.Stopped()
		}
	}
}

// traced looks at a process that is stopped, and lets go of it. It reports whether that was not the program yet.
func traced(pid int) (halfIn bool, err error) {
	release := sync.OnceFunc(func() {
		if syscall.PtraceDetach(pid) != nil {
			stopped(pid)
		}
	})
	defer release()
	name := fmt.Sprintf("/proc/%d", pid)
	if isProgram(name) || !exists(name+"/exe") { // or what is about to end
		return false, nil
	}
	inspect(name)
	err = attempts["write through a descriptor of the binary"]([]string{name + "/exe"})
	if got := reason(err); got != readOnly && got != denied {
		fmt.Printf("CAUGHT the binary of the runtime, %s/exe: %s\n", name, got)
	}
	memory, err := os.OpenFile(name+"/mem", os.O_RDWR, 0)
	if err != nil {
		return true, err
	}
	defer memory.Close()
	maps, err := os.ReadFile(name + "/maps")
	if err != nil {
		return true, err
	}
	start, _, _ := strings.Cut(string(maps), "-")
	address, err := strconv.ParseInt(start, 16, 64)
	if err != nil {
		return true, err
	}
	if _, err := memory.ReadAt(make([]byte, 8), address); err != nil {
		return true, err
	}
	release()
	for deadline := time.Now().Add(time.Second); exists(name) && !isProgram(name) && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	// Memory that no process has any more reads as nothing.
	if n, _ := memory.ReadAt(make([]byte, 8), address); n > 0 {
		fmt.Printf("CAUGHT the memory of a process outside, through %s/mem\n", name)
	}
	return true, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// isProgram reports whether a process executes the program of the image.
func isProgram(name string) bool {
	want, err := os.Stat(program)
	if err != nil {
		return false
	}
	got, err := os.Stat(name + "/exe")
	return err == nil && os.SameFile(got, want)
}

// inspect looks at what a process has, as far as that can be seen, for what does not belong to the container.
func inspect(name string) {
	top, err := os.Stat("/")
	if err != nil {
		fmt.Println(err)
		return
	}
	tasks, _ := filepath.Glob(name + "/task/*")
	for _, place := range append(tasks, name) {
		for _, link := range []string{"root", "cwd"} {
			if got, err := os.Stat(place + "/" + link); err == nil && !os.SameFile(got, top) {
				target, _ := os.Readlink(place + "/" + link)
				fmt.Printf("CAUGHT %s/%s, which is %s\n", place, link, target)
			}
		}
		for _, kind := range []string{"mnt", "uts", "ipc", "pid", "net", "cgroup", "user"} {
			got, err := os.Stat(place + "/ns/" + kind)
			want, own := os.Stat("/proc/thread-self/ns/" + kind)
			if err == nil && own == nil && !os.SameFile(got, want) {
				fmt.Printf("CAUGHT %s in another %s namespace\n", place, kind)
			}
		}
	}
	descriptors, _ := filepath.Glob(name + "/fd/*")
	for _, descriptor := range descriptors {
		target, err := os.Readlink(descriptor)
		if err != nil || filepath.Base(descriptor) <= "2" && len(filepath.Base(descriptor)) == 1 {
			continue
		}
		// The Go runtime of the program reads how much of the processors it may use.
		known := func(prefix string) bool { return strings.HasPrefix(target, prefix) }
		if !slices.ContainsFunc([]string{"pipe:", "/dev/null", "/proc/", "/sys/fs/cgroup/cpu.max", program, "/lib",
			"/end"}, known) && !isProgram(name) {
			fmt.Printf("CAUGHT %s, which is %s\n", descriptor, target)
		}
	}
}
