//go:build linux

package image

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/nearest"
)

const (
	manifestName = "manifest.json"
	rootfsName   = "rootfs"
	idLength     = 12
)

// Store is a directory of images. Several processes may use it at once.
type Store struct {
	Limits archive.Limits // for all that is unpacked
	Note   func(error)    // called with what the user should know of an operation that went well; may be nil
	dir    string
	noted  sync.Map // ids of damaged images that Note was told of
}

// manifest is the content of manifest.json. An image can have several names; Name and Tag of Image are the newest.
type manifest struct {
	Image
	Names []claim `json:"names"`

	damage *DamagedError // nil: none; otherwise only the ID and the place of the root filesystem are known
}

// claim is a name that an image has had since a moment. Where two images claim one name, the younger claim holds: so
// giving a name to another image is one step, and the older claim may be deleted later, or never.
type claim struct {
	Ref   string    `json:"ref"`
	Since time.Time `json:"since"`
}

// Open takes a directory as a store, making it if there is none, and removes what killed commands left half done.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open image store: %w", err)
	}
	s := &Store{Limits: archive.DefaultLimits, dir: dir}
	// Set-user-ID programs of images must not be in anyone's reach: closed, and closed again if it was open.
	for _, name := range []string{dir, filepath.Join(dir, stagingName)} {
		if err := os.MkdirAll(name, 0o700); err != nil {
			return nil, fmt.Errorf("open image store: %w", err)
		}
		info, err := os.Stat(name)
		if err == nil && info.Mode().Perm() != 0o700 { // looking at images is to work where nothing can be written
			err = os.Chmod(name, 0o700)
		}
		if err != nil {
			return nil, fmt.Errorf("open image store: %w", err)
		}
	}
	return s, s.sweep()
}

// commit makes an image of a staging directory with a complete rootfs, or
// gives the name to the image that is there already with the same content.
// The rename is the moment from which on the image exists, with its name.
func (s *Store) commit(ctx context.Context, from *staging, image Image,
	ref reference) (Image, error) {
	lock, err := durable.LockDirectory(s.dir)
	if err != nil {
		return Image{}, fmt.Errorf("lock image store: %w", err)
	}
	defer lock.Close()
	all, err := s.load()
	if err != nil {
		return Image{}, err
	}
	entry := manifest{Image: image}
	target := filepath.Join(s.dir, image.ID)
	known := slices.IndexFunc(all, func(m manifest) bool {
		return m.ID == image.ID
	})
	if known >= 0 {
		entry.Names = all[known].Names
		entry.Digest = cmp.Or(image.Digest, all[known].Digest)
		entry.Size = cmp.Or(all[known].Size, image.Size)
	}
	entry.Rootfs = filepath.Join(target, rootfsName)
	entry.claim(ref, all)
	if known >= 0 {
		if err := s.writeManifest(entry, target); err != nil {
			return Image{}, err
		}
	} else {
		content, err := entry.encode()
		if err == nil {
			name := filepath.Join(from.dir, manifestName)
			err = os.WriteFile(name, content, 0o600)
		}
		if err != nil {
			return Image{}, fmt.Errorf("write manifest: %w", err)
		}
		crash.Point("image/manifest")
		// One call writes out all files of the image; a call for each of
		// them would take many times as long.
		if err := unix.Syncfs(int(from.lock.Fd())); err != nil {
			return Image{}, fmt.Errorf("sync image: %w", err)
		}
		// Writing out takes long, and this is the last moment to give up.
		if err := ctx.Err(); err != nil {
			return Image{}, fmt.Errorf("put image in place: %w", err)
		}
		crash.Point("image/sync")
		if err := os.Rename(from.dir, target); err != nil {
			return Image{}, fmt.Errorf("put image in place: %w", err)
		}
	}
	crash.Point("image/rename")
	if err := lock.Sync(); err != nil {
		return Image{}, fmt.Errorf("sync image store: %w", err)
	}
	crash.Point("image/commit")
	return entry.Image, s.dropClaims(all, ref.String(), image.ID)
}

// youngest is a moment younger than all claims, even when the clock was set back.
func youngest(all []manifest) time.Time {
	now := time.Now().UTC()
	for _, m := range all {
		for _, c := range m.Names {
			if !now.After(c.Since) {
				now = c.Since.Add(time.Nanosecond)
			}
		}
	}
	return now
}

// dropClaims takes a name from all images but one.
func (s *Store) dropClaims(all []manifest, ref, except string) error {
	for _, m := range all {
		had := len(m.Names)
		m.Names = slices.DeleteFunc(m.Names, func(c claim) bool { return c.Ref == ref })
		if m.ID == except || len(m.Names) == had {
			continue
		}
		if err := s.writeManifest(m.renamed(), filepath.Join(s.dir, m.ID)); err != nil {
			return err
		}
		crash.Point("image/unname")
	}
	return nil
}

// renamed is a manifest whose name is the newest that it has.
func (m manifest) renamed() manifest {
	m.Name, m.Tag = "", ""
	if len(m.Names) > 0 {
		newest := slices.MaxFunc(m.Names, func(a, b claim) int { return a.Since.Compare(b.Since) })
		ref, _ := parseReference(newest.Ref)
		m.Name, m.Tag = ref.name, ref.tag
	}
	return m
}

// encode writes a manifest so that people can read it too.
func (m manifest) encode() ([]byte, error) {
	content, err := json.MarshalIndent(m, "", "  ")
	return append(content, '\n'), err
}

// writeManifest replaces a manifest: written aside, synced and renamed.
func (s *Store) writeManifest(m manifest, dir string) error {
	content, err := m.encode()
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := durable.Replace(filepath.Join(dir, manifestName), content); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}

// load reads all manifests, also what there is of damaged ones. Names that another image claims later are left out.
func (s *Store) load() ([]manifest, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list images: %w", err)
	}
	var all []manifest
	holder := make(map[string]time.Time)
	for _, entry := range entries {
		if !isID(entry.Name()) {
			continue
		}
		dir := filepath.Join(s.dir, entry.Name())
		content, err := os.ReadFile(filepath.Join(dir, manifestName))
		if errors.Is(err, os.ErrNotExist) {
			continue // just removed
		}
		m, err := parseManifest(content, err)
		if err != nil {
			file := filepath.Join(dir, manifestName)
			m = manifest{damage: &DamagedError{ID: entry.Name(), File: file, Err: withoutPath(err)}}
		}
		m.ID, m.Rootfs = entry.Name(), filepath.Join(dir, rootfsName) // the store may have been moved
		for _, c := range m.Names {
			if c.Since.After(holder[c.Ref]) {
				holder[c.Ref] = c.Since
			}
		}
		all = append(all, m)
	}
	for index := range all {
		all[index].Names = slices.DeleteFunc(all[index].Names, func(c claim) bool {
			return c.Since.Before(holder[c.Ref])
		})
		all[index] = all[index].renamed()
	}
	return all, nil
}

// parseManifest makes sense of what was read.
func parseManifest(content []byte, err error) (m manifest, _ error) {
	if err == nil {
		err = json.Unmarshal(content, &m)
	}
	for index, c := range m.Names {
		ref, malformed := parseReference(c.Ref)
		if err == nil {
			err = malformed
		}
		m.Names[index].Ref = ref.String() // it may have been written in another way
	}
	return m, err
}

// withoutPath leaves the path out of an error.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// List returns the images, newest first, one for each name. Note is told of those that are damaged.
func (s *Store) List() ([]Image, error) {
	images, damaged, err := s.list()
	s.noteAll(damaged)
	return images, err
}

func (s *Store) noteAll(damaged []*DamagedError) {
	for _, damage := range damaged {
		if _, again := s.noted.LoadOrStore(damage.ID, true); !again && s.Note != nil {
			s.Note(damage)
		}
	}
}

// list returns the images, and those that are damaged.
func (s *Store) list() (images []Image, damaged []*DamagedError, err error) {
	all, err := s.load()
	if err != nil {
		return nil, nil, err
	}
	for _, m := range all {
		if m.damage != nil {
			damaged = append(damaged, m.damage)
			continue
		}
		if len(m.Names) == 0 {
			images = append(images, m.Image)
		}
		for _, c := range m.Names {
			image := m.Image
			ref, _ := parseReference(c.Ref)
			image.Name, image.Tag = ref.name, ref.tag
			images = append(images, image)
		}
	}
	slices.SortFunc(images, func(a, b Image) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.Ref(), b.Ref()))
	})
	return images, damaged, nil
}

// Find returns the image of a name, name:tag, id, or beginning of an id that no other has.
// If there is none it is a [NotFoundError], or for a text that cannot be a name a [NameError] that wraps one. A damaged
// one is a [DamagedError] if it is looked for by its id: its names are lost.
func (s *Store) Find(ref string) (Image, error) {
	images, damaged, err := s.list()
	if err != nil {
		return Image{}, err
	}
	if parsed, err := parseReference(ref); err == nil {
		for _, image := range images {
			if image.Ref() == parsed.String() {
				return image, nil
			}
		}
	}
	var found []Image
	id := strings.TrimPrefix(ref, "sha256:")
	for _, image := range images {
		known := slices.ContainsFunc(found, func(other Image) bool { return other.ID == image.ID })
		if id != "" && !known && (strings.HasPrefix(image.ID, id) || len(id) == 64 && strings.HasPrefix(id, image.ID)) {
			found = append(found, image)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		for _, damage := range damaged {
			if id != "" && (strings.HasPrefix(damage.ID, id) || len(id) == 64 && strings.HasPrefix(id, damage.ID)) {
				return Image{}, damage
			}
		}
		s.noteAll(damaged) // it may be one of them
		missing := &NotFoundError{Ref: ref, Near: suggest(ref, images)}
		var malformed *NameError
		if _, err := parseReference(ref); missing.Near == "" && errors.As(err, &malformed) {
			malformed.Err = missing
			return Image{}, malformed
		}
		return Image{}, missing
	}
	return Image{}, fmt.Errorf("%s begins the ids of %d images: give more of it", ref, len(found))
}

// suggest names the image that may have been meant, if there is one.
func suggest(ref string, images []Image) string {
	// People leave out the tag and the host.
	meant := make(map[string]string)
	var candidates []string
	for _, image := range images {
		for _, short := range []string{image.Ref(), image.Name, path.Base(image.Name)} {
			if _, known := meant[short]; !known && image.Name != "" {
				meant[short] = image.Ref()
				candidates = append(candidates, short)
			}
		}
	}
	name, _, _ := strings.Cut(ref, ":")
	for _, word := range []string{ref, name, path.Base(name)} {
		if near := nearest.To(word, candidates); near != "" {
			return meant[near]
		}
	}
	return ""
}

// Tag gives an image one more name, which another image may lose by that. The error is that of [Store.Find], or a
// [NameError].
func (s *Store) Tag(ref, name string) (Image, error) {
	parsed, err := parseReference(name)
	if err != nil {
		return Image{}, err
	}
	lock, err := durable.LockDirectory(s.dir)
	if err != nil {
		return Image{}, fmt.Errorf("lock image store: %w", err)
	}
	defer lock.Close()
	image, err := s.Find(ref)
	if err != nil {
		return Image{}, err
	}
	all, err := s.load()
	if err != nil {
		return Image{}, err
	}
	m := all[slices.IndexFunc(all, func(m manifest) bool { return m.ID == image.ID })]
	m.claim(parsed, all)
	if err := s.writeManifest(m, filepath.Join(s.dir, m.ID)); err != nil {
		return Image{}, err
	}
	return m.Image, s.dropClaims(all, parsed.String(), m.ID)
}

// claim gives a manifest a name from now on.
func (m *manifest) claim(ref reference, all []manifest) {
	others := slices.DeleteFunc(slices.Clone(m.Names), func(c claim) bool { return c.Ref == ref.String() })
	m.Names = append(others, claim{ref.String(), youngest(all)})
	m.Name, m.Tag = ref.name, ref.tag
}

// Remove takes a name from an image, and with its last name the image is deleted. An id stands for the only
// name: it is refused if there are several, as in Docker.
// Whether a container uses the image is not known here: before it is deleted, allow is asked, and its error keeps it.
func (s *Store) Remove(ref string, allow func(Image) error) error {
	lock, err := durable.LockDirectory(s.dir)
	if err != nil {
		return fmt.Errorf("lock image store: %w", err)
	}
	defer lock.Close()
	image, err := s.Find(ref)
	var damage *DamagedError
	if errors.As(err, &damage) {
		image, err = Image{ID: damage.ID}, nil
	}
	if err != nil {
		return err
	}
	all, err := s.load()
	if err != nil {
		return err
	}
	m := all[slices.IndexFunc(all, func(m manifest) bool { return m.ID == image.ID })]
	if len(m.Names) > 1 {
		if parsed, err := parseReference(ref); err != nil || parsed.String() != image.Ref() {
			var names []string
			for _, c := range m.Names {
				names = append(names, c.Ref)
			}
			slices.Sort(names)
			return fmt.Errorf("image %s has several names, remove them one by one: %s", ref, strings.Join(names, ", "))
		}
		m.Names = slices.DeleteFunc(m.Names, func(c claim) bool { return c.Ref == image.Ref() })
		return s.writeManifest(m.renamed(), filepath.Join(s.dir, m.ID))
	}
	if err := allow(image); err != nil {
		return err
	}
	// Deleting takes time, in which the command may be killed: out of sight first.
	waste, err := s.stage()
	if err != nil {
		return err
	}
	crash.Point("image/remove/stage")
	if err := os.Rename(filepath.Join(s.dir, m.ID), filepath.Join(waste.dir, m.ID)); err != nil {
		return errors.Join(fmt.Errorf("remove image %s: %w", m.ID, err), waste.remove())
	}
	crash.Point("image/remove/rename")
	if err := lock.Sync(); err != nil {
		return fmt.Errorf("sync image store: %w", err)
	}
	return waste.remove()
}
