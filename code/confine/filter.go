//go:build linux

package confine

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A seccomp filter is a program of classic BPF (bpf(4) of the BSDs; Documentation/networking/filter.rst). The kernel
// runs it before each system call, on this record (struct seccomp_data, seccomp(2)):
//
//	0   number of the system call
//	4   architecture: that of the call, not of the machine
//	8   instruction pointer
//	16  six arguments of 64 bits each; their lower half comes first on all machines that Sheep knows
//
// What it returns is what becomes of the call.
const (
	offsetNumber   = 0
	offsetArch     = 4
	offsetArgument = 16
)

// instruction is one instruction (struct sock_filter): jumps skip so many of the following.
type instruction struct {
	code     uint16
	ifTrue   uint8
	ifFalse  uint8
	constant uint32
}

// verdict is a piece of program that ends with a return, whichever way it goes.
type verdict []instruction

func loadWord(offset uint32) instruction { return instruction{code: 0x20, constant: offset} }
func skip(count int) instruction         { return instruction{code: 0x05, constant: uint32(count)} }
func give(what uint32) instruction       { return instruction{code: 0x06, constant: what} }

// The conditions, on the word that was loaded last.
const (
	equal   = 0x15
	atLeast = 0x35
	anyBit  = 0x45
)

// choose goes on with one verdict if the condition holds, and with another if not.
func choose(condition uint16, constant uint32, yes, no verdict) verdict {
	program := verdict{{code: condition, constant: constant, ifTrue: 1}, skip(len(yes))}
	if len(yes) <= 0xff { // a conditional jump has 8 bits
		program = verdict{{code: condition, constant: constant, ifFalse: uint8(len(yes))}}
	}
	return slices.Concat(program, yes, no)
}

var (
	allow  = verdict{give(unix.SECCOMP_RET_ALLOW)}
	deny   = verdict{give(unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM))}
	absent = verdict{give(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS))} // as if the kernel did not have the call
	kill   = verdict{give(unix.SECCOMP_RET_KILL_PROCESS)}
)

// argument looks at the lower half of an argument. The kernel itself reads no more of those that are looked at here, so
// a filter that compared the upper half, too, could be passed by setting it (CVE-2019-10063).
func argument(index uint32, rest verdict) verdict {
	return slices.Concat(verdict{loadWord(offsetArgument + 8*index)}, rest)
}

// span is what becomes of the calls from a number on, up to the next span.
type span struct {
	from    uint32
	verdict verdict
}

// search finds the span of the number that was loaded, by binary search: it runs before each system call, and a list of
// 80 calls would cost 80 comparisons.
func search(spans []span) verdict {
	if len(spans) == 1 {
		return spans[0].verdict
	}
	middle := len(spans) / 2
	return choose(atLeast, spans[middle].from, search(spans[middle:]), search(spans[:middle]))
}

// spansOf turns verdicts on single calls into spans. All others are allowed, up to the last.
func spansOf(verdicts map[uint32]verdict, last uint32) []span {
	var found []span
	next := uint32(0)
	add := func(from uint32, v verdict) {
		if len(found) == 0 || !slices.Equal(found[len(found)-1].verdict, v) {
			found = append(found, span{from, v})
		}
	}
	numbers := make([]uint32, 0, len(verdicts))
	for number := range verdicts {
		numbers = append(numbers, number)
	}
	slices.SortFunc(numbers, cmp.Compare)
	for _, number := range numbers {
		if next < number {
			add(next, allow)
		}
		add(number, verdicts[number])
		next = number + 1
	}
	if next <= last {
		add(next, allow)
	}
	add(max(next, last+1), absent)
	return found
}

// filter is the whole program for a machine. A process may call in the way of every architecture that the machine runs,
// whatever its own: on amd64, int 0x80 is a call of i386, where 21 is mount and not access. So the architecture is
// checked first, and a call of an unknown one kills the process.
func filter(machine []architecture, allowed set) verdict {
	program := kill
	for _, arch := range machine {
		calls := search(spansOf(verdicts(arch, allowed), lastCall))
		if arch == arm { // has calls of its own, far off, which set the thread pointer and flush caches
			calls = choose(atLeast, armPrivate, allow, calls)
		}
		calls = slices.Concat(verdict{loadWord(offsetNumber)}, calls)
		program = choose(equal, audit[arch], calls, program)
	}
	return slices.Concat(verdict{loadWord(offsetArch)}, program)
}

// load puts the filter on every thread of the process. From here on it is inherited, and nothing takes it off.
func load(program verdict) error {
	header := struct {
		length  uint16
		program *instruction
	}{uint16(len(program)), &program[0]}
	thread, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&header)))
	if errno != 0 {
		return os.NewSyscallError("load filter of system calls: seccomp", errno)
	}
	if thread != 0 {
		return fmt.Errorf("load filter of system calls: thread %d has another", thread)
	}
	return nil
}
