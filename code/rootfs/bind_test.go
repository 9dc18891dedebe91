//go:build linux

package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func init() {
	looks["write"] = func(v visit) (string, error) {
		var found []string
		for _, bind := range v.Binds {
			name := bind.Target
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				name += "/new"
			}
			err := os.WriteFile(name, []byte("from inside"), 0o644)
			if err != nil {
				err = err.(*os.PathError).Err
				found = append(found, err.Error())
			} else {
				found = append(found, "written")
			}
		}
		return strings.Join(found, ", "), nil
	}
}

func TestBindShowsFilesAndDirectoriesOfTheHost(t *testing.T) {
	directory := t.TempDir()
	file := filepath.Join(t.TempDir(), "file")
	testkit.Must(t, os.WriteFile(file, nil, 0o600))
	root := newRoot(t)
	found := see(t, visit{Look: "write", Root: root, Binds: []Bind{
		{Source: directory, Target: "/deep/in/it"},
		{Source: file, Target: "etc/resolv.conf"},
	}})
	if found != "written, written" {
		t.Errorf("inside: %s", found)
	}
	for _, name := range []string{filepath.Join(directory, "new"), file} {
		if content, err := os.ReadFile(name); err != nil || string(content) != "from inside" {
			t.Errorf("%s holds %q, %v", name, content, err)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "etc/resolv.conf")); err != nil || info.Size() != 0 {
		t.Errorf("the image's own file was written to: %v, %v", info, err)
	}
}

func TestReadOnlyBindCoversMountsBelow(t *testing.T) {
	testns.Require(t)
	directory := t.TempDir()
	below := filepath.Join(directory, "below")
	testkit.Must(t, os.Mkdir(below, 0o755))
	testkit.Must(t, syscall.Mount("x", below, "tmpfs", 0, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(below, 0)) })
	binds := []Bind{{Source: directory, Target: "/data", ReadOnly: true}}
	look := visit{Look: "write below", Root: newRoot(t), Binds: binds}
	if got := see(t, look); got != "read-only file system, read-only file system" {
		t.Errorf("writing to the bind and below it: %s", got)
	}
	testkit.Must(t, os.WriteFile(filepath.Join(directory, "host"), nil, 0o644)) // read-only inside alone
}

func init() {
	looks["write below"] = func(visit) (string, error) {
		return looks["write"](visit{Binds: []Bind{{Target: "/data"}, {Target: "/data/below"}}})
	}
}

// Where the target is written so that a second look leads elsewhere, that is not what becomes read-only.
func TestOnlyTheBindIsReadOnly(t *testing.T) {
	root := newRoot(t)
	testkit.Must(t, os.MkdirAll(filepath.Join(root, "deep/er"), 0o755))
	testkit.Must(t, os.Symlink("/deep/er", filepath.Join(root, "link")))
	binds := []Bind{
		{Source: t.TempDir(), Target: "/deep/data"},
		{Source: t.TempDir(), Target: "/link/../data", ReadOnly: true}, // is /data, as path.Clean has it
	}
	look := visit{Look: "write to both", Root: root, Binds: binds}
	if got := see(t, look); got != "written, read-only file system" {
		t.Errorf("writing to the writable bind and to the read-only one: %s", got)
	}
}

func init() {
	looks["write to both"] = func(visit) (string, error) {
		return looks["write"](visit{Binds: []Bind{{Target: "/deep/data"}, {Target: "/data"}}})
	}
}

func TestBindFollowsALinkInsideTheRoot(t *testing.T) {
	root := newRoot(t)
	testkit.Must(t, os.Mkdir(filepath.Join(root, "run"), 0o755))
	testkit.Must(t, os.MkdirAll(filepath.Join(root, "var"), 0o755))
	testkit.Must(t, os.Symlink("/run", filepath.Join(root, "var/run")))
	source := t.TempDir()
	got := see(t, visit{Look: "write", Root: root, Binds: []Bind{{Source: source, Target: "/var/run"}}})
	if got != "written" {
		t.Errorf("inside: %s", got)
	}
	if _, err := os.Stat(filepath.Join(source, "new")); err != nil {
		t.Error(err)
	}
}

func TestBindSaysWhatIsWrong(t *testing.T) {
	directory := t.TempDir()
	file := filepath.Join(directory, "file")
	testkit.Must(t, os.WriteFile(file, nil, 0o600))
	root := newRoot(t)
	testkit.Must(t, os.Symlink("/nowhere", filepath.Join(root, "dangling")))
	testkit.Must(t, os.Symlink("..", filepath.Join(root, "to-root")))
	testkit.Must(t, os.Symlink("/proc/sys/", filepath.Join(root, "to-proc")))
	for _, c := range []struct {
		bind Bind
		want string
	}{
		{Bind{Source: "/no/such/source", Target: "/x"}, "bind: open /no/such/source: no such file or directory"},
		{Bind{Source: directory, Target: "/inside"}, "source and target must both be files or both be directories"},
		{Bind{Source: file, Target: "/proc"}, "source and target must both be files or both be directories"},
		{Bind{Source: file, Target: "/inside/below"}, "not a directory"},
		{Bind{Source: directory, Target: "/"}, "the target is the root itself"},
		{Bind{Source: directory, Target: "/to-root"}, "the target is the root itself"},
		{Bind{Source: directory, Target: "/proc"}, "the target is in /proc, which must be the kernel's"},
		{Bind{Source: file, Target: "/proc/meminfo"}, "the target is in /proc, which must be the kernel's"},
		{Bind{Source: directory, Target: "/to-proc"}, "the target is in /proc, which must be the kernel's"},
		{Bind{Source: file, Target: "/dangling"}, "/dangling in the root filesystem: a dangling link is in the way"},
	} {
		_, failure := try(t, visit{Look: "where", Root: root, Binds: []Bind{c.bind}})
		if !strings.HasPrefix(failure, "bind") || !strings.Contains(failure, c.want) {
			t.Errorf("%v: %q, want %q", c.bind, failure, c.want)
		}
	}
}

func TestBindIsReadAsUsersWriteIt(t *testing.T) {
	directory := t.TempDir()
	t.Chdir(directory)
	testkit.Must(t, os.Mkdir("data", 0o755))
	data := filepath.Join(directory, "data")
	for text, want := range map[string]Bind{
		data + ":/data":    {Source: data, Target: "/data"},
		data + ":/data:rw": {Source: data, Target: "/data"},
		data + ":/data:ro": {Source: data, Target: "/data", ReadOnly: true},
		"./data:/a/b":      {Source: data, Target: "/a/b"},
		".:/a":             {Source: directory, Target: "/a"},
		"./none:/a":        {Source: filepath.Join(directory, "none"), Target: "/a"}, // who starts a container makes it
	} {
		if got, err := ParseBind(text); got != want || err != nil {
			t.Errorf("%s is %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", ":", "data", "data:/a", "none:/a:ro", ":/data", "data:", "data:data", "data:/data:rx", "data:/data:ro:ro",
	} {
		if got, err := ParseBind(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
