//go:build linux

package cgroup

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Any stands for every number of a device.
const Any = -1

// Device is a rule: what may be done with which devices.
type Device struct {
	Type         byte   // 'c' or 'b', or 'a' for both
	Major, Minor int    // or Any
	Access       string // of r(ead), w(rite) and m(ake the node)
}

// DefaultDevices returns Docker's rules: every node may be made, so that an archive with devices in it can be unpacked,
// but only those that Sheep itself puts into /dev, and terminals, can be opened. The console, 5:1, which Docker allows
// too, is not among them: it is the host's. What is a console to a container is one of its terminals.
func DefaultDevices() []Device {
	return []Device{
		{'c', Any, Any, "m"},
		{'b', Any, Any, "m"},
		{'c', 1, 3, "rwm"},     // null
		{'c', 1, 5, "rwm"},     // zero
		{'c', 1, 7, "rwm"},     // full
		{'c', 1, 8, "rwm"},     // random
		{'c', 1, 9, "rwm"},     // urandom
		{'c', 5, 0, "rwm"},     // tty
		{'c', 5, 2, "rwm"},     // ptmx
		{'c', 136, Any, "rwm"}, // pts/0, pts/1, …
	}
}

// AllowDevices keeps the group's processes from all devices but those that a rule allows. Otherwise
// root in a container could make a node of the host's disk and read it. In cgroup v2 this is not
// a file but a BPF program that the kernel runs at each open(2) and mknod(2) of a device. It goes
// with the group. A second call takes away further ones and gives none back.
func (g *Group) AllowDevices(rules []Device) error {
	program, err := compile(rules)
	if err != nil {
		return fmt.Errorf("allow devices: %w", err)
	}
	dir, err := g.File()
	if err != nil {
		return fmt.Errorf("allow devices: %w", err)
	}
	defer dir.Close()
	loaded, err := load(program)
	if err != nil {
		return fmt.Errorf("allow devices: load BPF program: %w", withReason(err))
	}
	defer unix.Close(loaded) // attached, it stays
	attach := struct{ target, program, kind, flags uint32 }{
		// With this flag programs of groups above and below run as well, and all must agree.
		uint32(dir.Fd()), uint32(loaded), unix.BPF_CGROUP_DEVICE, unix.BPF_F_ALLOW_MULTI,
	}
	if _, err := bpf(unix.BPF_PROG_ATTACH, unsafe.Pointer(&attach), unsafe.Sizeof(attach)); err != nil {
		return fmt.Errorf("allow devices: attach BPF program to %s: %w", g.Dir(), withReason(err))
	}
	return nil
}

// withReason adds to an error of bpf(2) what is probably missing, and what to do.
func withReason(err error) error {
	switch {
	case errors.Is(err, unix.ENOSYS):
		return fmt.Errorf("%w: %w: this kernel is built without CONFIG_BPF_SYSCALL; boot one that has it and "+
			"CONFIG_CGROUP_BPF, or run the container without limits", ErrUnavailable, err)
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w: %w: this kernel is built without CONFIG_CGROUP_BPF; boot one that has it, or run the "+
			"container without limits", ErrUnavailable, err)
	case errors.Is(err, unix.EPERM):
		// Of the capabilities CAP_BPF and CAP_NET_ADMIN would do, since Linux 5.8.
		return fmt.Errorf("%w: %w: this needs CAP_SYS_ADMIN outside of a user namespace, and no seccomp filter that "+
			"forbids bpf(2), as Docker's does; otherwise, run the container without limits", ErrUnavailable, err)
	}
	return err
}

// instruction is struct bpf_insn of <linux/bpf.h>.
type instruction struct {
	code      uint8
	registers uint8 // the destination in the lower half, the source in the upper
	offset    int16
	immediate int32
}

// compile makes a program of rules. It is called with a pointer to struct bpf_cgroup_dev_ctx in
// R1 (three numbers: access and type, major, minor) and answers in R0: 1 for yes, 0 for no.
func compile(rules []Device) ([]instruction, error) {
	const (
		load         = unix.BPF_LDX | unix.BPF_MEM | unix.BPF_W
		set          = unix.BPF_ALU64 | unix.BPF_MOV | unix.BPF_K
		copyRegister = unix.BPF_ALU64 | unix.BPF_MOV | unix.BPF_X
		and          = unix.BPF_ALU64 | unix.BPF_AND | unix.BPF_K
		shiftRight   = unix.BPF_ALU64 | unix.BPF_RSH | unix.BPF_K
		jumpUnless   = unix.BPF_JMP | unix.BPF_JNE | unix.BPF_K
		exit         = unix.BPF_JMP | unix.BPF_EXIT

		answer, access, kind, major, minor = 0, 2, 3, 4, 5 // registers
	)
	program := []instruction{
		{code: load, registers: kind | 1<<4, offset: 0},
		{code: copyRegister, registers: access | kind<<4},
		{code: and, registers: kind, immediate: 0xffff},
		{code: shiftRight, registers: access, immediate: 16},
		{code: load, registers: major | 1<<4, offset: 4},
		{code: load, registers: minor | 1<<4, offset: 8},
	}
	for _, rule := range rules {
		number, allowed, err := rule.bits()
		if err != nil {
			return nil, err
		}
		// Each test that fails jumps to the next rule.
		tests := []instruction{
			{code: copyRegister, registers: answer | access<<4},
			{code: and, registers: answer, immediate: ^allowed}, // what is wanted beyond that
			{code: jumpUnless, registers: answer, immediate: 0},
		}
		if number != 0 {
			tests = append(tests, instruction{code: jumpUnless, registers: kind, immediate: number})
		}
		if rule.Major != Any {
			tests = append(tests, instruction{code: jumpUnless, registers: major, immediate: int32(rule.Major)})
		}
		if rule.Minor != Any {
			tests = append(tests, instruction{code: jumpUnless, registers: minor, immediate: int32(rule.Minor)})
		}
		tests = append(tests, instruction{code: set, registers: answer, immediate: 1}, instruction{code: exit})
		for index := range tests {
			if tests[index].code == jumpUnless {
				tests[index].offset = int16(len(tests) - index - 1) // from the instruction after it
			}
		}
		program = append(program, tests...)
	}
	return append(program, instruction{code: set, registers: answer, immediate: 0}, instruction{code: exit}), nil
}

// bits returns the kernel's numbers for the type, 0 for both, and for what is allowed.
func (d Device) bits() (kind, allowed int32, err error) {
	kind, known := map[byte]int32{'a': 0, 'b': unix.BPF_DEVCG_DEV_BLOCK, 'c': unix.BPF_DEVCG_DEV_CHAR}[d.Type]
	access := map[rune]int32{'m': unix.BPF_DEVCG_ACC_MKNOD, 'r': unix.BPF_DEVCG_ACC_READ, 'w': unix.BPF_DEVCG_ACC_WRITE}
	for _, letter := range d.Access {
		known = known && access[letter] != 0
		allowed |= access[letter]
	}
	if !known || allowed == 0 || d.Major < Any || d.Minor < Any {
		return 0, 0, fmt.Errorf("%q %d:%d %q is not a rule", d.Type, d.Major, d.Minor, d.Access)
	}
	return kind, allowed, nil
}

// load gives a program to the kernel, which proves that it ends and reads nothing else, and returns its descriptor.
func load(program []instruction) (int, error) {
	license := []byte("MIT\x00") // of interest only for programs that call the kernel
	var pinned runtime.Pinner    // the kernel gets the addresses as numbers
	defer pinned.Unpin()
	pinned.Pin(&program[0])
	pinned.Pin(&license[0])
	attributes := struct { // union bpf_attr, for BPF_PROG_LOAD
		kind, count           uint32
		instructions, license uint64
		logLevel, logSize     uint32
		log                   uint64
		version, flags        uint32
	}{
		kind: unix.BPF_PROG_TYPE_CGROUP_DEVICE, count: uint32(len(program)),
		instructions: uint64(uintptr(unsafe.Pointer(&program[0]))),
		license:      uint64(uintptr(unsafe.Pointer(&license[0]))),
	}
	return bpf(unix.BPF_PROG_LOAD, unsafe.Pointer(&attributes), unsafe.Sizeof(attributes))
}

// bpf is bpf(2).
func bpf(command uintptr, attributes unsafe.Pointer, size uintptr) (int, error) {
	for {
		result, _, errno := unix.Syscall(unix.SYS_BPF, command, uintptr(attributes), size)
		switch errno {
		case 0:
			return int(result), nil
		case unix.EAGAIN, unix.EINTR: // a signal came while the program was looked at
		default:
			return 0, os.NewSyscallError("bpf", errno)
		}
	}
}
