//go:build linux && !vm

package archive

// cspell:ignore fuzzminimizetime drwxr urwxr gsha Lrwxrwxrwx

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// hostile is an archive that somebody made with bad intent.
type hostile struct {
	layers [][]byte // all but the last are harmless
	entry  string   // the name in the error; "*": any, as not the entry is at fault
	reason string   // part of the error; empty: the archive is unpacked, and harmless
	want   []string // what is there then, if it is unpacked
	limits Limits
}

// refused is an archive that must be refused because of an entry.
func refused(entry, reason string, layers ...[]byte) hostile {
	return hostile{layers: layers, entry: entry, reason: reason, limits: DefaultLimits}
}

// harmless is an archive that may be unpacked, with this result.
func harmless(want []string, layers ...[]byte) hostile {
	return hostile{layers: layers, want: want, limits: DefaultLimits}
}

func (h hostile) within(limits Limits) hostile {
	h.limits = limits
	return h
}

// sparse1 is a sparse file of format 1.0, which claims a size and has one piece of content.
func sparse1(t testing.TB, size string) []byte {
	records := record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") + record("GNU.sparse.name", "sparse") +
		record("GNU.sparse.realsize", size)
	body := make([]byte, 1024)
	copy(body, "1\n0\n1\n")
	body[512] = 'x'
	return raw(pax(records), block("sparse", '0', map[int]string{124: fmt.Sprintf("%011o\x00", 513)}), body)
}

// record is one record of a PAX header, with its own length at the start.
func record(key, value string) string {
	length := len(key) + len(value) + 3
	length += len(fmt.Sprint(length + len(fmt.Sprint(length))))
	return fmt.Sprintf("%d %s=%s\n", length, key, value)
}

// pax is a PAX header with these records.
func pax(records string) []byte {
	body := make([]byte, (len(records)+511)/512*512)
	copy(body, records)
	return append(block("pax", 'x', map[int]string{124: fmt.Sprintf("%011o\x00", len(records))}), body...)
}

func hostiles(t testing.TB) map[string]hostile {
	one := func(e ...entry) []byte { return pack(t, e...) }
	noise := make([]byte, 100_000)
	random := rand.NewChaCha8([32]byte{})
	random.Read(noise)
	big := one(file("noise", string(noise)))
	zeros := one(file("zeros", strings.Repeat("\x00", 100<<20)))
	long := strings.Repeat("n", 256)
	deep := strings.Repeat("d/", maxDepth+1) + "f"
	half := strings.Repeat("d/", maxDepth-10)
	owner := func(uid, gid int) entry {
		return file("f", "").with(func(h *tar.Header) { h.Uid, h.Gid, h.Format = uid, gid, tar.FormatGNU })
	}
	all := map[string]hostile{
		// Names.
		"parent":                   refused("../canary", `".."`, one(file("../canary", "x"))),
		"parent in the middle":     refused("a/../../canary", `".."`, one(file("a/../../canary", "x"))),
		"parent at the end":        refused("a/..", `".."`, one(dir("a"), dir("a/.."))),
		"parent that stays inside": refused("a/../b", `".."`, one(file("a/../b", "x"))),
		"parent as a directory":    refused("../", `".."`, one(dir("../"))),
		// tar(1) takes the slashes off, and so do umoci and buildah.
		"absolute": harmless([]string{"etc drwxr-xr-x", `etc/canary -rw-r--r-- "x"`},
			one(file("/etc/canary", "x"))),
		"two slashes": harmless([]string{"etc drwxr-xr-x", `etc/canary -rw-r--r-- "x"`},
			one(file("//etc/canary", "x"))),
		"root and directory of nix, absolute": harmless([]string{"nix drwxr-xr-x", `nix/f -rw-r--r-- "x"`},
			one(dir("/"), dir("/nix/"), file("/nix/f", "x"))),
		"absolute root as a link":  refused("/", "root", raw(block("/", '2', map[int]string{157: "/etc"}))),
		"absolute parent":          refused("/../canary", `".."`, one(file("/../canary", "x"))),
		"no name":                  refused("", "no name", raw(block("", '0', nil))),
		"zero byte in a long name": refused("*", "", raw(pax(record("path", "a\x00b")), block("a", '0', nil))),
		"component too long":       refused(long, "name too long", one(file(long, "x"))),
		"directory too long":       refused(long+"/f", "name too long", one(file(long+"/f", "x"))),
		"too deep":                 refused(deep, "directories deep", one(file(deep, "x"))),
		"name of a megabyte":       refused("*", "", one(file(strings.Repeat("a/", 1<<18)+"f", ""))),
		"root as a link":           refused("./", "root", raw(block("./", '2', map[int]string{157: "/etc"}))),
		"root as a file":           refused(".", "root", one(file(".", "x"))),
		"line break in a name":     harmless([]string{`a` + "\n" + `b -rw-r--r-- "x"`}, one(file("a\nb", "x"))),
		"dots and slashes": harmless([]string{"a drwxr-xr-x", `a/b -rw-r--r-- "x"`},
			one(file("././/a/./b", "x"))),
		"three dots":                  harmless([]string{`... -rw-r--r-- "x"`}, one(file("...", "x"))),
		"file below a file":           refused("a/b", "not a directory", one(file("a", "x"), file("a/b", "x"))),
		"directory without its entry": harmless([]string{"a drwxr-xr-x", `a/b -rw-r--r-- ""`}, one(file("a/b", ""))),

		// Symbolic links.
		"file through an absolute link": harmless([]string{"etc drwxr-xr-x", `etc/canary -rw-r--r-- "x"`,
			"l Lrwxrwxrwx -> /etc"}, one(dir("etc"), symlink("l", "/etc"), file("l/canary", "x"))),
		"file through a link to the parent": harmless([]string{`canary -rw-r--r-- "x"`, "l Lrwxrwxrwx -> ../.."},
			one(symlink("l", "../.."), file("l/canary", "x"))),
		"file through two links": harmless([]string{"a Lrwxrwxrwx -> b/..", "b Lrwxrwxrwx -> /",
			`canary -rw-r--r-- "x"`},
			one(symlink("b", "/"), symlink("a", "b/.."), file("a/canary", "x"))),
		"file through a link that leads nowhere": refused("l/passwd", "leads nowhere",
			one(symlink("l", "/elsewhere"), file("l/passwd", "x"))),
		"file through a link to itself": refused("l/f", "too many levels", one(symlink("l", "l"), file("l/f", "x"))),
		"file upon a link": harmless([]string{`l -rw-r--r-- "x"`},
			one(symlink("l", "../canary"), file("l", "x"))),
		"directory upon a link": harmless([]string{"l drwxr-xr-x", `l/canary -rw-r--r-- "x"`},
			one(symlink("l", ".."), dir("l"), file("l/canary", "x"))),
		"link in place of a directory": harmless([]string{"d Lrwxrwxrwx -> ..", `f -rw-r--r-- "y"`},
			one(dir("d"), file("d/f", "x"), symlink("d", ".."), file("d/f", "y"))),
		"link in place of a layer's directory": harmless([]string{"d Lrwxrwxrwx -> /", `f -rw-r--r-- "y"`},
			one(dir("d"), file("d/f", "x")), one(symlink("d", "/"), file("d/f", "y"))),
		"link to a process's root": refused("l/tmp/canary", "",
			one(symlink("l", "/proc/self/root"), file("l/tmp/canary", "x"))),
		"link without a target": refused("l", "", raw(block("l", '2', nil))),
		"target too long":       refused("l", "name too long", one(symlink("l", strings.Repeat("t", 5000)))),
		"deeper through links": refused("e/d/d/d/d/d/d/d/d/d/d/d/d/d/d/f", "through links",
			one(dir(half), symlink("e", half), file("e/d/d/d/d/d/d/d/d/d/d/d/d/d/d/f", ""))),

		// Hard links.
		"hard link outside": refused("l", `".."`, one(link("l", "../canary"))),
		// perlbug of Debian, in a layer of kaniko.
		"hard link to an absolute name": harmless([]string{`l -rw-r--r-- "x"`, `perlbug -rw-r--r-- "x"`},
			one(file("perlbug", "x"), link("/l", "/perlbug"))),
		"hard link to a file of the host": refused("l", "not there", one(link("l", "/etc/passwd"))),
		"hard link to the absolute root":  refused("h", "", one(link("h", "/"))),
		"hard link to what is not there":  refused("l", "not there", one(link("l", "missing"))),
		"hard link through a link":        refused("h", "not there", one(symlink("l", "/etc"), link("h", "l/passwd"))),
		"hard link to itself":             refused("l", "not there", one(link("l", "l"))),
		"hard link to itself, which is there": harmless([]string{`l -rw-r--r-- "x"`},
			one(file("l", "x"), link("l", "./l"))),
		"hard link to a directory": refused("h", "directory", one(dir("d"), link("h", "d"))),
		"hard link to the root":    refused("h", "", one(link("h", "."))),
		"hard link to a link outside, written to": harmless([]string{`h -rw-r--r-- "x"`, "l Lrwxrwxrwx -> ../canary"},
			one(symlink("l", "../canary"), link("h", "l"), file("h", "x"))),
		"hard link to what it removes": refused("d", "no such file", one(file("d/f", "x"), link("d", "d/f"))),

		// Kinds.
		"character device": refused("null", "device", one(node(tar.TypeChar, "null"))),
		"disk":             refused("sda", "device", one(node(tar.TypeBlock, "sda"))),
		"whiteout of overlayfs": refused("w", "device", one(node(tar.TypeChar, "w").with(func(h *tar.Header) {
			h.Devmajor, h.Devminor = 0, 0
		}))),
		"disk elsewhere":          refused("srv/dev/sda", "device", one(node(tar.TypeBlock, "srv/dev/sda"))),
		"device in place of /dev": refused("dev", "device", one(node(tar.TypeChar, "dev"))),
		"hard link out of the dev": refused("null", "not there",
			one(node(tar.TypeChar, "dev/null"), link("null", "dev/null"))),
		"unknown kind":      refused("u", "unknown", raw(block("u", 'Z', nil))),
		"kind of GNU dumps": refused("u", "unknown", raw(block("u", 'D', nil))),
		"set-user-ID": harmless([]string{`su urwxr-xr-x "x"`}, one(file("su", "x").with(func(h *tar.Header) {
			h.Mode = 0o4755
		}))),
		"type in the mode": harmless([]string{`f -rw-r--r-- "x"`},
			one(file("f", "x").with(func(h *tar.Header) { h.Mode = 0o20644 }))),
		"pipe, written to": harmless([]string{`p -rw-r--r-- "x"`}, one(node(tar.TypeFifo, "p"), file("p", "x"))),
		"the same name twice": harmless([]string{`f -rw-r--r-- "2"`},
			one(file("f", "1"), file("f", "2"))),
		"file in place of a full directory": harmless([]string{`d -rw-r--r-- "x"`},
			one(file("d/e/f", "1"), file("d", "x"))),

		// Numbers.
		"negative owner": refused("f", "no user", one(owner(-1, 0))),
		"negative group": refused("f", "no user", one(owner(0, -2))),
		"owner that means no owner": refused("f", "no user",
			raw(block("f", '0', map[int]string{108: "\x80\x00\x00\x00\xff\xff\xff\xff"}))),
		"size that is negative": refused("*", "not a tar",
			raw(block("f", '0', map[int]string{124: "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}))),
		"size that is a lie": refused("f", "too early",
			raw(block("f", '0', map[int]string{124: "00000777777\x00"}))),
		"size in PAX that is a lie": refused("f", "larger than", raw(pax(record("size", "9000000000000000000")),
			block("f", '0', nil))),
		"size in PAX that is negative": refused("*", "", raw(pax(record("size", "-1")), block("f", '0', nil))),
		"PAX record with a wrong length": refused("*", "",
			raw(pax("99 path=x\n"), block("f", '0', nil))),
		"PAX name outside": refused("../canary", `".."`, raw(pax(record("path", "../canary")), block("f", '0', nil))),
		"PAX link outside": refused("f", `".."`, raw(pax(record("linkpath", "../canary")), block("f", '1', nil))),
		"time before all times": harmless([]string{`f -rw-r--r-- ""`}, one(file("f", "").with(func(h *tar.Header) {
			h.ModTime = time.Unix(-1<<40, 0)
		}))),
		"wrong checksum": refused("*", "not a tar", append([]byte("X"), one(file("f", ""))[1:]...)),

		// Attributes.
		"attribute that redirects": refused("d", "trusted.overlay.redirect",
			one(dir("d").xattr("trusted.overlay.redirect", "/etc"))),
		"attribute that hides": refused("d", "trusted.overlay.opaque",
			one(dir("d").xattr("trusted.overlay.opaque", "y"))),
		"attribute for users": refused("d", "user.overlay.opaque",
			one(dir("d").xattr("user.overlay.opaque", "y"))),
		"capability that is none": refused("f", "no valid value",
			one(file("f", "").xattr("security.capability", "all"))),
		"label of another machine": harmless([]string{`f -rw-r--r-- ""`},
			one(file("f", "").xattr("security.selinux", "root_t"))),

		// Whiteouts.
		"absolute whiteout": harmless([]string{"a drwxr-xr-x"}, one(file("a/f", "")), one(file("/a/.wh.f", ""))),
		"whiteout of the parent": refused("a/.wh...", "whiteout", one(file("a/f", "")),
			one(file("a/.wh...", ""))),
		"whiteout of the parent at top": refused(".wh...", "whiteout", one(file(".wh...", ""))),
		"whiteout of the directory":     refused(".wh..", "whiteout", one(file("f", "")), one(file(".wh..", ""))),
		"whiteout of nothing":           refused(".wh.", "whiteout", one(file(".wh.", ""))),
		"whiteout as a directory":       refused(".wh.a/b", "whiteout", one(file(".wh.a/b", "x"))),
		"whiteout through a link outside": harmless([]string{"l Lrwxrwxrwx -> ../"},
			one(symlink("l", "../")), one(file("l/.wh.canary", ""))),
		"whiteout of a link outside": harmless([]string{}, one(symlink("l", "../canary")), one(file(".wh.l", ""))),
		"opaque link outside": harmless([]string{},
			one(symlink("l", "../..")), one(file("l/.wh..wh..opq", ""))),
		"whiteout of the whole root": harmless([]string{}, one(file("a/b", ""), file("c", "")),
			one(file(".wh..wh..opq", ""))),

		// Bombs.
		"too many entries": refused("c", "more than 2 entries",
			one(dir("a"), dir("b"), dir("c"))).within(Limits{Entries: 2}),
		"too many bytes": refused("noise", "larger than", big).within(Limits{Bytes: 1000}),
		"gzip bomb":      refused("*", "bomb", gzipped(t, zeros)).within(Limits{Ratio: 200, Grace: 64 << 20}),
		"zstd bomb":      refused("*", "bomb", zstandard(t, zeros)).within(Limits{Ratio: 200, Grace: 64 << 20}),
		"bomb behind the end": refused("*", "swells", gzipped(t, append(one(file("f", "")), make([]byte, 4<<20)...))).
			within(Limits{Bytes: 1000}),
		"bomb in a whiteout": refused(".wh.x", "larger than",
			one(file(".wh.x", strings.Repeat("x", 4<<20)))).within(Limits{Bytes: 1000}),
		"sparse file of an exabyte":   refused("sparse", "larger than", sparse1(t, "1000000000000000000")),
		"sparse file smaller than it": refused("*", "", sparse1(t, "0")),

		// Ends.
		"nothing":        refused("", "too early", nil),
		"a line of text": refused("", "this is not a tar archive", []byte("baa\n")),
		"xz": refused("", "compressed with xz: decompress it first, with xz -dc",
			[]byte("\xfd7zXZ\x00\x00\x04rest")),
		"bzip2":                     refused("", "with bzip2 -dc", []byte("BZh91AY&SYrest")),
		"lzip":                      refused("", "with lzip -dc", []byte("LZIP\x01rest")),
		"lz4":                       refused("", "with lz4 -dc", []byte("\x04\x22\x4d\x18rest")),
		"compress":                  refused("", "with gzip -dc", []byte("\x1f\x9drest")),
		"no archive":                refused("", "not a tar", bytes.Repeat([]byte("hello\n"), 1000)),
		"beginning like bzip2":      refused("BZh9", "too early", one(file("BZh9", "baa"))[:1024]),
		"half a header":             refused("", "too early", big[:300]),
		"cut in a file":             refused("noise", "too early", big[:5000]),
		"cut before the end marker": refused("noise", "too early", big[:len(big)-1024]),
		"gzip cut":                  refused("noise", "too early", gzipped(t, big)[:50_000]),
		"gzip cut in its checksum": refused("*", "too early",
			func() []byte { g := gzipped(t, big); return g[:len(g)-4] }()),
		"gzip with a wrong checksum": refused("*", "damaged",
			func() []byte { g := gzipped(t, big); g[len(g)-6] ^= 1; return g }()),
		"gzip damaged": refused("*", "",
			func() []byte { g := gzipped(t, big); g[50_000] ^= 0x55; return g }()),
		"gzip with rubbish behind": refused("*", "", append(gzipped(t, big), "rubbish"...)),
		"gzip magic alone":         refused("*", "", []byte{0x1f, 0x8b}),
		"zstd cut":                 refused("*", "too early", zstandard(t, big)[:50_000]),
		"zstd with a wrong checksum": refused("*", "damaged",
			func() []byte { z := zstandard(t, big); z[len(z)-1] ^= 1; return z }()),
		"zstd window of a terabyte": refused("*", "", append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf0},
			make([]byte, 100)...)),
	}
	return all
}

// cage is a directory with a target in it, and around it what must not be touched.
func cage(t testing.TB) (target string, check func()) {
	t.Helper()
	outer := t.TempDir()
	target = filepath.Join(outer, "between", "target")
	testkit.Must(t, os.MkdirAll(target, 0o755))
	for _, name := range []string{"canary", "between/canary", "between/f", "between/passwd"} {
		testkit.Must(t, os.WriteFile(filepath.Join(outer, name), []byte("sings"), 0o600))
	}
	look := func() string {
		var lines []string
		for _, line := range tree(t, outer) {
			if !strings.HasPrefix(line, "between/target/") {
				name, _, _ := strings.Cut(line, " ")
				info, err := os.Lstat(filepath.Join(outer, name))
				testkit.Must(t, err)
				stat := info.Sys().(*syscall.Stat_t)
				// The modification of target itself is what is expected; of all others neither content nor inode
				// changes.
				if name != "between/target" {
					line += fmt.Sprint(" ", stat.Ino, stat.Nlink, stat.Ctim)
				}
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "\n")
	}
	before := look()
	return target, func() {
		t.Helper()
		if after := look(); after != before {
			t.Errorf("outside of the target it was\n%s\nand is\n%s", before, after)
		}
	}
}

func TestHostileArchivesAreRefusedOrHarmless(t *testing.T) {
	needsRoot(t)
	for name, h := range hostiles(t) {
		t.Run(name, func(t *testing.T) {
			root, check := cage(t)
			target, err := Open(root, h.limits)
			testkit.Must(t, err)
			defer target.Close()
			for _, layer := range h.layers[:len(h.layers)-1] {
				_, err := target.Apply(context.Background(), bytes.NewReader(layer))
				testkit.Must(t, err)
			}
			_, err = target.Apply(context.Background(), bytes.NewReader(h.layers[len(h.layers)-1]))
			check()
			var refused *EntryError
			switch {
			case h.want != nil:
				if err != nil {
					t.Fatalf("it is refused: %v", err)
				}
				if got := tree(t, root); !slices.Equal(got, h.want) {
					t.Errorf("unpacked:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(h.want, "\n  "))
				}
			case !errors.As(err, &refused):
				t.Errorf("it is not refused by name: %v", err)
			case h.entry != "*" && refused.Entry != h.entry || !strings.Contains(refused.Reason, h.reason):
				t.Errorf("the error is %q; it should name %q and speak of %q", err, h.entry, h.reason)
			}
			if err := os.RemoveAll(root); err != nil {
				t.Errorf("what was unpacked cannot be removed: %v", err)
			}
		})
	}
}

func TestSparseFileIsUnpacked(t *testing.T) {
	root := apply(t, sparse1(t, "1"))
	expect(t, root, `sparse -rw-r--r-- "x"`)
}

// FuzzExtract looks for archives that reach outside, that fail with something else than an [EntryError], or that cannot
// be removed again. In normal runs the hostile archives are what it tries. Fuzz with -fuzzminimizetime 1x: with several
// goroutines no two runs cover the same code, and the search for a smaller input goes on in vain.
func FuzzExtract(f *testing.F) {
	needsRoot(f)
	for name, h := range hostiles(f) {
		if last := h.layers[len(h.layers)-1]; len(last) < 64<<10 && name != "gzip bomb" {
			f.Add(last)
		}
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		root, check := cage(t)
		target, err := Open(root, Limits{Bytes: 1 << 20, Entries: 1000, Ratio: 100})
		testkit.Must(t, err)
		defer target.Close()
		// Once as the first layer, and once upon what that left.
		for range 2 {
			_, err = target.Apply(context.Background(), bytes.NewReader(archive))
			check()
			var refused *EntryError
			if err != nil && !errors.As(err, &refused) {
				t.Fatalf("the archive makes it fail, but it does not say what in the archive: %v", err)
			}
		}
		testkit.Must(t, os.RemoveAll(root))
	})
}
