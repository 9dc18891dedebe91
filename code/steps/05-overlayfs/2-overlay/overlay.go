package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// folder holds a directory for each container.
const folder = "/var/lib/fold"

// prepare makes a directory for a new container, and in it what an overlay
// needs: upper for what the container changes, work for the kernel, and
// merged, where both layers will show as one.
func prepare() string {
	dir := filepath.Join(folder, rand.Text()[:12])
	for _, name := range []string{"upper", "work", "merged"} {
		check("make "+name, os.MkdirAll(filepath.Join(dir, name), 0o755))
	}
	return dir
}

// overlay lays a container's upper directory over an image, and returns
// where both together can be seen.
func overlay(image, dir string) string {
	merged := dir + "/merged"
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work",
		image, dir, dir)
	check("mount the overlay",
		syscall.Mount("overlay", merged, "overlay", nodev, options))
	return merged
}
