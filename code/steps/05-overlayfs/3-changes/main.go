// Command 3-changes reads the upper directory of a container, and lists what
// the container has added (A), changed (C) and deleted (D).
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) != 3 {
		check(errors.New("usage: IMAGE UPPER"))
	}
	check(seesMarks())
	_, err := os.Stat(os.Args[1] + "/") // or all would be added
	check(err)
	list(os.Args[1], os.Args[2], "", false, true)
}

// seesMarks returns an error where the kernel would say of each opaque
// directory that it has no mark.
func seesMarks() error {
	var at unix.Stat_t
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData // 64 bits in two halves
	err := errors.Join(unix.Capget(&header, &data[0]),
		unix.Stat("/proc/self/ns/user", &at))
	const initial = 0xEFFFFFFD // the number of the host's user namespace
	if err == nil && (at.Ino != initial ||
		data[0].Effective&(1<<unix.CAP_SYS_ADMIN) == 0) {
		err = errors.New("not without CAP_SYS_ADMIN: run it as the " +
			"host's root, with sudo")
	}
	return err
}

// list prints what differs in one directory and below. Where the image is
// hidden, no file of it shows through. Where it has no such directory, it
// may have a link, which would lead to files of the host.
func list(image, upper, name string, hidden, below bool) {
	hidden = hidden || opaque(upper+name)
	entries, err := os.ReadDir(upper + name)
	check(err)
	above := map[string]bool{}
	for _, entry := range entries {
		above[entry.Name()] = true
		path := name + "/" + entry.Name()
		at, err := os.Lstat(image + path)
		there := below && err == nil
		switch {
		case whiteout(entry):
			show("D", path)
		case there:
			show("C", path)
		default:
			show("A", path)
		}
		if entry.IsDir() {
			list(image, upper, path, hidden, there && at.IsDir())
		}
	}
	if !hidden || !below {
		return
	}
	entries, err = os.ReadDir(image + name)
	check(err)
	for _, entry := range entries {
		if !above[entry.Name()] {
			show("D", name+"/"+entry.Name())
		}
	}
}

// show prints a line. The container has chosen the path, and a newline in
// it would forge another line.
func show(kind, path string) {
	special := func(r rune) bool { return !unicode.IsPrint(r) }
	if !utf8.ValidString(path) || strings.ContainsFunc(path, special) {
		path = strconv.Quote(path)
	}
	fmt.Println(kind, path)
}

// whiteout reports whether an entry says that something is deleted: it is a
// character device with the number 0/0, which no driver has.
func whiteout(entry fs.DirEntry) bool {
	info, err := entry.Info()
	check(err)
	at := info.Sys().(*syscall.Stat_t)
	return at.Mode&syscall.S_IFMT == syscall.S_IFCHR && at.Rdev == 0
}

// opaque reports whether a directory hides the image's of the same name.
func opaque(dir string) bool {
	value := make([]byte, 1)
	n, err := unix.Lgetxattr(dir, "trusted.overlay.opaque", value)
	return err == nil && string(value[:n]) == "y"
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "3-changes:", err)
		os.Exit(1)
	}
}
