package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// volume is a directory of the host that appears in the new root.
type volume struct {
	Source, Target string
	ReadOnly       bool
	tree           int // descriptor of a copy of its mount
}

// parseVolume reads HOST:CONTAINER or HOST:CONTAINER:ro.
func parseVolume(text string) (volume, error) {
	parts := strings.Split(text, ":")
	readOnly := len(parts) == 3 && parts[2] == "ro"
	if len(parts) != 2 && !readOnly || !filepath.IsAbs(parts[1]) {
		return volume{}, errors.New("must be HOST:CONTAINER or " +
			"HOST:CONTAINER:ro, where CONTAINER begins with /")
	}
	source, err := filepath.Abs(parts[0])
	return volume{Source: source, Target: parts[1], ReadOnly: readOnly}, err
}

// open copies the mount of the source, with all that is mounted below it.
// The copy is not in the tree of mounts yet, so nobody sees it unfinished.
func (v *volume) open() {
	_, err := os.Stat(v.Source + "/") // the slash: only a directory
	check("find the volume", err)
	v.tree, err = unix.OpenTree(unix.AT_FDCWD, v.Source,
		unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	check("copy the mount of "+v.Source, err)
	attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NODEV}
	if v.ReadOnly {
		attributes.Attr_set |= unix.MOUNT_ATTR_RDONLY
	}
	check("protect "+v.Source, unix.MountSetattr(v.tree, "",
		unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attributes))
}

// mount puts the copy into the new root.
func (v volume) mount() {
	check("make "+v.Target, os.MkdirAll(v.Target, 0o755))
	check("mount "+v.Target, unix.MoveMount(v.tree, "", unix.AT_FDCWD,
		v.Target, unix.MOVE_MOUNT_F_EMPTY_PATH))
	unix.Close(v.tree)
}
