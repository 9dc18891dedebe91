//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Tmpfs is an empty file system in memory, over whatever the image has in its place.
type Tmpfs struct {
	Target  string   `json:"target"`            // in the container; made if it is missing
	Options []string `json:"options,omitempty"` // as [ParseTmpfs] takes them
}

// tmpfsFlags are the options of mount(8) that are flags of the mount.
var tmpfsFlags = map[string]struct{ set, clear uintptr }{
	"ro": {unix.MS_RDONLY, 0}, "rw": {0, unix.MS_RDONLY},
	"noexec": {unix.MS_NOEXEC, 0}, "exec": {0, unix.MS_NOEXEC},
	"nosuid": {unix.MS_NOSUID, 0}, "suid": {0, unix.MS_NOSUID},
	"nodev": {unix.MS_NODEV, 0}, "dev": {0, unix.MS_NODEV},
}

// tmpfsValues are those of tmpfs(5) that take a value.
var tmpfsValues = []string{"size", "mode", "uid", "gid", "nr_inodes", "nr_blocks"}

// ParseTmpfs reads a tmpfs as docker's users write it: target[:option,option…].
func ParseTmpfs(text string) (Tmpfs, error) {
	target, options, given := strings.Cut(text, ":")
	made := Tmpfs{Target: target}
	if given {
		made.Options = strings.Split(options, ",")
	}
	return made, made.Check()
}

// Check returns an error for what no tmpfs can be.
func (t Tmpfs) Check() error {
	if !path.IsAbs(t.Target) {
		return errors.New("must be TARGET or TARGET:OPTION,…, such as /run:size=64m,exec")
	}
	for _, option := range t.Options {
		name, value, hasValue := strings.Cut(option, "=")
		_, isFlag := tmpfsFlags[option]
		if !isFlag && !(hasValue && value != "" && slices.Contains(tmpfsValues, name)) {
			return fmt.Errorf("a tmpfs has no option %q", option)
		}
	}
	return nil
}

func (t Tmpfs) place() (target string, last bool) { return t.Target, false }

// mount mounts it. Unless the options say otherwise it has the mode of the directory that it covers, as runc does it,
// and as Docker does it without programs, devices or set-user-ID bits that work.
func (t Tmpfs) mount(root *os.File) error {
	fail := func(err error) error { return fmt.Errorf("mount tmpfs on %s: %w", t.Target, err) }
	if err := t.Check(); err != nil {
		return fail(err)
	}
	target, made, err := t.open(root)
	if err != nil {
		return fail(err)
	}
	defer target.Close()
	if err := refuse(root, target); err != nil {
		return fail(err)
	}
	var flags uintptr = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	var data []string
	if info, err := target.Stat(); err == nil && !made {
		data = append(data, fmt.Sprintf("mode=%o", modeOf(info)))
	}
	for _, option := range t.Options {
		if flag, found := tmpfsFlags[option]; found {
			flags = flags&^flag.clear | flag.set
		} else {
			data = append(data, option) // of two modes the later holds
		}
	}
	if err := unix.Mount("tmpfs", pathOf(target), "tmpfs", flags, strings.Join(data, ",")); err != nil {
		return fail(err)
	}
	return nil
}

// open opens the place, and reports whether it had to be made.
func (t Tmpfs) open(root *os.File) (target *os.File, made bool, err error) {
	if target, err = resolve(root, path.Clean(t.Target), unix.O_PATH|unix.O_DIRECTORY, resolveInRoot); err == nil {
		return target, false, nil
	}
	target, err = makeTarget(root, t.Target, true, resolveInRoot)
	return target, true, err
}

// modeOf is the mode of a directory as chmod(1) takes it.
func modeOf(info os.FileInfo) uint32 {
	mode := uint32(info.Mode().Perm())
	for bit, set := range map[os.FileMode]uint32{os.ModeSticky: 0o1000, os.ModeSetgid: 0o2000, os.ModeSetuid: 0o4000} {
		if info.Mode()&bit != 0 {
			mode |= set
		}
	}
	return mode
}
