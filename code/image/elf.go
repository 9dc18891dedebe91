//go:build linux

package image

// cspell:ignore sysdeps

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// libraries returns what a program loads when it starts: its dynamic linker, the libraries it names, and those that
// they name (ld.so(8)). A static program loads nothing. No program is run to find out, as ldd(1) would do.
func libraries(program string) ([]string, error) {
	search := librarySearch{found: make(map[string]bool), cache: libraryCache("/etc/ld.so.cache")}
	if err := search.read(program, true); err != nil {
		return nil, err
	}
	return search.paths, nil
}

// isStatic reports whether a program loads nothing.
func isStatic(program string) bool {
	needed, err := libraries(program)
	return err == nil && len(needed) == 0
}

type librarySearch struct {
	class   elf.Class
	machine elf.Machine
	found   map[string]bool
	paths   []string
	cache   map[string][]string
}

func (s *librarySearch) add(name string) bool {
	if s.found[name] {
		return false
	}
	s.found[name] = true
	s.paths = append(s.paths, name)
	return true
}

// read reads what one file needs, and goes on with that.
func (s *librarySearch) read(name string, program bool) error {
	file, err := elf.Open(name)
	if program &&
		(errors.As(err, new(*elf.FormatError)) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		return errors.New("it is none: neither in the format ELF nor a script that begins with #!")
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if program {
		s.class, s.machine = file.Class, file.Machine
		for _, part := range file.Progs {
			if part.Type != elf.PT_INTERP || part.Filesz > 4096 {
				continue
			}
			interpreter := make([]byte, part.Filesz)
			if _, err := part.ReadAt(interpreter, 0); err != nil {
				return fmt.Errorf("dynamic linker: %w", err)
			}
			s.add(string(bytes.TrimRight(interpreter, "\x00")))
		}
	}
	needed, err := file.DynString(elf.DT_NEEDED)
	if err != nil { // no dynamic section
		return nil
	}
	var dirs []string
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		paths, _ := file.DynString(tag)
		for _, list := range paths {
			for dir := range strings.SplitSeq(list, ":") {
				origin := strings.NewReplacer("$ORIGIN", path.Dir(name), "${ORIGIN}", path.Dir(name))
				dirs = append(dirs, origin.Replace(dir))
			}
		}
	}
	for _, library := range needed {
		where, err := s.locate(library, dirs)
		if err != nil {
			return err
		}
		if s.add(where) {
			if err := s.read(where, false); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
		}
	}
	return nil
}

// triplets are Debian's names for the directories of one architecture (https://wiki.debian.org/Multiarch/Tuples).
var triplets = map[elf.Machine]string{
	elf.EM_X86_64:  "x86_64-linux-gnu",
	elf.EM_AARCH64: "aarch64-linux-gnu",
	elf.EM_386:     "i386-linux-gnu",
}

// locate finds a library where the dynamic linker would: in the directories that the file names, in the cache, in the
// usual directories.
func (s *librarySearch) locate(library string, dirs []string) (string, error) {
	candidates := []string{library}
	if !strings.Contains(library, "/") {
		candidates = nil
		for _, dir := range dirs {
			candidates = append(candidates, path.Join(dir, library))
		}
		candidates = append(candidates, s.cache[library]...)
		usual := []string{"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"}
		if triplet := triplets[s.machine]; triplet != "" {
			// First, because Debian's dynamic linker does not look into /lib64.
			usual = append([]string{"/lib/" + triplet, "/usr/lib/" + triplet}, usual...)
		}
		for _, dir := range usual {
			candidates = append(candidates, path.Join(dir, library))
		}
	}
	for _, candidate := range candidates {
		file, err := elf.Open(candidate)
		if err != nil {
			continue
		}
		fits := file.Class == s.class && file.Machine == s.machine
		file.Close()
		if fits {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("needs the library %s, which is not on this host", library)
}

// libraryCache reads the file that ldconfig(8) writes: for the name of a library, where it is. It is empty where there
// is no such file, as on systems with musl.
func libraryCache(name string) map[string][]string {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	cache, err := parseCache(content)
	if err != nil {
		return nil
	}
	return cache
}

// parseCache takes the format of glibc since 2.2 apart (sysdeps/generic/dl-cache.h): a header of 48 bytes, entries of
// 24 bytes with the positions of two strings, and the strings. The old format may come before it.
func parseCache(content []byte) (map[string][]string, error) {
	const magic, header, entry = "glibc-ld.so.cache1.1", 48, 24
	start := bytes.Index(content, []byte(magic))
	if start < 0 || len(content) < start+header {
		return nil, errors.New("not a cache of libraries")
	}
	content = content[start:]
	count := uint64(binary.NativeEndian.Uint32(content[20:]))
	if header+count*entry > uint64(len(content)) {
		return nil, errors.New("cache of libraries is cut short")
	}
	text := func(position uint32) string {
		if uint64(position) >= uint64(len(content)) {
			return ""
		}
		line, _, _ := bytes.Cut(content[position:], []byte{0})
		return string(line)
	}
	cache := make(map[string][]string)
	for index := range int(count) {
		fields := content[header+index*entry:]
		name := text(binary.NativeEndian.Uint32(fields[4:]))
		cache[name] = append(cache[name], text(binary.NativeEndian.Uint32(fields[8:])))
	}
	return cache, nil
}
