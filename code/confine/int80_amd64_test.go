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
// access and msync to a filter that looks at the number alone.
func TestCallsOfI386DoNotBypassTheFilter(t *testing.T) {
	free, failure := try(t, errand{Unbounded: true, Do: "int 0x80"})
	switch {
	case strings.Contains(free, "getpid: 0xffffffda"), // ENOSYS
		strings.Contains(failure, "SIGSEGV"): // under a hypervisor that does not pass the trap on
		t.Skip("needs a kernel that runs programs of i386")
	case failure != "":
		t.Fatal(failure)
	}
	want := fmt.Sprintf("getpid: right\nmount: %#x\numount: %#x\nunshare: %#x\nsocketcall: %#x\nclone3: %#x\n",
		negative(syscall.EPERM), negative(syscall.EPERM), negative(syscall.EPERM), negative(syscall.EPERM),
		negative(syscall.ENOSYS))
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
			{"mount", 21, 0}, {"umount", 52, 0}, {"unshare", 310, syscall.CLONE_NEWUSER | 1}, {"socketcall", 102, 1},
			{"clone3", 435, 0},
		} {
			answer, err := int80(call.number, call.first)
			if err != nil {
				return err
			}
			fmt.Printf("%s: %#x\n", call.name, answer)
		}
		return nil
	}
}

// int80 makes a system call of i386, in code that it writes itself.
func int80(number, first uint32) (uint32, error) {
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return 0, err
	}
	defer syscall.Munmap(page)
	code := []byte{0xb8}                                  // mov eax,
	code = binary.LittleEndian.AppendUint32(code, number) //   number
	code = append(code, 0xbb)                             // mov ebx,
	code = binary.LittleEndian.AppendUint32(code, first)  //   first argument
	code = append(code, 0x31, 0xc9, 0x31, 0xd2)           // xor ecx, ecx; xor edx, edx
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
