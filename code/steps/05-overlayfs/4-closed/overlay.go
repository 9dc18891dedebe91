package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// folder holds a directory for each container.
const folder = "/var/lib/fold"

// prepare makes a directory for a new container, and in it what an overlay
// needs: upper for what the container changes, work for the kernel, and
// merged, where both layers will show as one.
func prepare(image string) string {
	dir := filepath.Join(folder, rand.Text()[:12])
	for _, name := range []string{"upper", "work", "merged"} {
		// Root alone gets in: what a container marks setuid is setuid here.
		check("make "+name, os.MkdirAll(filepath.Join(dir, name), 0o700))
	}
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
