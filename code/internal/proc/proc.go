//go:build linux

// Package proc reads what the kernel tells of processes in /proc: the few fields that a runtime asks for, parsed in one
// place.
//
// A process ID alone does not name a process: when one has ended, the kernel gives its number to another. [Identity]
// names one.
//
// See proc_pid_stat(5), proc_pid_status(5), proc_sys_kernel(5).
package proc

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Stat is what /proc/PID/stat says of a process.
type Stat struct {
	State      byte   // R, S, D: it runs, or waits; T, t: a signal, or a debugger, has stopped it; Z, X: it has ended
	Parent     int    // PID of its parent
	Group      int    // ID of its process group
	Foreground int    // ID of the process group in the foreground of its terminal; -1 if it has none
	StartTime  uint64 // in clock ticks since the machine started
}

// Ended reports whether the process only waits for its parent to ask for its exit status.
func (s Stat) Ended() bool { return s.State == 'Z' || s.State == 'X' }

// Suspended reports whether a signal or a debugger has stopped the process.
func (s Stat) Suspended() bool { return s.State == 'T' || s.State == 't' }

// ReadStat reads the stat file of a process. Its error is fs.ErrNotExist, or syscall.ESRCH, if there is none.
func ReadStat(pid int) (Stat, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Stat{}, err
	}
	stat, err := parseStat(string(content))
	if err != nil {
		return Stat{}, fmt.Errorf("/proc/%d/stat is not as proc_pid_stat(5) says: %w", pid, err)
	}
	return stat, nil
}

// parseStat parses the content of a stat file. The manual counts its fields from 1.
func parseStat(text string) (s Stat, err error) {
	// The second field is the program's name in brackets. It may contain spaces and brackets itself.
	at := strings.LastIndex(text, ") ")
	fields := strings.Fields(text[at+1:]) // from the third on
	if at < 0 || len(fields) < 20 {
		return Stat{}, errors.New("it has too few fields")
	}
	s.State = fields[0][0]
	for _, field := range []struct {
		number int
		value  *int
	}{{4, &s.Parent}, {5, &s.Group}, {8, &s.Foreground}} {
		if *field.value, err = strconv.Atoi(fields[field.number-3]); err != nil {
			return Stat{}, err
		}
	}
	s.StartTime, err = strconv.ParseUint(fields[22-3], 10, 64)
	return s, err
}

// Children returns the PIDs of the children of a process.
func Children(parent int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var children []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue // not a process
		}
		if stat, err := ReadStat(pid); err == nil && stat.Parent == parent {
			children = append(children, pid)
		}
	}
	return children, nil
}

// Catches reports whether a process has a handler for a signal (proc_pid_status(5), SigCgt). One that has ended is said
// to have one: nothing is left for the signal to do.
func Catches(pid int, signal syscall.Signal) bool {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(content), "\nSigCgt:")
	mask, _, _ := strings.Cut(rest, "\n")
	caught, err := strconv.ParseUint(strings.TrimSpace(mask), 16, 64)
	return err != nil || caught>>(signal-1)&1 == 1
}

// IsInit reports whether a process is PID 1 of a PID namespace below this one (proc_pid_status(5), NSpid).
func IsInit(pid int) bool {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(content), "\nNSpid:")
	line, _, _ := strings.Cut(rest, "\n")
	numbers := strings.Fields(line)
	return len(numbers) > 1 && numbers[len(numbers)-1] == "1"
}

// InForeground reports whether a process gets the signals of its terminal's keys: its process group is the one in the
// foreground.
func InForeground(pid int) bool {
	stat, err := ReadStat(pid)
	return err == nil && stat.Group == stat.Foreground
}

// Identity tells a process from all others, those that get the same number later among them.
type Identity struct {
	PID       int
	StartTime uint64 // as in [Stat]
	Boot      string // see [BootID]
}

// Identify returns the identity of a process that is there now.
func Identify(pid int) (Identity, error) {
	stat, err := ReadStat(pid)
	if err != nil {
		return Identity{}, fmt.Errorf("identify process: %w", err)
	}
	return Identity{PID: pid, StartTime: stat.StartTime, Boot: BootID()}, nil
}

// Alive reports whether the process is there and has not ended.
func (i Identity) Alive() bool {
	if i.Boot != BootID() {
		return false
	}
	// Signal 0 is sent to nobody, but the kernel looks for the process all the same (kill(2)).
	if err := syscall.Kill(i.PID, 0); errors.Is(err, syscall.ESRCH) {
		return false
	}
	stat, err := ReadStat(i.PID)
	return err == nil && !stat.Ended() && stat.StartTime == i.StartTime
}

// BootID is different after each start of the machine, when the kernel begins to count its ticks from 0 again.
func BootID() string {
	content, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(content))
}
