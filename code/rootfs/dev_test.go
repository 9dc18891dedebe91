//go:build linux

package rootfs

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func init() {
	looks["dev"] = func(visit) (string, error) {
		entries, err := os.ReadDir("/dev")
		var lines []string
		for _, entry := range entries {
			var stat syscall.Stat_t
			if err := syscall.Lstat("/dev/"+entry.Name(), &stat); err != nil {
				return "", err
			}
			line := entry.Name()
			switch stat.Mode & syscall.S_IFMT {
			case syscall.S_IFCHR:
				line += fmt.Sprintf(" %o %d:%d", stat.Mode&0o777, stat.Rdev>>8, stat.Rdev&0xff)
			case syscall.S_IFLNK:
				target, err := os.Readlink("/dev/" + entry.Name())
				if err != nil {
					return "", err
				}
				line += " -> " + target
			case syscall.S_IFDIR:
				line += "/"
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n"), err
	}
	looks["use devices"] = func(visit) (string, error) {
		var found []string
		for _, name := range []string{"zero", "urandom", "null"} {
			file, err := os.OpenFile("/dev/"+name, os.O_RDWR, 0)
			if err != nil {
				return "", err
			}
			buffer := make([]byte, 64)
			n, err := file.Read(buffer)
			found = append(found, fmt.Sprintf("%s: %d bytes, zero %v, end %v",
				name, n, buffer[0] == 0 && buffer[63] == 0, err == io.EOF))
			if _, err := file.Write(buffer); err != nil {
				return "", err
			}
		}
		_, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			return "", err
		}
		return strings.Join(found, "\n"), nil
	}
	looks["open a terminal"] = func(visit) (string, error) {
		master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
		if err != nil {
			return "", err
		}
		defer master.Close()
		entries, err := filepath.Glob("/dev/pts/*")
		return strings.Join(entries, " "), err
	}
}

func TestDevHoldsTheStandardNodesAndLinks(t *testing.T) {
	want := strings.Join([]string{
		"fd -> /proc/self/fd",
		"full 666 1:7",
		"mqueue/",
		"null 666 1:3",
		"ptmx -> pts/ptmx",
		"pts/",
		"random 666 1:8",
		"shm/",
		"stderr -> /proc/self/fd/2",
		"stdin -> /proc/self/fd/0",
		"stdout -> /proc/self/fd/1",
		"tty 666 5:0",
		"urandom 666 1:9",
		"zero 666 1:5",
	}, "\n")
	if got := see(t, visit{Look: "dev", Root: newRoot(t)}); got != want {
		t.Errorf("/dev holds\n%s\nwant\n%s", got, want)
	}
}

func TestDevicesWork(t *testing.T) {
	want := "zero: 64 bytes, zero true, end false\nurandom: 64 bytes, zero false, end false\n" +
		"null: 0 bytes, zero true, end true"
	if got := see(t, visit{Look: "use devices", Root: newRoot(t)}); got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
}

func TestTerminalsAreNumberedFromZero(t *testing.T) {
	if got := see(t, visit{Look: "open a terminal", Root: newRoot(t)}); got != "/dev/pts/0 /dev/pts/ptmx" {
		t.Errorf("/dev/pts holds %q; the first terminal of a new devpts is 0", got)
	}
}

func init() {
	looks["open a device of the image"] = func(visit) (string, error) { return readOr("/null") }
}

func TestDeviceNodesOfTheImageCannotBeOpened(t *testing.T) {
	root := newRoot(t)
	if err := syscall.Mknod(filepath.Join(root, "null"), syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		t.Skipf("needs the right to make devices: %v", err)
	}
	if got := see(t, visit{Look: "open a device of the image", Root: root}); got != "permission denied" {
		t.Errorf("opening it: %q", got)
	}
}
