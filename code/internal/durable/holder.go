//go:build linux

package durable

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/proc"
)

// HeldError is the error for a lock that another process has, and will not give back soon.
type HeldError struct {
	PID       int    // 0: not known, as in another PID namespace
	Command   string // its command line
	Suspended bool   // by Ctrl-Z, say: it goes on when somebody resumes it
}

func (e *HeldError) Error() string {
	who := fmt.Sprintf("process %d (%s)", e.PID, e.Command)
	switch {
	case e.PID == 0:
		return "another process is at work on it"
	case e.Suspended:
		return fmt.Sprintf("%s is at work on it, and is suspended: "+
			"resume it (fg, or kill -CONT %d), or end it (kill -KILL %d)", who, e.PID, e.PID)
	}
	return who + " is at work on it"
}

// Unwrap returns [ErrLocked].
func (e *HeldError) Unwrap() error { return ErrLocked }

// Slow is told, with a [HeldError] in it, when a lock has been waited for for a while, and is waited for further. It
// may be nil.
var Slow func(error)

const (
	suspendedPatience = time.Second     // how long a suspended process is waited for
	slowPatience      = 5 * time.Second // how long one is waited for without a word
)

// wait waits for the lock on a file. Unless it is to wait for anybody, it gives up on a process that
// is suspended. flock(2) knows no time limit, so another thread calls it. If that comes too late, it
// gives the lock back.
func wait(file *os.File, anybody bool) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	got := make(chan error, 1)
	go func() { got <- flock(file, syscall.LOCK_EX) }()
	look := time.NewTicker(suspendedPatience)
	defer look.Stop()
	told := Slow == nil
	for began := time.Now(); ; {
		select {
		case err := <-got:
			return err
		case <-look.C:
		}
		holder := holderOf(info)
		if holder.Suspended && !anybody {
			go func() {
				<-got
				file.Close()
			}()
			return holder
		}
		if !told && time.Since(began) > slowPatience {
			told = true
			Slow(fmt.Errorf("wait for %s: %w", file.Name(), holder))
		}
	}
}

// Holder returns the process that has the lock on a file. Its PID is 0 if there is none, or if it cannot be told.
func Holder(name string) *HeldError {
	info, err := os.Stat(name)
	if err != nil {
		return &HeldError{}
	}
	return holderOf(info)
}

// holderOf looks for a file in the list of all locks (proc_locks(5)):
//
//	1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
//	1: -> FLOCK  ADVISORY  WRITE 1235 08:01:5678 0 EOF
//
// The second process waits for the first. The list names a file by device and inode, and on some
// filesystems by another device than stat(2) does. So it is what the process has open that
// decides.
func holderOf(file os.FileInfo) *HeldError {
	locks, err := os.ReadFile("/proc/locks")
	stat, known := file.Sys().(*syscall.Stat_t)
	if err != nil || !known {
		return &HeldError{}
	}
	inode := fmt.Sprintf(":%d", stat.Ino)
	for line := range strings.Lines(string(locks)) {
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[1] != "FLOCK" || !strings.HasSuffix(fields[5], inode) {
			continue
		}
		pid, err := strconv.Atoi(fields[4])
		if err == nil && hasOpen(pid, file) {
			return &HeldError{PID: pid, Command: commandLine(pid), Suspended: suspended(pid)}
		}
	}
	return &HeldError{}
}

// hasOpen reports whether a process has a file open.
func hasOpen(pid int, file os.FileInfo) bool {
	dir := fmt.Sprintf("/proc/%d/fd/", pid)
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if info, err := os.Stat(dir + entry.Name()); err == nil && os.SameFile(info, file) {
			return true
		}
	}
	return false
}

// suspended reports whether a process is stopped by a signal, or by a debugger (proc_pid_stat(5), state).
func suspended(pid int) bool {
	stat, err := proc.ReadStat(pid)
	return err == nil && stat.Suspended()
}

// commandLine is how a process was called, in so many words as fit a message.
func commandLine(pid int) string {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	words := strings.Fields(strings.ReplaceAll(string(content), "\x00", " "))
	const most = 60
	line := []rune(strings.Join(words, " "))
	if len(line) > most {
		line = append(line[:most-1], '…')
	}
	return string(line)
}
