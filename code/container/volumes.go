//go:build linux

package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

// checkVolumes refuses binds and file systems in memory that cannot be, with an [OptionError].
func checkVolumes(o Options) error {
	refuse := func(field, format string, arguments ...any) error {
		return &OptionError{field, fmt.Errorf(format, arguments...)}
	}
	for index, bind := range o.Binds {
		switch {
		case !filepath.IsAbs(bind.Source) || !filepath.IsAbs(bind.Target):
			return refuse("binds", "volume %s:%s: both paths must be absolute", bind.Source, bind.Target)
		case filepath.Clean(bind.Target) == "/":
			return refuse("binds", "volume %s:%s: cannot be the root itself", bind.Source, bind.Target)
		case taken(bind.Target, o.Binds[:index]):
			return refuse("binds", "volume %s:%s: another is to be at the same place", bind.Source, bind.Target)
		}
	}
	for index, tmpfs := range o.Tmpfs {
		again := slices.ContainsFunc(o.Tmpfs[:index], func(other rootfs.Tmpfs) bool {
			return filepath.Clean(other.Target) == filepath.Clean(tmpfs.Target)
		})
		switch err := tmpfs.Check(); {
		case err != nil:
			return refuse("tmpfs", "%s: %w", tmpfs.Target, err)
		case filepath.Clean(tmpfs.Target) == "/":
			return refuse("tmpfs", "%s: cannot be the root itself", tmpfs.Target)
		case again || taken(tmpfs.Target, o.Binds):
			return refuse("tmpfs", "%s: another is to be at the same place", tmpfs.Target)
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
