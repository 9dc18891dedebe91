//go:build linux

package image

// cspell:ignore nogroup glibc interp runpath filesz progs musl nslookup sysdeps mktemp rmdir realpath rpath

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// applets are the names that a busybox in an image gets. The program is not asked for its own: it might be anything.
var applets = strings.Fields(`[ ash awk basename cat chmod chown cp cut date dd df dirname du echo env expr false find
	free grep head hostname id ifconfig ip kill killall less ln ls mkdir mknod mktemp mount mv nc nslookup ping printf
	ps pwd readlink realpath rm rmdir route sed seq sh sleep sort stat sync tail tar tee test time top touch tr true tty
	umount uname uniq uptime vi wc wget which whoami xargs yes`)

// common are the programs of an image when the host has no busybox; those that it lacks are left out.
var common = strings.Fields(`sh cat chmod chown cp date df du echo env false find grep head hostname id ip kill ln ls
	mkdir mount mv ping printf ps pwd rm rmdir sed sleep sort tail touch tr true umount uname wc whoami`)

// Bootstrap makes an image of the host's own programs, given by name or path, and of the libraries they need. Without
// programs that is busybox, if the host has a static one, and else a shell and what goes with it.
func (s *Store) Bootstrap(ctx context.Context, ref string, programs []string, p Progress) (Image, error) {
	if _, err := parseReference(ref); err != nil { // before all the work
		return Image{}, err
	}
	h := host{files: make(map[string]bool)}
	h.begin()
	if err := h.choose(ctx, programs); err != nil {
		return Image{}, fmt.Errorf("bootstrap %s: %w", ref, err)
	}
	var size int64
	for _, e := range h.entries {
		size += e.Size
	}
	// The files go through the same door as those of strangers, as a tar archive that is nowhere on a disk.
	reader, writer := io.Pipe()
	defer reader.Close() // ends the goroutine when the import fails
	go func() { writer.CloseWithError(h.pack(writer)) }()
	config := Config{Env: []string{DefaultPath}, Cmd: []string{"/bin/sh"}}
	if !h.files["bin/sh"] && !h.files["usr/bin/sh"] && len(programs) > 0 {
		config.Cmd = []string{h.first}
	}
	return s.importAs(ctx, reader, size, "bootstrap "+ref, ref, config, p)
}

// host collects files of the host for an image.
type host struct {
	entries []hostEntry
	files   map[string]bool // names that are taken
	first   string          // program
}

// hostEntry is a file of the image, with what is in it on the host, or as text.
type hostEntry struct {
	tar.Header
	source, text string
}

// begin adds what every image has: the directories, and the names of root.
func (h *host) begin() {
	for _, dir := range []string{"bin", "dev", "etc", "home", "lib", "proc", "root", "run", "sbin", "sys", "tmp", "usr",
		"usr/bin", "usr/lib", "usr/sbin", "var", "var/tmp"} {
		mode := int64(0o755)
		switch dir {
		case "tmp", "var/tmp":
			mode = 0o1777
		case "root":
			mode = 0o700
		}
		// On most hosts /bin is a link to usr/bin. The image does as the host does, for paths in programs.
		if target, err := os.Readlink("/" + dir); err == nil && !strings.HasPrefix(target, "/") &&
			strings.HasPrefix(target, "usr/") {
			h.link(dir, target)
			continue
		}
		h.add(hostEntry{Header: tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: mode}})
	}
	h.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")
	h.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")
}

func (h *host) add(e hostEntry) {
	if !h.files[e.Name] {
		h.files[e.Name] = true
		h.entries = append(h.entries, e)
	}
}

func (h *host) link(name, target string) {
	h.add(hostEntry{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}})
}

func (h *host) text(name, text string) {
	header := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(text))}
	h.add(hostEntry{header, "", text})
}

// copy adds a file of the host under a name. Links are followed: the image has the file under the name it is asked by.
func (h *host) copy(name string) error {
	inside := strings.TrimPrefix(path.Clean(name), "/")
	if h.files[inside] {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", name)
	}
	// Programs may read more of the host than its users; set-user-ID bits stay behind.
	h.add(hostEntry{Header: tar.Header{Typeflag: tar.TypeReg, Name: inside, Mode: int64(info.Mode().Perm()),
		Size: info.Size(), ModTime: info.ModTime()}, source: name})
	return nil
}

// choose adds the programs.
func (h *host) choose(ctx context.Context, programs []string) error {
	if len(programs) == 0 {
		if name, err := lookUp("busybox"); err == nil && isStatic(name) {
			programs = []string{name}
		} else {
			for _, program := range common {
				if _, err := lookUp(program); err == nil {
					programs = append(programs, program)
				}
			}
		}
	}
	if len(programs) == 0 {
		return errors.New("the host has none of the usual programs: name some")
	}
	for _, program := range programs {
		if err := ctx.Err(); err != nil {
			return err
		}
		name, err := lookUp(program)
		if err != nil {
			return err
		}
		if h.first == "" {
			h.first = name
		}
		if err := h.program(name, 0); err != nil {
			return err
		}
		if path.Base(name) == "busybox" {
			for _, applet := range applets {
				if !h.files["bin/"+applet] && !h.files["usr/bin/"+applet] {
					h.link(strings.TrimPrefix(path.Dir(name), "/")+"/"+applet, "busybox")
				}
			}
			if path.Dir(name) != "/bin" && path.Dir(name) != "/usr/bin" {
				h.link("bin/sh", name)
			}
		}
	}
	return nil
}

// program adds a program with what it needs: libraries, or for a script its interpreter.
func (h *host) program(name string, depth int) error {
	if depth > 4 {
		return fmt.Errorf("%s: interpreters of interpreters of interpreters", name)
	}
	if err := h.copy(name); err != nil {
		return fmt.Errorf("program %s: %w", name, err)
	}
	if interpreter, ok := scriptInterpreter(name); ok {
		return h.program(interpreter, depth+1)
	}
	needed, err := libraries(name)
	if err != nil {
		return fmt.Errorf("program %s: %w", name, err)
	}
	for _, library := range needed {
		if err := h.copy(library); err != nil {
			return fmt.Errorf("library of %s: %w", name, err)
		}
	}
	return nil
}

// pack writes what was collected as a tar archive.
func (h *host) pack(out io.Writer) error {
	buffered := bufio.NewWriterSize(out, 1<<18)
	writer := tar.NewWriter(buffered)
	for _, e := range h.entries {
		if err := h.packEntry(writer, e); err != nil {
			return fmt.Errorf("copy %s: %w", e.Name, err)
		}
	}
	return errors.Join(writer.Close(), buffered.Flush())
}

func (h *host) packEntry(writer *tar.Writer, e hostEntry) error {
	if err := writer.WriteHeader(&e.Header); err != nil {
		return err
	}
	if e.source == "" {
		_, err := io.WriteString(writer, e.text)
		return err
	}
	file, err := os.Open(e.source)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(writer, io.LimitReader(file, e.Size))
	return err
}

// lookUp finds a program of the host by name in the usual directories, or by path.
func lookUp(program string) (string, error) {
	if strings.Contains(program, "/") {
		return filepath.Abs(program)
	}
	_, dirs, _ := strings.Cut(DefaultPath, "=")
	for _, dir := range slices.Backward(strings.Split(dirs, ":")) { // /bin first: that is where scripts expect sh
		name := path.Join(dir, program)
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return name, nil
		}
	}
	return "", fmt.Errorf("the host has no program %s", program)
}

// scriptInterpreter is what the first line of a script names.
func scriptInterpreter(name string) (string, bool) {
	file, err := os.Open(name)
	if err != nil {
		return "", false
	}
	defer file.Close()
	line, _ := bufio.NewReaderSize(io.LimitReader(file, 256), 256).ReadString('\n')
	rest, ok := strings.CutPrefix(line, "#!")
	words := strings.Fields(rest)
	if !ok || len(words) == 0 {
		return "", false
	}
	return words[0], true
}
