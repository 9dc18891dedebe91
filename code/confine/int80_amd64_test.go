//go:build linux

package confine

import (
	"encoding/binary"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// On amd64 a program of any kind can call as i386 does, with int 0x80. There 21 is mount and 26 ptrace, which are
// access and msync to a filter that looks at the number alone. But what programs of i386 cannot do without stays open:
// socketcall is how their C libraries, and Go, make a socket (socketcall(2), moby#52506).
func TestCallsOfI386DoNotBypassTheFilter(t *testing.T) {
	free, failure := try(t, errand{Unbounded: true, Do: "int 0x80"})
	switch {
	case strings.Contains(free, "getpid: 0xffffffda"), // ENOSYS
		strings.Contains(failure, "SIGSEGV"): // under a hypervisor that does not pass the trap on
		t.Skip("needs a kernel that runs programs of i386")
	case failure != "":
		t.Fatal(failure)
	}
	want := fmt.Sprintf("getpid: right\nmount: %#x\numount: %#x\nunshare: %#x\nclone3: %#x\nsocketcall: socket\n",
		negative(syscall.EPERM), negative(syscall.EPERM), negative(syscall.EPERM), negative(syscall.ENOSYS))
	if got := do(t, errand{Filter: true, Do: "int 0x80"}); got != want {
		t.Errorf("calls with the filter:\n%s\nwant:\n%s", got, want)
	}
	if strings.Contains(free, fmt.Sprintf("%#x", negative(syscall.EPERM))) {
		t.Errorf("calls without the filter:\n%s", free)
	}
}

func negative(errno syscall.Errno) uint32 { return -uint32(errno) }

func init() {
	errands["int 0x80"] = func([]string) error {
		pid, err := int80(20, 0)
		if err != nil {
			return err
		}
		if int(pid) == syscall.Getpid() {
			fmt.Println("getpid: right")
		} else {
			fmt.Printf("getpid: %#x\n", pid)
		}
		for _, call := range []struct {
			name   string
			number uint32
			first  uint32
		}{
			{"mount", 21, 0}, {"umount", 52, 0}, {"unshare", 310, syscall.CLONE_NEWUSER | 1}, {"clone3", 435, 0},
		} {
			answer, err := int80(call.number, call.first)
			if err != nil {
				return err
			}
			fmt.Printf("%s: %#x\n", call.name, answer)
		}
		answer, err := int80(102, 1, syscall.AF_INET, syscall.SOCK_STREAM, 0) // SYS_SOCKET of <linux/net.h>
		if err != nil {
			return err
		}
		var stat syscall.Stat_t
		if err := syscall.Fstat(int(answer), &stat); err == nil && stat.Mode&syscall.S_IFMT == syscall.S_IFSOCK {
			fmt.Println("socketcall: socket")
		} else {
			fmt.Printf("socketcall: %#x\n", answer)
		}
		return nil
	}
}

// int80 makes a system call of i386, in code that it writes itself. If there are words in memory, its second argument
// points to them.
func int80(number, first uint32, memory ...uint32) (uint32, error) {
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_32BIT)
	if err != nil {
		return 0, err
	}
	defer syscall.Munmap(page)
	code := []byte{0xb8}                                  // mov eax,
	code = binary.LittleEndian.AppendUint32(code, number) //   number
	code = append(code, 0xbb)                             // mov ebx,
	code = binary.LittleEndian.AppendUint32(code, first)  //   first argument
	words := page[128:128]
	for _, word := range memory {
		words = binary.LittleEndian.AppendUint32(words, word)
	}
	second := uint32(0)
	if len(memory) > 0 {
		second = uint32(uintptr(unsafe.Pointer(&page[128])))
	}
	code = append(code, 0xb9)                             // mov ecx,
	code = binary.LittleEndian.AppendUint32(code, second) //   second argument
	code = append(code, 0x31, 0xd2)                       // xor edx, edx
	code = append(code, 0x31, 0xf6, 0x31, 0xff)           // xor esi, esi; xor edi, edi
	code = append(code, 0xcd, 0x80)                       // int 0x80
	code = append(code, 0x89, 0x05)                       // mov [rip+…], eax
	const result = 64                                     // where in the page
	distance := result - uint32(len(code)+4)              // from the next instruction
	code = binary.LittleEndian.AppendUint32(code, distance)
	code = append(code, 0xc3) // ret
	copy(page, code)
	entry := unsafe.Pointer(&page[0])
	closure := unsafe.Pointer(&entry)
	(*(*func())(unsafe.Pointer(&closure)))()
	return binary.LittleEndian.Uint32(page[result:]), nil
}
