// Command 3-changes reads the upper directory of a container, and lists what
// the container has added (A), changed (C) and deleted (D).
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) != 3 {
		check(errors.New("usage: IMAGE UPPER"))
	}
	list(os.Args[1], os.Args[2], "", false)
}

// list prints what differs in one directory and below. Where the image is
// hidden, no file of it shows through.
func list(image, upper, name string, hidden bool) {
	hidden = hidden || opaque(upper+name)
	entries, err := os.ReadDir(upper + name)
	check(err)
	above := map[string]bool{}
	for _, entry := range entries {
		above[entry.Name()] = true
		path := name + "/" + entry.Name()
		_, err := os.Lstat(image + path)
		switch {
		case whiteout(entry):
			fmt.Println("D", path)
		case err == nil:
			fmt.Println("C", path)
		default:
			fmt.Println("A", path)
		}
		if entry.IsDir() {
			list(image, upper, path, hidden)
		}
	}
	below, _ := os.ReadDir(image + name) // it need not be there
	for _, entry := range below {
		if hidden && !above[entry.Name()] {
			fmt.Println("D", name+"/"+entry.Name())
		}
	}
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
