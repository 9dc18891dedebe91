//go:build linux && !vm

package image

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// inside runs a program in the root filesystem of an image.
func inside(t *testing.T, image Image, program string, arguments ...string) string {
	t.Helper()
	output, err := exec.Command("chroot", append([]string{image.Rootfs, program}, arguments...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%s in the image: %v\n%s", program, err, output)
	}
	return strings.TrimSpace(string(output))
}

func TestBootstrapTakesProgramsWithTheirLibraries(t *testing.T) {
	s := open(t)
	image, err := s.Bootstrap(context.Background(), "host", []string{"sh", "ls", "cat"}, nil)
	testkit.Must(t, err)
	if got := inside(t, image, "/bin/sh", "-c", "echo $(cat /etc/passwd | cat; ls /)"); !strings.Contains(got,
		"root:x:0:0") ||
		!strings.Contains(got, "tmp") {
		t.Errorf("the shell says %q", got)
	}
	if image.Config.Cmd[0] != "/bin/sh" {
		t.Errorf("it runs %q", image.Config.Cmd)
	}
	again, err := s.Bootstrap(context.Background(), "again", []string{"sh", "ls", "cat"}, nil)
	if err != nil || again.ID != image.ID {
		t.Errorf("the same programs are another image: %s, %s (%v)", image.ID, again.ID, err)
	}
}

func TestBootstrapWithoutProgramsHasAShell(t *testing.T) {
	s := open(t)
	var c count
	image, err := s.Bootstrap(context.Background(), "host", nil, &c)
	testkit.Must(t, err)
	if got := inside(t, image, "/bin/sh", "-c", "echo hello | tr l L; ls -d /proc"); got != "heLLo\n/proc" {
		t.Errorf("the shell says %q", got)
	}
	if !c.done || c.seen == 0 {
		t.Errorf("heard of %+v", c)
	}
}

func TestBootstrapTakesTheInterpreterOfAScript(t *testing.T) {
	s := open(t)
	script := filepath.Join(t.TempDir(), "script")
	testkit.Must(t, os.WriteFile(script, []byte("#!/bin/sh\necho from a script\n"), 0o755))
	image, err := s.Bootstrap(context.Background(), "host", []string{script}, nil)
	testkit.Must(t, err)
	if got := inside(t, image, script); got != "from a script" {
		t.Errorf("it says %q", got)
	}
}

func TestBootstrapNamesWhatIsMissing(t *testing.T) {
	s := open(t)
	text := filepath.Join(t.TempDir(), "text")
	testkit.Must(t, os.WriteFile(text, []byte("hello"), 0o755))
	for program, want := range map[string]string{
		"no-such-program": "no program no-such-program", "/no/such/file": "/no/such/file", "/etc": "is a directory",
		text: text + ": it is none: neither in the format ELF nor a script", "/etc/passwd": "/etc/passwd: it is none: ",
	} {
		_, err := s.Bootstrap(context.Background(), "host", []string{program}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("bootstrap of %s: %v", program, err)
		}
	}
	expectNames(t, s)
}

func TestCacheOfLibrariesThatIsDamagedIsNone(t *testing.T) {
	for _, content := range []string{"", "glibc-ld.so.cache1.1", "glibc-ld.so.cache1.1\xff\xff\xff\xff" +
		strings.Repeat("x", 100)} {
		if cache, err := parseCache([]byte(content)); err == nil {
			t.Errorf("%q: %v", content, cache)
		}
	}
}
