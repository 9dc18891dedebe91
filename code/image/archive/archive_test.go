//go:build linux && !vm

package archive

// cspell:ignore Lrwxrwxrwx drwx drwxr dtrwxrwxrwx urwxr zstandard

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	unix.Umask(0o022)
	os.Exit(m.Run())
}

// needsRoot skips the test when files cannot be given to others.
func needsRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: the files of an image belong to several users")
	}
}

// The entries that most tests are made of.

func file(name, content string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content))}, content}
}

func dir(name string) entry {
	return entry{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""}
}

func symlink(name, target string) entry {
	return entry{tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, ""}
}

func link(name, target string) entry {
	return entry{tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}, ""}
}

func node(kind byte, name string) entry {
	return entry{tar.Header{Typeflag: kind, Name: name, Mode: 0o666, Devmajor: 1, Devminor: 3}, ""}
}

type entry struct {
	tar.Header
	content string
}

// with changes an entry's header.
func (e entry) with(change func(*tar.Header)) entry {
	change(&e.Header)
	return e
}

// xattr gives an entry an extended attribute.
func (e entry) xattr(name, value string) entry {
	return e.with(func(h *tar.Header) { h.PAXRecords = map[string]string{attributePrefix + name: value} })
}

// pack makes a tar archive.
func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	for _, e := range entries {
		if e.ModTime.IsZero() {
			e.ModTime = time.Unix(1700000000, 0)
		}
		testkit.Must(t, writer.WriteHeader(&e.Header))
		_, err := writer.Write([]byte(e.content))
		testkit.Must(t, err)
	}
	testkit.Must(t, writer.Close())
	return buffer.Bytes()
}

// block makes the header of one entry by hand, for what package tar refuses to write. Fields are overwritten at
// offsets.
func block(name string, kind byte, fields map[int]string) []byte {
	header := make([]byte, 512)
	copy(header, name)
	copy(header[100:], "0000644\x00")
	copy(header[108:], "0000000\x00")
	copy(header[116:], "0000000\x00")
	copy(header[124:], "00000000000\x00")
	copy(header[136:], "14524000000\x00")
	header[156] = kind
	copy(header[257:], "ustar\x0000")
	for offset, text := range fields {
		copy(header[offset:], text)
	}
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	return header
}

// raw puts blocks together and ends the archive.
func raw(blocks ...[]byte) []byte {
	return append(bytes.Join(blocks, nil), make([]byte, 1024)...)
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, err := writer.Write(content)
	testkit.Must(t, err)
	testkit.Must(t, writer.Close())
	return buffer.Bytes()
}

func zstandard(t testing.TB, content []byte) []byte {
	t.Helper()
	writer, err := zstd.NewWriter(nil)
	testkit.Must(t, err)
	return writer.EncodeAll(content, nil)
}

// apply unpacks layers into a new directory and returns it.
func apply(t testing.TB, layers ...[]byte) string {
	t.Helper()
	needsRoot(t)
	root := t.TempDir()
	target, err := Open(root, DefaultLimits)
	testkit.Must(t, err)
	defer target.Close()
	for _, layer := range layers {
		_, err := target.Apply(context.Background(), bytes.NewReader(layer))
		testkit.Must(t, err)
	}
	return root
}

// tree describes all that is below a directory, one line for each name.
func tree(t testing.TB, root string) []string {
	t.Helper()
	lines := []string{}
	testkit.Must(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, _ := filepath.Rel(root, path)
		info, err := entry.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s %v", name, info.Mode())
		stat := info.Sys().(*syscall.Stat_t)
		if stat.Uid != 0 || stat.Gid != 0 {
			line += fmt.Sprintf(" %d:%d", stat.Uid, stat.Gid)
		}
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if len(content) > 40 {
				content = fmt.Appendf(nil, "%d bytes, %x", len(content), sha256.Sum256(content))[:40]
			}
			line += fmt.Sprintf(" %q", content)
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += " -> " + target
		}
		lines = append(lines, line)
		return nil
	}))
	return lines
}

// expect compares what is below a directory.
func expect(t testing.TB, root string, want ...string) {
	t.Helper()
	if got := tree(t, root); !slices.Equal(got, want) {
		t.Errorf("unpacked:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestApplyUnpacksEveryKindOfEntry(t *testing.T) {
	archive := pack(t,
		dir("./"),
		dir("bin/").with(func(h *tar.Header) { h.ModTime = time.Unix(1234567890, 0) }),
		file("bin/su", "program").with(func(h *tar.Header) { h.Mode = 0o4755 }),
		file("./etc/passwd", "root").with(func(h *tar.Header) { h.Uid, h.Gid = 7, 8 }),
		link("etc/passwd-", "./etc/passwd"),
		symlink("sbin", "bin"),
		node(tar.TypeFifo, "pipe"),
		dir("tmp").with(func(h *tar.Header) { h.Mode = 0o1777 }),
		file("empty", ""),
	)
	for name, packed := range map[string][]byte{
		"tar": archive, "gzip": gzipped(t, archive), "zstd": zstandard(t, archive),
	} {
		root := apply(t, packed)
		expect(t, root,
			"bin drwxr-xr-x",
			`bin/su urwxr-xr-x "program"`,
			`empty -rw-r--r-- ""`,
			"etc drwxr-xr-x",
			`etc/passwd -rw-r--r-- 7:8 "root"`,
			`etc/passwd- -rw-r--r-- 7:8 "root"`,
			"pipe prw-rw-rw-",
			"sbin Lrwxrwxrwx -> bin",
			"tmp dtrwxrwxrwx",
		)
		for entry, want := range map[string]int64{"bin": 1234567890, "bin/su": 1700000000, "sbin": 1700000000} {
			info, err := os.Lstat(filepath.Join(root, entry))
			testkit.Must(t, err)
			if got := info.ModTime().Unix(); got != want {
				t.Errorf("%s: %s was changed at %d, not %d", name, entry, got, want)
			}
		}
		one, err := os.Stat(filepath.Join(root, "etc/passwd"))
		testkit.Must(t, err)
		if other, err := os.Stat(filepath.Join(root, "etc/passwd-")); err != nil || !os.SameFile(one, other) {
			t.Errorf("%s: a hard link became a file of its own (%v)", name, err)
		}
	}
}

func TestApplyTellsTheDigestOfTheArchiveInside(t *testing.T) {
	needsRoot(t)
	archive := append(pack(t, file("a", strings.Repeat("content", 100_000))), make([]byte, 7000)...)
	for name, packed := range map[string][]byte{
		"tar": archive, "gzip": gzipped(t, archive), "zstd": zstandard(t, archive),
	} {
		target, err := Open(t.TempDir(), DefaultLimits)
		testkit.Must(t, err)
		layer, err := target.Apply(context.Background(), bytes.NewReader(packed))
		testkit.Must(t, err)
		if layer.Digest != sha256.Sum256(archive) {
			t.Errorf("%s: not the digest of the archive inside, padding and all", name)
		}
		if layer.Entries != 1 || layer.Bytes != 700_000 {
			t.Errorf("%s: %d entries with %d bytes", name, layer.Entries, layer.Bytes)
		}
		testkit.Must(t, target.Close())
	}
}

func TestLayersReplaceWhatIsBelow(t *testing.T) {
	root := apply(t,
		pack(t, file("file", "old"), link("name", "file"), dir("dir"), file("dir/kept", "kept"), file("a/b/c", "deep"),
			symlink("link", "dir")),
		pack(t, file("file", "new"), dir("dir").with(func(h *tar.Header) { h.Mode = 0o700 }), symlink("a", "dir"),
			file("link/through", "through"), file("dir/added", "added")),
	)
	expect(t, root,
		"a Lrwxrwxrwx -> dir",
		"dir drwx------",
		`dir/added -rw-r--r-- "added"`,
		`dir/kept -rw-r--r-- "kept"`,
		`dir/through -rw-r--r-- "through"`,
		`file -rw-r--r-- "new"`,
		"link Lrwxrwxrwx -> dir",
		`name -rw-r--r-- "old"`, // another name of the old file: writing into it would have changed both
	)
}

func TestWhiteoutsDeleteWhatIsBelow(t *testing.T) {
	below := pack(t, file("a/1", ""), file("a/2", ""), file("a/sub/3", ""), file("b/1", ""), file("b/2", ""),
		file("c", ""), file("d/x/1", ""))
	root := apply(t, below, pack(t, file("a/.wh.1", ""), file("a/.wh.sub", ""), file(".wh.c", ""),
		file(".wh.missing", ""), file("missing/.wh.file", ""), file(".wh.d", "")))
	expect(t, root, "a drwxr-xr-x", `a/2 -rw-r--r-- ""`, "b drwxr-xr-x", `b/1 -rw-r--r-- ""`, `b/2 -rw-r--r-- ""`)
}

func TestOpaqueDirectoryHidesWhatIsBelow(t *testing.T) {
	below := pack(t, file("a/1", "old"), file("a/2", "old"), file("a/sub/3", "old"), file("a/sub/4", "old"))
	for name, layer := range map[string][]byte{
		"whiteout first": pack(t, dir("a"), file("a/.wh..wh..opq", ""), file("a/2", "new"), file("a/sub/3", "new")),
		"whiteout last":  pack(t, dir("a"), file("a/2", "new"), file("a/sub/3", "new"), file("a/.wh..wh..opq", "")),
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, apply(t, below, layer), "a drwxr-xr-x", `a/2 -rw-r--r-- "new"`, "a/sub drwxr-xr-x",
				`a/sub/3 -rw-r--r-- "new"`)
		})
	}
}

func TestWhiteoutSparesItsOwnLayer(t *testing.T) {
	below := pack(t, file("a", "old"), file("d/old", "old"))
	root := apply(t, below, pack(t, file("a", "new"), file(".wh.a", ""), file("d/new", "new"), file(".wh.d", "")))
	expect(t, root, `a -rw-r--r-- "new"`, "d drwxr-xr-x", `d/new -rw-r--r-- "new"`)
	// The layer above may delete it again.
	root = apply(t, below, pack(t, file("a", "new")), pack(t, file(".wh.a", "")))
	expect(t, root, "d drwxr-xr-x", `d/old -rw-r--r-- "old"`)
}

// debootstrap(8) fills /dev with mknod(1), and tar(1) packs a node that it sees again as a hard link.
func TestDevicesBelowDevAreLeftOutAndNamed(t *testing.T) {
	needsRoot(t)
	root := t.TempDir()
	target, err := Open(root, DefaultLimits)
	testkit.Must(t, err)
	defer target.Close()
	layer, err := target.Apply(context.Background(), bytes.NewReader(pack(t,
		dir("./dev/"), node(tar.TypeChar, "./dev/full"), node(tar.TypeBlock, "dev/loop/0"),
		link("./dev/too", "./dev/full"), symlink("dev/fd", "/proc/self/fd"))))
	testkit.Must(t, err)
	expect(t, root, "dev drwxr-xr-x", "dev/fd Lrwxrwxrwx -> /proc/self/fd")
	if want := []string{"dev/full", "dev/loop/0", "dev/too"}; !slices.Equal(layer.LeftOut, want) {
		t.Errorf("left out: %q, not %q", layer.LeftOut, want)
	}
	// The next layer has none of its own.
	layer, err = target.Apply(context.Background(), bytes.NewReader(pack(t, file("f", ""))))
	if testkit.Must(t, err); len(layer.LeftOut) > 0 {
		t.Errorf("left out of a layer without devices: %q", layer.LeftOut)
	}
}

// ext4 keeps times from 1901 to 2446 (the kernel's filesystems/ext4/inodes.rst), others more.
func TestTimesBefore1970AndAfter2038AreKeptAndPackedAgain(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("a 32-bit program knows times from 1901 to 2038")
	}
	times := map[string]time.Time{
		"moon":  time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC),
		"y2038": time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
		"far":   time.Date(2400, 2, 29, 0, 0, 0, 0, time.UTC),
		"epoch": time.Unix(0, 0),
	}
	var entries []entry
	for name, modified := range times {
		change := func(h *tar.Header) { h.ModTime = modified }
		entries = append(entries, file(name, "").with(change), dir(name+".d").with(change),
			symlink(name+".l", "x").with(change))
	}
	root := apply(t, pack(t, entries...))
	var packed bytes.Buffer
	testkit.Must(t, Pack(context.Background(), root, &packed, func(int64) {}))
	again := apply(t, packed.Bytes())
	for name, want := range times {
		for _, file := range []string{name, name + ".d", name + ".l"} {
			for _, root := range []string{root, again} {
				info, err := os.Lstat(filepath.Join(root, file))
				if testkit.Must(t, err); !info.ModTime().Equal(want) {
					t.Errorf("%s was changed at %v, not %v", file, info.ModTime().UTC(), want)
				}
			}
		}
	}
}

// Some tools write no end marker. tar(1) accepts that, and here nothing is lost where something else shows that the
// archive is whole.
func TestEndMarkerMayBeMissingFromWhatIsKnownToBeWhole(t *testing.T) {
	needsRoot(t)
	whole := pack(t, file("a", "content"), file("b", "content"))
	content := len(whole) - 1024 - 512 + len("content")
	for name, c := range map[string]struct {
		packed  []byte
		checked bool
		want    string // in the error; empty: none
	}{
		"gzip":                      {gzipped(t, whole[:len(whole)-1024]), false, ""},
		"zstd":                      {zstandard(t, whole[:len(whole)-1024]), false, ""},
		"known digest":              {whole[:len(whole)-1024], true, ""},
		"one block of two":          {whole[:len(whole)-512], true, ""},
		"not even padding":          {whole[:content], true, ""},
		"cut in the last file":      {whole[:content-1], true, "too early"},
		"cut in a header":           {whole[:1200], true, "too early"},
		"gzip, cut in a file":       {gzipped(t, whole[:content-1]), false, "too early"},
		"plain, of unknown content": {whole[:len(whole)-1024], false, "too early"},
	} {
		target, err := Open(t.TempDir(), DefaultLimits)
		testkit.Must(t, err)
		apply := target.Apply
		if c.checked {
			apply = target.ApplyChecked
		}
		layer, err := apply(context.Background(), bytes.NewReader(c.packed))
		switch {
		case c.want == "" && (err != nil || layer.Entries != 2):
			t.Errorf("%s: %d entries, and %v", name, layer.Entries, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v", name, err)
		}
		testkit.Must(t, target.Close())
	}
}

func TestLimitsHoldForAllLayersTogether(t *testing.T) {
	needsRoot(t)
	target, err := Open(t.TempDir(), Limits{Bytes: 100, Entries: 3})
	testkit.Must(t, err)
	defer target.Close()
	_, err = target.Apply(context.Background(), bytes.NewReader(pack(t, file("a", strings.Repeat("x", 60)), dir("b"))))
	testkit.Must(t, err)
	_, err = target.Apply(context.Background(), bytes.NewReader(pack(t, file("c", strings.Repeat("x", 60)))))
	var refused *EntryError
	if !errors.As(err, &refused) || refused.Entry != "c" {
		t.Errorf("a second layer beyond the limit: %v", err)
	}
}

// A disk of zeros packs tighter than anything else. Where there is room for it, it is not a bomb.
func TestTightArchiveIsUnpackedWhereThereIsRoom(t *testing.T) {
	needsRoot(t)
	dir := t.TempDir()
	var disk unix.Statfs_t
	testkit.Must(t, unix.Statfs(dir, &disk))
	if int64(disk.Bavail)*int64(disk.Bsize) < 1<<30 {
		t.Skip("needs a disk with room for a gigabyte")
	}
	packed := gzipped(t, pack(t, file("zeros", strings.Repeat("\x00", 100<<20))))
	for grace, want := range map[int64]bool{0: true, 64 << 20: false} {
		target, err := Open(dir, Limits{Ratio: 200, Grace: grace})
		testkit.Must(t, err)
		_, err = target.Apply(context.Background(), bytes.NewReader(packed))
		var limit *LimitError
		if want && err != nil || !want && !errors.As(err, &limit) {
			t.Errorf("with a grace of %d: %v", grace, err)
		}
		testkit.Must(t, target.Close())
	}
}

func TestSparseFileTakesNoSpace(t *testing.T) {
	const size = 8 << 20
	root := apply(t, pack(t, file("hole", strings.Repeat("\x00", size)+"end")))
	info, err := os.Stat(filepath.Join(root, "hole"))
	testkit.Must(t, err)
	if info.Size() != size+3 {
		t.Errorf("the file has %d bytes, not %d", info.Size(), size+3)
	}
	if used := info.Sys().(*syscall.Stat_t).Blocks * 512; used > 1<<20 {
		t.Errorf("zeros take %d bytes on the disk", used)
	}
}

func TestFailingSourceIsNoFaultOfTheArchive(t *testing.T) {
	needsRoot(t)
	target, err := Open(t.TempDir(), DefaultLimits)
	testkit.Must(t, err)
	defer target.Close()
	broken := errors.New("the cable is cut")
	_, err = target.Apply(context.Background(), &failing{pack(t, file("a", "content"))[:700], broken})
	var refused *EntryError
	if !errors.Is(err, broken) || errors.As(err, &refused) {
		t.Errorf("a source that fails: %v", err)
	}
}

// failing reads a beginning, and then fails.
type failing struct {
	content []byte
	err     error
}

func (f *failing) Read(buffer []byte) (int, error) {
	if len(f.content) == 0 {
		return 0, f.err
	}
	n := copy(buffer, f.content)
	f.content = f.content[n:]
	return n, nil
}
