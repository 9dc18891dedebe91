//go:build linux

package container

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/nearest"
)

// longestName is more than anybody types. Docker has no bound.
const longestName = 255

// validName reports whether a container can have a name. It is Docker's rule, and excludes whatever has a meaning in a
// path.
func validName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return name != "" && len(name) <= longestName && strings.Trim(name, letters+"_.-") == "" &&
		strings.ContainsRune(letters, rune(name[0]))
}

// idLength is the length of an ID, which is in hexadecimal digits.
const idLength = 64

func newID() string {
	for {
		bytes := make([]byte, idLength/2)
		rand.Read(bytes)
		id := hex.EncodeToString(bytes)
		// One all of digits would be a hostname that looks like an address, as Docker found out.
		if strings.Trim(short(id), "0123456789") != "" {
			return id
		}
	}
}

func validID(id string) bool {
	return len(id) == idLength && strings.Trim(id, "0123456789abcdef") == ""
}

// List returns all containers, the newest first. If one has ended without a monitor, that is recorded on the way.
func (r *Runtime) List() ([]*State, error) {
	ids, err := r.ids()
	if err != nil {
		return nil, err
	}
	var states []*State
	for _, id := range ids {
		state, err := r.refresh(id)
		switch {
		case err == nil:
			states = append(states, state)
		// If there is no such file, the container was removed in the meantime, or is half made.
		case !errors.Is(err, fs.ErrNotExist) && !errors.As(err, new(*NotFoundError)):
			return nil, err
		}
	}
	slices.SortStableFunc(states, func(a, b *State) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return states, nil
}

// ids returns the names of the directories of containers.
func (r *Runtime) ids() ([]string, error) {
	entries, err := os.ReadDir(r.containers())
	if err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	var ids []string
	for _, entry := range entries {
		if validID(entry.Name()) {
			ids = append(ids, entry.Name())
		}
	}
	return ids, nil
}

// refresh loads a state and brings it up to date: a program may have ended since it was written.
func (r *Runtime) refresh(id string) (*State, error) {
	state, err := r.load(id)
	if err != nil || state.Status != Running {
		return state, err
	}
	alive, monitored := state.alive(), r.hasMonitor(id)
	switch {
	case alive && !monitored:
		state.Error = "its monitor was killed: its output is lost, and its exit code will be"
	case !alive && monitored:
		// The monitor is about to record the end.
		if r.monitorSuspended(id) || !r.awaitMonitor(id) {
			return state.markEnded(), nil
		}
		return r.recordEndUnlessSuspended(state) // the monitor may have been killed before it did
	case !alive:
		return r.recordEndUnlessSuspended(state)
	}
	if !state.Options.NoLimits { // the kernel may have killed another of its processes than PID 1
		kills, err := cgroup.Open(id).OOMKills()
		state.OOMKilled = err == nil && kills > 0
	}
	return state, nil
}

// recordMissedEnd records the end of a container that has no monitor.
func (r *Runtime) recordMissedEnd(ctx context.Context, id string, lock lockFunc) (*State, error) {
	held, state, err := r.lockContainerWith(ctx, lock, id)
	if err != nil {
		return nil, err
	}
	defer held.unlock()
	if state.Status == Running && !state.alive() && !r.hasMonitor(id) {
		// This may fail, for example on a full disk, and then it must still be possible to remove the container.
		if err := r.markStopped(state, nil); err != nil {
			state.Error = fmt.Sprintf("it has ended, which cannot be noted down: %v", err)
		} else if state.Options.Remove {
			return nil, &NotFoundError{Ref: state.Name}
		}
	}
	return state, nil
}

// Find returns the container with a name, an ID or the beginning of one.
func (r *Runtime) Find(ref string) (*State, error) {
	if validID(ref) {
		if state, err := r.refresh(ref); !errors.Is(err, fs.ErrNotExist) {
			return state, err
		}
	}
	states, err := r.List()
	if err != nil {
		return nil, err
	}
	var begin []*State
	var names []string
	for _, state := range states {
		if state.Name == ref {
			return state, nil
		}
		if ref != "" && strings.HasPrefix(state.ID, ref) {
			begin = append(begin, state)
		}
		names = append(names, state.Name)
	}
	switch len(begin) {
	case 0:
		return nil, &NotFoundError{Ref: ref, Near: nearest.To(ref, names)}
	case 1:
		return begin[0], nil
	}
	return nil, fmt.Errorf("%d containers have IDs that begin with %s: give more of it", len(begin), ref)
}

// Found is a container or an image: one of both is set.
type Found struct {
	Container *State
	Image     *image.Image
}

// FindAny returns the container with a name, an ID or the beginning of one, or otherwise the image. If there is
// neither, it is a [NothingFoundError].
func (r *Runtime) FindAny(ref string) (Found, error) {
	state, err := r.Find(ref)
	var missing *NotFoundError
	if !errors.As(err, &missing) {
		return Found{Container: state}, err
	}
	found, err := r.images.Find(ref)
	if !errors.As(err, new(*image.NotFoundError)) {
		return Found{Image: &found}, err
	}
	images, err := r.images.List()
	if err != nil {
		return Found{}, err
	}
	var names []string
	for _, other := range images {
		names = append(names, other.Ref(), other.Name)
	}
	return Found{}, &NothingFoundError{Ref: ref, Near: cmp.Or(missing.Near, nearest.To(ref, names))}
}

// Words that names are made of.
var (
	adjectives = strings.Fields("black bold brave bright calm curly dozing fleecy gentle grazing hardy horned jolly " +
		"kind leaping merry nimble proud quiet shorn shy soft spotted stray sturdy white wild wise woolly young")
	breeds = strings.Fields("barbary border cheviot clun corriedale dorset drenthe " +
		"gotland hampshire icelandic jacob karakul leicester lincoln manx masham merino romney ryeland shetland soay " +
		"suffolk texel wensleydale")
)

// chooseName checks that no other container has the name, or makes one up. The caller holds the lock on all containers.
func (r *Runtime) chooseName(state *State) error {
	ids, err := r.ids()
	if err != nil {
		return err
	}
	taken := map[string]string{}
	for _, id := range ids {
		if other, err := r.load(id); err == nil {
			taken[other.Name] = other.ID
		}
	}
	if state.Name != "" {
		if length := len(state.Name); length > longestName {
			return &OptionError{"name", fmt.Errorf("a name of %d letters is too long: %d are the most", length,
				longestName)}
		}
		if !validName(state.Name) {
			return &OptionError{"name", fmt.Errorf("%q cannot be a name: letters, digits and _ . - can be in one, "+
				"the first a letter or digit", state.Name)}
		}
		if id, found := taken[state.Name]; found {
			return fmt.Errorf("the name %s is taken by container %s: remove that one, or choose another name",
				state.Name, short(id))
		}
		return nil
	}
	for suffix := ""; ; suffix = fmt.Sprint(mathrand.IntN(1000)) {
		name := adjectives[mathrand.IntN(len(adjectives))] + "_" + breeds[mathrand.IntN(len(breeds))] + suffix
		if _, found := taken[name]; !found {
			state.Name = name
			return nil
		}
	}
}
