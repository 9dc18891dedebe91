//go:build linux

package confine

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// User is whom a program runs as.
type User struct {
	UID, GID int
	Groups   []int  // supplementary
	Home     string // "/" if /etc/passwd does not say
}

const maxID = 1<<31 - 1 // some system calls take more for -1 or another negative number

// Lookup finds a user, given as USER or USER:GROUP, each by name or number, in /etc/passwd and /etc/group: those of the
// container, if called inside. A number need not be there. No user means root. If a group is given, there are no
// supplementary ones.
func Lookup(text string) (User, error) { return lookup(text, "/etc/passwd", "/etc/group") }

func lookup(text, passwd, group string) (User, error) {
	name, groupName, hasGroup := strings.Cut(text, ":")
	if name == "" {
		name = "0"
	}
	user := User{Home: "/"}
	// A line is name:password:UID:GID:comment:home:shell (passwd(5)).
	line, err := find(passwd, name)
	switch {
	case err != nil:
		return user, err
	case line != nil:
		name = line[0]
		if user.UID, err = parseID(line[2]); err == nil && line[3] != "" {
			user.GID, err = parseID(line[3])
		}
		if line[5] != "" {
			user.Home = line[5]
		}
	default:
		user.UID, err = parseID(name)
	}
	if err != nil {
		return user, fmt.Errorf("user %s: no such name in %s, and %w", name, passwd, err)
	}
	if hasGroup {
		line, err := find(group, groupName)
		if err == nil && line != nil {
			groupName = line[2]
		}
		if err == nil {
			user.GID, err = parseID(groupName)
		}
		if err != nil {
			return user, fmt.Errorf("group %s: no such name in %s, and %w", groupName, group, err)
		}
		return user, nil
	}
	// name:password:GID:user,user (group(5)).
	err = eachLine(group, func(line []string) bool {
		id, err := parseID(line[2])
		if err == nil && slices.Contains(strings.Split(line[3], ","), name) && !slices.Contains(user.Groups, id) {
			user.Groups = append(user.Groups, id)
		}
		return true
	})
	return user, err
}

// find returns the fields of the first line that has the name or, third, the number; nil if there is none.
func find(file, name string) ([]string, error) {
	var found []string
	_, notNumber := parseID(name)
	err := eachLine(file, func(line []string) bool {
		if line[0] == name || notNumber == nil && line[2] == name {
			found = line
		}
		return found == nil
	})
	return found, err
}

func parseID(text string) (int, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil || id > maxID {
		return 0, fmt.Errorf("%q is not a number up to %d", text, maxID)
	}
	return int(id), nil
}

// eachLine calls visit with the fields of each line, until it returns false. Images have lines that end early, after
// the home for example, which Docker takes too: what is missing is empty. A line without an ID is left out. A file that
// is missing is empty.
func eachLine(name string, visit func([]string) bool) error {
	// An image may have a FIFO there, whose opening would wait for ever.
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", name)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.Split(strings.TrimSpace(lines.Text()), ":")
		if len(line) < 3 {
			continue
		}
		const longest = 7 // passwd(5)
		for len(line) < longest {
			line = append(line, "")
		}
		if !visit(line) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// become makes the process run as a user. The groups come first, while it still has the right to change them.
func (u User) become() error {
	if u.UID != 0 {
		if err := u.takeStreams(); err != nil {
			return err
		}
	}
	// Package syscall makes each of these calls in all threads, which takes as long as a hundred others. Setgroups of
	// package unix changes the groups of this thread alone.
	if now, err := unix.Getgroups(); err != nil || !slices.Equal(now, u.Groups) {
		if err := syscall.Setgroups(u.Groups); err != nil {
			return fmt.Errorf("set groups %v: %w", u.Groups, err)
		}
	}
	if u.GID != unix.Getgid() || u.GID != unix.Getegid() {
		if err := syscall.Setresgid(u.GID, u.GID, u.GID); err != nil {
			return fmt.Errorf("set group %d: %w", u.GID, err)
		}
	}
	if u.UID != unix.Getuid() || u.UID != unix.Geteuid() {
		if err := syscall.Setresuid(u.UID, u.UID, u.UID); err != nil {
			return fmt.Errorf("set user %d: %w", u.UID, err)
		}
	}
	return nil
}

// takeStreams gives the user those standard streams that were made for the container, pipes and its own terminal, so
// that it can open them by name, as /dev/stderr.
func (u User) takeStreams() error {
	var pts unix.Stat_t
	unix.Stat("/dev/pts", &pts) // if it fails there is no terminal of the container's own
	for fd := range 3 {
		var stream unix.Stat_t
		if err := unix.Fstat(fd, &stream); err != nil {
			continue // closed
		}
		isPipe := stream.Mode&unix.S_IFMT == unix.S_IFIFO
		isTerminal := stream.Mode&unix.S_IFMT == unix.S_IFCHR && pts.Ino != 0 && stream.Dev == pts.Dev
		if !isPipe && !isTerminal {
			continue
		}
		if err := unix.Fchown(fd, u.UID, -1); err != nil {
			return fmt.Errorf("give standard stream %d to user %d: %w", fd, u.UID, err)
		}
	}
	return nil
}
