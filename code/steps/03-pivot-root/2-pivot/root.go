package main

import (
	"os"
	"path/filepath"
	"syscall"
)

// enter makes a directory the root of this mount namespace.
func enter(root string) {
	const private = syscall.MS_REC | syscall.MS_PRIVATE
	check("set mounts private", syscall.Mount("", "/", "", private, ""))
	// pivot_root exchanges mounts. Bound on itself, a directory is one.
	const bind = syscall.MS_REC | syscall.MS_BIND
	check("bind the root", syscall.Mount(root, root, "", bind, ""))
	old := filepath.Join(root, ".old") // where the old root goes
	check("make a directory", os.MkdirAll(old, 0o700))
	check("pivot_root", syscall.PivotRoot(root, old))
	check("go to the new root", syscall.Chdir("/"))
	check("mount /proc", syscall.Mount("proc", "/proc", "proc", 0, ""))
	// The old root is in use: our program's own file is on it. Detached, it
	// is out of the tree at once, and gone when its last user is.
	check("detach the old root",
		syscall.Unmount("/.old", syscall.MNT_DETACH))
	// Only an empty directory can be removed so. os.RemoveAll would delete
	// the host's files if they were still there.
	check("remove its directory", os.Remove("/.old"))
}
