//go:build linux

// Package cgroup (chapter 4) limits what the processes of a container may use: memory, CPU time, and how many they are.
//
// Read first: [New], [Limits], [Group.Kill].
//
// Namespaces hide the rest of the machine from a process; nothing in them keeps it from eating all of it. That is what
// control groups are for. A group is a directory in a file system of the kernel's, a limit is a number written to a
// file in it, and what happened can be read from other files. [New] makes one group a container and writes its
// [Limits]. The container's first process is born in the group ([Group.File], clone3(2) with CLONE_INTO_CGROUP), so
// that no instruction of it runs unlimited, and what it forks is born there too.
//
// A group has a limit's file only if its parent hands the controller down, and the parent can do that only if it was
// handed down to it: controllers are enabled from the root downwards. A group that hands controllers down holds no
// processes itself. The groups of containers are therefore leaves, all below one inner group.
//
// Which devices a container may open is also a matter of its group: [Group.AllowDevices].
//
// # Caveats
//
// Only cgroup v2 is supported; where it is missing, [Check] says how to boot with it. Nothing limits how fast a
// container may use the disk or the network. What the kernel keeps for a container outside its group, such as the pages
// of a file that another group read first, is not counted. A group is told from another by its name alone.
//
// See cgroups(7), bpf(2) and the kernel's documentation, "Control Group v2".
package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// root is where systemd, and everything that follows its example, mounts cgroup v2. Tests put another directory in its
// place.
var root = "/sys/fs/cgroup"

// inner is the name of the group whose children are the containers' groups.
const inner = "sheep"

// controllers are what the limits need.
var controllers = []string{"cpu", "memory", "pids"}

// ErrUnavailable is the error of a machine that cannot limit containers.
var ErrUnavailable = errors.New("containers cannot be limited on this machine")

// Group is the control group of one container.
type Group struct{ id string }

// cgroup2Magic is the type of the file system, as statfs(2) has it.
const cgroup2Magic = 0x63677270

// Check returns nil if containers can be limited here, or an error that wraps [ErrUnavailable]
// and says what to do.
func Check() error {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(root, &stat); err != nil {
		return fmt.Errorf("%w: cgroup v2 is not mounted: statfs %s: %w", ErrUnavailable, root, err)
	}
	if int64(stat.Type) != cgroup2Magic {
		// Version 1 has a hierarchy for each controller. A controller is in one hierarchy only: where
		// version 1 has it, version 2 does not, even if that is mounted somewhere as well.
		return fmt.Errorf("%w: %s is not cgroup v2; boot the kernel with systemd.unified_cgroup_hierarchy=1, or where "+
			"there is no systemd, with cgroup_no_v1=all, and mount cgroup2 there", ErrUnavailable, root)
	}
	have, err := words(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for _, controller := range controllers {
		if !slices.Contains(have, controller) {
			return fmt.Errorf("%w: cgroup v2 on %s lacks the %s controller (it has: %s); boot with "+
				"cgroup_no_v1=%[3]s, and cgroup_enable=%[3]s where it is off",
				ErrUnavailable, root, controller, strings.Join(have, ", "))
		}
	}
	return nil
}

// New makes a container's group with its limits. A group of that name must not exist: what a
// killed runtime left behind is for [Group.Remove]. After an error there is no group.
func New(id string, limits Limits) (*Group, error) {
	g := Open(id)
	if err := g.valid(); err != nil {
		return nil, err
	}
	files, err := limits.files()
	if err != nil {
		return nil, err
	}
	if err := Check(); err != nil {
		return nil, err
	}
	parent := filepath.Dir(g.Dir())
	if err := enable(root); err != nil {
		return nil, err
	}
	if err := mkdir(parent); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make cgroup of all containers: %w", err)
	}
	if err := enable(parent); err != nil {
		return nil, err
	}
	crash.Point("cgroup/enable-controllers")
	if err := mkdir(g.Dir()); err != nil {
		return nil, fmt.Errorf("make cgroup of container: %w", err)
	}
	crash.Point("cgroup/make")
	for _, file := range files {
		err := write(filepath.Join(g.Dir(), file.name), file.value)
		if file.optional && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			syscall.Rmdir(g.Dir())
			return nil, fmt.Errorf("limit container: %w", err)
		}
	}
	return g, nil
}

// enable hands the controllers down from a group to its children. The group
// must have them itself.
func enable(dir string) error {
	file := filepath.Join(dir, "cgroup.subtree_control")
	have, err := words(file)
	if err != nil {
		return fmt.Errorf("enable controllers: %w", err)
	}
	var missing []string
	for _, controller := range controllers {
		if !slices.Contains(have, controller) {
			missing = append(missing, "+"+controller)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	err = write(file, strings.Join(missing, " "))
	if errors.Is(err, syscall.EBUSY) && dir == root {
		// The true root may hold processes. What looks like the root in a
		// cgroup namespace, as inside a container of Docker's, may not:
		// they move to a child, where all of the root's limits hold too.
		if err = evacuate(dir, filepath.Join(dir, "init")); err == nil {
			err = write(file, strings.Join(missing, " "))
		}
	}
	if errors.Is(err, syscall.EBUSY) {
		return fmt.Errorf("enable controllers: %w; "+
			"processes are in that group itself, move them to another", err)
	}
	if err != nil {
		return fmt.Errorf("enable controllers: %w", err)
	}
	return nil
}

// mkdir makes a group that every user may look into, as in other groups, whatever the umask is: programs in a container
// find their limits there.
func mkdir(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// evacuate moves all processes of a group to another, which it makes if it is missing.
func evacuate(from, to string) error {
	if err := mkdir(to); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make group for the processes in %s: %w", from, err)
	}
	for range 100 { // a child forked in between shows up in the next turn
		pids, err := words(filepath.Join(from, "cgroup.procs"))
		if err != nil || len(pids) == 0 {
			return err
		}
		for _, pid := range pids {
			err := write(filepath.Join(to, "cgroup.procs"), pid)
			if err != nil && !errors.Is(err, syscall.ESRCH) { // it has ended
				return fmt.Errorf("move process %s out of %s: %w", pid, from, err)
			}
		}
	}
	return fmt.Errorf("move processes out of %s: new ones keep appearing", from)
}

// Open returns the group of a container, whether it exists or not.
func Open(id string) *Group { return &Group{id} }

// Dir returns the directory that is the group.
func (g *Group) Dir() string { return filepath.Join(root, inner, g.id) }

// valid refuses an ID that would make the group another one: none would be the parent of all.
func (g *Group) valid() error {
	if g.id == "" || g.id == "." || g.id == ".." || strings.ContainsAny(g.id, "/\n") {
		return fmt.Errorf("cgroup of container: invalid name %q", g.id)
	}
	return nil
}

// File opens the group, for the UseCgroupFD and CgroupFD of [syscall.SysProcAttr]: a process that is started with them
// is born in the group. The caller closes it.
func (g *Group) File() (*os.File, error) {
	dir, err := os.OpenFile(g.Dir(), os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return nil, fmt.Errorf("open cgroup of container: %w", err)
	}
	return dir, nil
}

// PIDs returns the processes in the group and in groups that the container made below it, as the caller's PID namespace
// numbers them.
func (g *Group) PIDs() ([]int, error) {
	groups, err := g.tree()
	if err != nil {
		return nil, fmt.Errorf("list processes of container: %w", err)
	}
	var pids []int
	for _, dir := range groups {
		fields, err := words(filepath.Join(dir, "cgroup.procs"))
		if dir != g.Dir() && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) ||
			errors.Is(err, syscall.EOPNOTSUPP)) {
			continue // it was removed in between, or its threads count as processes of a group above it
		}
		if err != nil {
			return nil, fmt.Errorf("list processes of container: %w", err)
		}
		for _, field := range fields {
			pid, err := strconv.Atoi(field)
			if err != nil {
				return nil, fmt.Errorf("list processes of container: %w", err)
			}
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// tree returns the directories of the group and of all groups below it, each before its children.
func (g *Group) tree() ([]string, error) {
	var groups []string
	err := filepath.WalkDir(g.Dir(), func(path string, entry fs.DirEntry, err error) error {
		if path != g.Dir() && errors.Is(err, fs.ErrNotExist) {
			return nil // it was removed in between
		}
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return err
	})
	return groups, err
}

// write writes a value to one of the kernel's files, in one write(2) as it wants it. Unlike os.WriteFile it does not
// try to make a file that is missing, which would look like a lack of rights.
func write(file, value string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(value); err != nil {
		return fmt.Errorf("write %q to %s: %w", value, file, errors.Unwrap(err))
	}
	return nil
}

// words returns the words in a file.
func words(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	return strings.Fields(string(content)), err
}
