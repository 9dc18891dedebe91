//go:build linux

package cgroup

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testload"
)

// probes are what the test binary can do when it is started with the arguments "probe NAME ARGUMENT…".
var probes = map[string]func(arguments []string) error{
	"where":     where,
	"occupy":    testload.Occupy,
	"spin":      testload.Spin,
	"fork":      fork,
	"swarm":     swarm,
	"confine":   confine,
	"devices":   devices,
	"terminals": terminals,
}

func runProbe(name string, arguments []string) {
	if err := probes[name](arguments); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// where prints the group that the process is in.
func where([]string) error {
	content, err := os.ReadFile("/proc/self/cgroup")
	fmt.Print(string(content))
	return err
}

// fork starts processes until that fails, and prints how many there were and why there are no more.
func fork([]string) error {
	for count := 0; ; count++ {
		// Not a process of Go's, which has threads: they count as well.
		cmd := exec.Command("/bin/sleep", "60")
		if err := cmd.Start(); err != nil {
			fmt.Printf("%d %v\n", count, errors.Is(err, syscall.EAGAIN))
			return nil
		}
		defer func() {
			cmd.Process.Kill()
			cmd.Wait()
		}()
	}
}

// swarm becomes a shell that forks without end.
func swarm([]string) error {
	fmt.Println("ready")
	return syscall.Exec("/bin/sh", []string{"sh", "-c", "while :; do sleep 1 & done"}, nil)
}

// confine makes a group where the process's own group looks like the root, as it does in a container of Docker's.
func confine([]string) error {
	runtime.LockOSThread() // only this thread leaves
	if err := syscall.Unshare(syscall.CLONE_NEWCGROUP | syscall.CLONE_NEWNS); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	// The kernel refuses the same file system on top of itself.
	if err := syscall.Unmount(root, syscall.MNT_DETACH); err != nil {
		return err
	}
	if err := syscall.Mount("cgroup2", root, "cgroup2", 0, ""); err != nil {
		return err
	}
	g, err := New("lamb", Limits{Memory: 64 << 20, Pids: 12, CPUs: 0.5})
	if err != nil {
		return err
	}
	for _, file := range []string{"memory.max", "pids.max", "cpu.max"} {
		content, err := g.read(file)
		if err != nil {
			return err
		}
		fmt.Print(strings.TrimSpace(content), " ")
	}
	fmt.Println()
	return g.Remove()
}

// devices makes nodes in a directory and opens them: "c 1:3 w" for one. It prints what each came to.
func devices(arguments []string) error {
	for index, argument := range arguments[1:] {
		var kind byte
		var major, minor int
		var access string
		if _, err := fmt.Sscanf(argument, "%c %d:%d %s", &kind, &major, &minor, &access); err != nil {
			return err
		}
		mode := map[byte]uint32{'b': syscall.S_IFBLK, 'c': syscall.S_IFCHR}[kind]
		node := fmt.Sprintf("%s/%d", arguments[0], index)
		err := syscall.Mknod(node, mode|0o600, major<<8|minor)
		if err == nil && access != "m" {
			flags := map[string]int{"r": syscall.O_RDONLY, "w": syscall.O_WRONLY, "rw": syscall.O_RDWR}[access]
			var fd int
			if fd, err = syscall.Open(node, flags|syscall.O_NONBLOCK|syscall.O_NOCTTY|syscall.O_CLOEXEC,
				0); err == nil {
				syscall.Close(fd)
			}
		}
		fmt.Printf("%s: %v\n", argument, err)
	}
	return nil
}

// terminals opens a new terminal, both ends.
func terminals([]string) error {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer master.Close()
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return err
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return err
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	return slave.Close()
}
