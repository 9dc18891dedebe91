package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// folder holds a directory for each container.
const folder = "/var/lib/fold"

// prepare makes a directory for a new container, and in it what an overlay
// needs: upper for what the container changes, work for the kernel, and
// merged, where both layers will show as one.
func prepare(image string) string {
	check("make "+folder, os.MkdirAll(folder, 0o700))
	// One at a time: a new directory is there a moment before its lock is.
	all, err := lock(folder, unix.LOCK_EX)
	check("lock "+folder, err)
	sweep()
	dir := filepath.Join(folder, rand.Text()[:12])
	for _, name := range []string{"", "upper", "work", "merged"} {
		// Root alone gets in: what a container marks setuid is setuid here.
		check("make "+name, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	_, err = lock(dir, unix.LOCK_EX) // ends with this process
	check("lock "+dir, err)
	check("unlock "+folder, unix.Close(all))
	// The container's / has the owner and the mode of upper.
	upper := dir + "/upper"
	at, err := os.Stat(image)
	check("find the image", err)
	owner := at.Sys().(*syscall.Stat_t)
	check("give upper its owner",
		os.Chown(upper, int(owner.Uid), int(owner.Gid)))
	check("give upper its mode", os.Chmod(upper, at.Mode()))
	return dir
}

// sweep removes what belongs to nobody, because its program was killed.
func sweep() {
	entries, err := os.ReadDir(folder)
	check("sweep "+folder, err)
	for _, entry := range entries {
		if !entry.IsDir() {
			continue // it is none of ours
		}
		dir := filepath.Join(folder, entry.Name())
		held, err := lock(dir, unix.LOCK_EX|unix.LOCK_NB)
		if err == unix.EWOULDBLOCK || err == unix.ENOENT {
			continue // it is in use, or just gone
		}
		check("lock "+dir, err)
		remove(dir)
		check("unlock "+dir, unix.Close(held))
	}
}

// remove removes a container's directory, or says what is in the way. That
// may be the container's doing, and must not keep others from starting.
func remove(dir string) {
	err := os.RemoveAll(dir)
	var where *os.PathError
	if errors.As(err, &where) {
		err = where.Err // the path is as long as the container likes
	}
	if err != nil {
		warn("remove "+dir, err)
	}
}

// lock locks a directory. The lock ends when the number that it returns is
// closed, at the latest with this process, however it ends.
func lock(dir string, how int) (int, error) {
	fd, err := unix.Open(dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := unix.Flock(fd, how); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// overlay lays a container's upper directory over an image, and returns
// where both together can be seen.
func overlay(image, dir string) string {
	merged := dir + "/merged"
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work",
		escape(image), dir, dir)
	check("mount the overlay",
		syscall.Mount("overlay", merged, "overlay", nodev, options))
	return merged
}

// escape takes the meaning from what would end a path among the options.
func escape(path string) string {
	special := strings.NewReplacer(`\`, `\\`, `,`, `\,`, `:`, `\:`)
	return special.Replace(path)
}
