//go:build linux

package container

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

// checkVolumes refuses binds that cannot be.
func checkVolumes(binds []rootfs.Bind) error {
	for index, bind := range binds {
		switch {
		case !filepath.IsAbs(bind.Source) || !filepath.IsAbs(bind.Target):
			return fmt.Errorf("volume %s:%s: both paths must be absolute", bind.Source, bind.Target)
		case filepath.Clean(bind.Target) == "/":
			return fmt.Errorf("volume %s:%s: cannot be the root itself", bind.Source, bind.Target)
		case taken(bind.Target, binds[:index]):
			return fmt.Errorf("volume %s:%s: another is to be at the same place", bind.Source, bind.Target)
		}
	}
	return nil
}

// taken reports whether one of the binds has a target.
func taken(target string, binds []rootfs.Bind) bool {
	return slices.ContainsFunc(binds, func(other rootfs.Bind) bool {
		return filepath.Clean(other.Target) == filepath.Clean(target)
	})
}

// inOrder is the order to mount binds in: one that is below another after it, which would hide it otherwise, as in
// Docker; and the runtime's own, which are files, on top of all.
func inOrder(wanted, own []rootfs.Bind) []rootfs.Bind {
	depth := func(b rootfs.Bind) int { return strings.Count(filepath.Clean(b.Target), "/") }
	sorted := slices.SortedStableFunc(slices.Values(wanted), func(a, b rootfs.Bind) int {
		return cmp.Compare(depth(a), depth(b))
	})
	return append(sorted, own...)
}

// makeSources makes the directories that are to be bound and are missing on the host.
func makeSources(binds []rootfs.Bind) error {
	for _, bind := range binds {
		if err := makeSource(bind.Source); err != nil {
			return fmt.Errorf("make source of volume: %w", err)
		}
	}
	return nil
}

// makeSource makes a directory that is missing, with those above it, as Docker does for -v: for
// users other than root as well, whatever the umask of the one who started the container is.
func makeSource(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil // whatever is wrong with it, to bind it will say
	}
	if err := makeSource(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) { // another container had it made just now
			return nil
		}
		return err
	}
	return os.Chmod(dir, 0o755)
}
