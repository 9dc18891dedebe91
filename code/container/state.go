//go:build linux

package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/listing"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/proc"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
)

// State is what is known of a container. It is the content of its state.json.
type State struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Image      string    `json:"image"` // name:tag
	ImageID    string    `json:"image_id"`
	Status     Status    `json:"status"`
	PID        int       `json:"pid,omitempty"`        // of its PID 1, on the host, while it runs
	StartTime  uint64    `json:"start_time,omitempty"` // of that process, in ticks since boot; with
	Boot       string    `json:"boot,omitempty"`       // this it tells the process from a later one
	ExitCode   *int      `json:"exit_code,omitempty"`  // nil: has not ended, or without a monitor
	OOMKilled  bool      `json:"oom_killed"`           // the kernel has killed a process of it, for want of memory
	CreatedAt  time.Time `json:"created_at,omitzero"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Address    string    `json:"address,omitempty"` // on the bridge, while it runs
	Error      string    `json:"error,omitempty"`   // why it did not start, or what is wrong with it
	Lower      string    `json:"lower"`             // the image's root filesystem
	Process    Process   `json:"process"`
	Options    Options   `json:"options"`

	ended bool // seen just now, and not recorded yet
	lost  bool // it cannot be read
}

const stateFile = "state.json"

// ShortID is as much of the ID as people are shown.
func (s *State) ShortID() string { return short(s.ID) }

func short(id string) string { return id[:min(12, len(id))] }

// Summary is the status for people: Up 3 minutes.
func (s *State) Summary() string {
	up, ended := "Up "+listing.Ago(s.StartedAt), ""
	if !s.FinishedAt.IsZero() { // as it is when the state is lost
		ended = " " + listing.Ago(s.FinishedAt) + " ago"
	}
	switch {
	case s.Status == Created:
		return "Created"
	case s.ended:
		return "Ended (see inspect)"
	case s.Status == Running && s.Error != "":
		return up + " (see inspect)"
	case s.Status == Running && s.OOMKilled:
		return up + " (was out of memory)"
	case s.Status == Running:
		return up
	case s.ExitCode == nil:
		return "Exited (?)" + ended
	case s.OOMKilled:
		return fmt.Sprintf("Exited (%d, out of memory)", *s.ExitCode) + ended
	}
	return fmt.Sprintf("Exited (%d)", *s.ExitCode) + ended
}

// Ports are those of the host that lead to the container: only while it runs.
func (s *State) Ports() []nat.Port {
	if s.Status != Running || s.ended {
		return nil
	}
	return s.Options.Ports
}

// save writes the state so that it is there whole, or not at all, whenever the power goes.
func (r *Runtime) save(s *State) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = durable.Replace(filepath.Join(r.directory(s.ID), stateFile), append(content, '\n'))
	}
	if err != nil {
		return fmt.Errorf("save state of %s in %s: %w", s.Name, r.containers(), withoutPath(err))
	}
	return nil
}

// load reads the state of a container. Its error is fs.ErrNotExist if there is none.
func (r *Runtime) load(id string) (*State, error) {
	content, err := os.ReadFile(filepath.Join(r.directory(id), stateFile))
	if err != nil {
		return nil, err
	}
	state, err := parseState(content)
	if err == nil && state.ID != id {
		err = fmt.Errorf("it is of %s", short(state.ID))
	}
	if err != nil {
		// It can still be removed, and must not be in the way of the others.
		state = unknownState(id)
		state.lost = true
		state.Error = fmt.Sprintf("its state cannot be read: %s: %v", filepath.Join(r.directory(id), stateFile), err)
		r.findProcess(state)
	}
	return state, nil
}

// findProcess looks for the process of a container whose state is lost: its monitor has it as a child. So the container
// can still be stopped.
func (r *Runtime) findProcess(state *State) {
	monitor := durable.Holder(r.activePath(state.ID))
	if monitor.PID == 0 {
		return
	}
	children, err := proc.Children(monitor.PID)
	children = slices.DeleteFunc(children, func(pid int) bool { return !proc.IsInit(pid) })
	if err != nil || len(children) != 1 { // a monitor of several could have any
		return
	}
	if found, err := proc.Identify(children[0]); err == nil {
		state.Status = Running
		state.PID, state.StartTime, state.Boot = found.PID, found.StartTime, found.Boot
		state.Options.NoLimits = cgroup.Check() != nil
	}
}

// unknownState is the state of a container whose state is lost: it may have had anything.
func unknownState(id string) *State {
	anything := Options{Network: NetworkBridge, Ports: make([]nat.Port, 1)}
	return &State{ID: id, Name: short(id), Status: Stopped, Options: anything}
}

// parseState reads a state.json. It refuses whatever the rest of this package could not rely on.
func parseState(content []byte) (*State, error) {
	var s State
	if err := json.Unmarshal(content, &s); err != nil {
		return nil, err
	}
	switch {
	case !validID(s.ID):
		return nil, fmt.Errorf("%q is not an ID", s.ID)
	case !validName(s.Name):
		return nil, fmt.Errorf("%q is not a name", s.Name)
	case s.Status == absent || transitions[s.Status] == nil:
		return nil, fmt.Errorf("there is no status %q", s.Status)
	case s.Status == Running && s.PID <= 1 && s.PID != os.Getpid():
		// 0 and negative numbers are groups of processes, to which Stop would send signals (kill(2)).
		return nil, fmt.Errorf("a running container cannot have PID %d", s.PID)
	case s.Status != Running && s.PID != 0:
		return nil, fmt.Errorf("a %s container cannot have PID %d", s.Status, s.PID)
	case !filepath.IsAbs(s.Lower):
		return nil, fmt.Errorf("root filesystem %q is not absolute", s.Lower)
	case len(s.Process.Args) == 0:
		return nil, errors.New("there is no program")
	}
	return &s, nil
}

// alive reports whether the container's process is there.
func (s *State) alive() bool { return s.Status == Running && s.identity().Alive() }

// identity is the container's process, while it runs.
func (s *State) identity() proc.Identity {
	return proc.Identity{PID: s.PID, StartTime: s.StartTime, Boot: s.Boot}
}

// exists reports whether a file is there.
func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}
