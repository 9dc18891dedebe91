//go:build linux && !vm

package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// probes are what the test binary can do when it is started with the arguments "probe NAME DIRECTORY".
var probes = map[string]func(dir string) error{}

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "probe" {
		if err := probes[os.Args[2]](os.Args[3]); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// probe is a command that runs a probe.
func probe(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "probe", name, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	return cmd
}

// open makes a store for a test.
func open(t testing.TB) *Store {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: the files of an image belong to several users")
	}
	s, err := Open(filepath.Join(t.TempDir(), "images"))
	testkit.Must(t, err)
	return s
}

// packed makes a tar archive of files, given as names and contents by turns.
func packed(files ...string) []byte {
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	for index := 0; index < len(files); index += 2 {
		header := tar.Header{Typeflag: tar.TypeReg, Name: files[index], Mode: 0o644, Size: int64(len(files[index+1]))}
		if err := writer.WriteHeader(&header); err != nil {
			panic(err)
		}
		io.WriteString(writer, files[index+1])
	}
	writer.Close()
	return buffer.Bytes()
}

// importFiles imports an archive of files under a name.
func importFiles(t testing.TB, s *Store, ref string, files ...string) Image {
	t.Helper()
	image, err := s.Import(context.Background(), bytes.NewReader(packed(files...)), ref, nil)
	testkit.Must(t, err)
	return image
}

// names lists what a store holds.
func names(t testing.TB, s *Store) []string {
	t.Helper()
	images, err := s.List()
	testkit.Must(t, err)
	all := []string{}
	for _, image := range images {
		all = append(all, image.Ref())
	}
	slices.Sort(all)
	return all
}

// expectNames compares what a store holds, and sees that nothing else lies in its directory.
func expectNames(t testing.TB, s *Store, want ...string) {
	t.Helper()
	if got := names(t, s); !slices.Equal(got, want) {
		t.Errorf("the store has %q, not %q", got, want)
	}
	images, err := s.List()
	testkit.Must(t, err)
	ids := make(map[string]bool)
	for _, image := range images {
		ids[image.ID] = true
	}
	entries, err := os.ReadDir(s.dir)
	testkit.Must(t, err)
	for _, entry := range entries {
		if !ids[entry.Name()] && entry.Name() != stagingName {
			t.Errorf("%s lies in the directory of the store", entry.Name())
		}
	}
	leftovers, err := os.ReadDir(filepath.Join(s.dir, stagingName))
	testkit.Must(t, err)
	for _, entry := range leftovers {
		t.Errorf("%s was left half done", entry.Name())
	}
}

func TestImportKeepsTheFilesOfAnArchive(t *testing.T) {
	s := open(t)
	defer syscall.Umask(syscall.Umask(0o077)) // a careful administrator's
	before := time.Now()
	image := importFiles(t, s, "web", "hello", "hi there", "etc/name", "x")
	if image.Name != "web" || image.Tag != "latest" || image.Size != 9 || !isID(image.ID) {
		t.Errorf("imported: %+v", image)
	}
	if image.CreatedAt.Before(before.Add(-time.Second)) || image.CreatedAt.After(time.Now().Add(time.Second)) {
		t.Errorf("created at %v", image.CreatedAt)
	}
	if content, err := os.ReadFile(filepath.Join(image.Rootfs, "hello")); string(content) != "hi there" {
		t.Errorf("the file holds %q (%v)", content, err)
	}
	info, err := os.Stat(image.Rootfs)
	testkit.Must(t, err)
	if stat := info.Sys().(*syscall.Stat_t); info.Mode().Perm() != 0o755 || stat.Uid != 0 || stat.Gid != 0 {
		t.Errorf("rootfs is %v, of %d:%d", info.Mode(), stat.Uid, stat.Gid)
	}
	// The archive does not mention this directory. Users of the container other than root must get in.
	etc, err := os.Stat(filepath.Join(image.Rootfs, "etc"))
	if testkit.Must(t, err); etc.Mode().Perm() != 0o755 {
		t.Errorf("etc is %v", etc.Mode())
	}
	for _, ref := range []string{"web", "web:latest", image.ID, image.ID[:5], "sha256:" + image.ID} {
		found, err := s.Find(ref)
		if err != nil || found.ID != image.ID || found.Rootfs != image.Rootfs {
			t.Errorf("find %s: %+v, %v", ref, found, err)
		}
	}
	expectNames(t, s, "web:latest")
}

func TestOnlyRootGetsIntoTheStore(t *testing.T) {
	s := open(t)
	testkit.Must(t, os.Chmod(s.dir, 0o777))
	_, err := Open(s.dir)
	testkit.Must(t, err)
	info, err := os.Stat(s.dir)
	testkit.Must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the directory is open: %v", info.Mode())
	}
}

func TestEqualContentIsKeptOnceUnderSeveralNames(t *testing.T) {
	s := open(t)
	one := importFiles(t, s, "one", "a", "b")
	two := importFiles(t, s, "two:v1", "a", "b")
	other := importFiles(t, s, "other", "a", "c")
	if one.ID != two.ID || one.ID == other.ID {
		t.Errorf("ids %s and %s for one content, %s for another", one.ID, two.ID, other.ID)
	}
	expectNames(t, s, "one:latest", "other:latest", "two:v1")
	inUse := errors.New("in use")
	refuse := func(image Image) error {
		if image.ID != one.ID {
			t.Errorf("it asks about %s, not %s", image.ID, one.ID)
		}
		return inUse
	}
	testkit.Must(t, s.Remove("one", refuse)) // it has another name, and so stays
	expectNames(t, s, "other:latest", "two:v1")
	if found, err := s.Find(one.ID); err != nil || found.Ref() != "two:v1" {
		t.Errorf("the image is now %s (%v)", found.Ref(), err)
	}
	for _, ref := range []string{"two:v1", one.ID} {
		if err := s.Remove(ref, refuse); err != inUse {
			t.Errorf("Remove of the last name, %s, gives %v", ref, err)
		}
	}
	expectNames(t, s, "other:latest", "two:v1")
	testkit.Must(t, s.Remove(one.ID, func(Image) error { return nil }))
	expectNames(t, s, "other:latest")
	if _, err := os.Stat(one.Rootfs); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("files remain of an image without a name: %v", err)
	}
}

func TestNameMovesToTheNewImage(t *testing.T) {
	s := open(t)
	old := importFiles(t, s, "web", "a", "old")
	importFiles(t, s, "web", "a", "new")
	// The old one may be in use: it stays, without the name.
	expectNames(t, s, old.ID, "web:latest")
	// And back: the content is there already.
	if again := importFiles(t, s, "web", "a", "old"); again.ID != old.ID {
		t.Errorf("the id of the same content was %s and is %s", old.ID, again.ID)
	}
	found, err := s.Find("web")
	if err != nil || found.ID != old.ID {
		t.Errorf("web is %s, not %s (%v)", found.ID, old.ID, err)
	}
}

func TestTheYoungerClaimOnANameHolds(t *testing.T) {
	s := open(t)
	old := importFiles(t, s, "web", "a", "old")
	manifest, err := os.ReadFile(filepath.Join(s.dir, old.ID, manifestName))
	testkit.Must(t, err)
	fresh := importFiles(t, s, "web", "a", "new")
	// As if the command had been killed before it could take the name from the old image.
	testkit.Must(t, os.WriteFile(filepath.Join(s.dir, old.ID, manifestName), manifest, 0o600))
	found, err := s.Find("web")
	if err != nil || found.ID != fresh.ID {
		t.Errorf("web is %s, not the younger %s (%v)", found.ID, fresh.ID, err)
	}
	expectNames(t, s, old.ID, "web:latest")
}

func TestFailedImportChangesNothing(t *testing.T) {
	s := open(t)
	old := importFiles(t, s, "web", "a", "old")
	archive := packed("a", "new", "../outside", "x")
	_, err := s.Import(context.Background(), bytes.NewReader(archive), "web", nil)
	var refused *EntryError
	if !errors.As(err, &refused) || refused.Entry != "../outside" {
		t.Errorf("import of a hostile archive: %v", err)
	}
	if found, err := s.Find("web"); err != nil || found.ID != old.ID {
		t.Errorf("after a failed import web is %s (%v)", found.ID, err)
	}
	expectNames(t, s, "web:latest")
}

func TestCancelledImportLeavesNothing(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := s.Import(ctx, io.MultiReader(bytes.NewReader(packed("a", "b")[:600]),
		readerFunc(func([]byte) (int, error) {
			cancel()
			return 0, nil
		})), "web", nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled import says %v", err)
	}
	expectNames(t, s)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(buffer []byte) (int, error) { return f(buffer) }

func TestFindNamesNearOnes(t *testing.T) {
	s := open(t)
	_, err := s.Find("web")
	if !errors.As(err, new(*NotFoundError)) || err.Error() != `there is no image "web"` {
		t.Errorf("in an empty store: %v", err)
	}
	importFiles(t, s, "example.org/team/debian:12", "a", "1")
	importFiles(t, s, "alpine:3.20", "a", "2")
	for ref, want := range map[string]string{
		"alpin": "alpine:3.20", "alpine": "alpine:3.20", "debain": "example.org/team/debian:12",
		"team/debian": "example.org/team/debian:12", "debian:13": "example.org/team/debian:12",
	} {
		_, err := s.Find(ref)
		if !errors.As(err, new(*NotFoundError)) || !strings.HasSuffix(err.Error(), "did you mean "+want+"?") {
			t.Errorf("find %s: %v", ref, err)
		}
	}
	if _, err := s.Find("something-else"); !errors.As(err, new(*NotFoundError)) ||
		!strings.HasSuffix(err.Error(), `"something-else"`) {
		t.Errorf("find something else: %v", err)
	}
	if _, err := s.Find(""); err == nil {
		t.Error("nothing was found")
	}
}

func TestFindWantsAnUnambiguousID(t *testing.T) {
	s := open(t)
	ids := make(map[byte]string)
	for content := 'a'; ; content++ {
		id := importFiles(t, s, "image:"+string(content), "a", string(content)).ID
		if _, twice := ids[id[0]]; twice {
			_, err := s.Find(id[:1])
			if err == nil || !strings.Contains(err.Error(), "2 images") {
				t.Errorf("find %s: %v", id[:1], err)
			}
			return
		}
		ids[id[0]] = id
	}
}

func TestParseReference(t *testing.T) {
	sum := "sha256:" + strings.Repeat("0a", 32)
	for text, want := range map[string]string{
		"alpine":                        "alpine:latest",
		"alpine:3.20":                   "alpine:3.20",
		"localhost:5000/a/b":            "localhost:5000/a/b:latest",
		"127.0.0.1:5000/a:b":            "127.0.0.1:5000/a:b",
		"[::1]:5000/a":                  "[::1]:5000/a:latest",
		"a@" + sum:                      "a@" + sum,
		"gcr.io/x_y/z--w:V1":            "gcr.io/x_y/z--w:V1",
		"":                              "",
		":tag":                          "",
		"a:":                            "",
		"A":                             "",
		"a b":                           "",
		"../a":                          "",
		"/a":                            "",
		"a/":                            "",
		"a:b/c":                         "",
		"a//b":                          "",
		"a:b:c":                         "",
		"a:-b":                          "",
		"-a":                            "",
		"a-":                            "",
		"Host/a":                        "Host/a:latest",
		"host:port/a":                   "",
		"[::1/a":                        "",
		"a@sha256:12":                   "",
		"a:b\n":                         "",
		"a:" + strings.Repeat("b", 200): "",
	} {
		ref, err := parseReference(text)
		if (err == nil) != (want != "") || err == nil && ref.String() != want {
			t.Errorf("%q is %v (%v), not %q", text, ref, err, want)
		}
	}
}

func TestOpenRemovesOnlyWhatNobodyWorksOn(t *testing.T) {
	s := open(t)
	alive, err := s.stage()
	testkit.Must(t, err)
	testkit.Must(t, os.MkdirAll(filepath.Join(s.dir, stagingName, "dead", "rootfs", "a"), 0o755))
	_, err = Open(s.dir)
	testkit.Must(t, err)
	entries, err := os.ReadDir(filepath.Join(s.dir, stagingName))
	testkit.Must(t, err)
	if len(entries) != 1 || entries[0].Name() != filepath.Base(alive.dir) {
		t.Errorf("there remain %v; %s is in use", entries, alive.dir)
	}
	testkit.Must(t, alive.remove())
}

func TestParallelImportsOfOneNameAllSucceed(t *testing.T) {
	s := open(t)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			other, err := Open(s.dir) // sweeps while others stage
			if err == nil {
				_, err = other.Import(context.Background(), bytes.NewReader(packed("a", string(rune('a'+worker%2)))),
					"web", nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if images, err := s.List(); err != nil || len(images) != 2 {
		t.Errorf("two contents became %d images (%v)", len(images), err)
	}
	if _, err := s.Find("web"); err != nil {
		t.Error(err)
	}
}

// count is a progress that remembers the last piece of work.
type count struct {
	what        string
	total, seen int64
	done        bool
}

func (c *count) Start(what string, total int64) { *c = count{what: what, total: total} }
func (c *count) Advance(n int64)                { c.seen += n }
func (c *count) Done()                          { c.done = true }

func TestImportTellsItsProgress(t *testing.T) {
	s := open(t)
	archive := packed("a", strings.Repeat("content", 100_000))
	name := filepath.Join(t.TempDir(), "archive.tar")
	testkit.Must(t, os.WriteFile(name, archive, 0o600))
	file, err := os.Open(name)
	testkit.Must(t, err)
	defer file.Close()
	var c count
	_, err = s.Import(context.Background(), file, "web", &c)
	testkit.Must(t, err)
	if size := int64(len(archive)); c.total != size || c.seen != size || !c.done || c.what != "import web" {
		t.Errorf("heard of %d of %d bytes, %q, done: %v; there are %d", c.seen, c.total, c.what, c.done, size)
	}
}

func init() {
	// Imports what comes in through a pipe that never ends.
	probes["import stdin"] = func(dir string) error {
		s, err := Open(dir)
		if err != nil {
			return err
		}
		_, err = s.Import(context.Background(), os.Stdin, "web", nil)
		return err
	}
}

func TestKilledImportLeavesNothing(t *testing.T) {
	s := open(t)
	cmd := probe(t, "import stdin", s.dir)
	input, err := cmd.StdinPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	// More than all buffers hold: when it is written, some of it is unpacked.
	archive := packed("a", strings.Repeat("x", 10<<20), "b", "y")
	_, err = input.Write(archive[:10<<20])
	testkit.Must(t, err)
	staged, err := filepath.Glob(filepath.Join(s.dir, stagingName, "*", rootfsName, "a"))
	testkit.Must(t, err)
	if len(staged) != 1 {
		t.Fatalf("in the middle of an import there is %q", staged)
	}
	testkit.Must(t, cmd.Process.Kill())
	cmd.Wait()
	_, err = Open(s.dir)
	testkit.Must(t, err)
	expectNames(t, s)
}

// What debootstrap(8) makes has them.
func TestImportNotesTheDevicesThatItLeavesOut(t *testing.T) {
	s := open(t)
	var notes []error
	s.Note = func(err error) { notes = append(notes, err) }
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	for _, name := range []string{"./dev/full", "./dev/null"} {
		testkit.Must(t, writer.WriteHeader(&tar.Header{Typeflag: tar.TypeChar, Name: name, Mode: 0o666, Devmajor: 1}))
	}
	testkit.Must(t, writer.Close())
	_, err := s.Import(context.Background(), &buffer, "deb", nil)
	testkit.Must(t, err)
	var left *LeftOutError
	if len(notes) != 1 || !errors.As(notes[0], &left) || !slices.Equal(left.Nodes, []string{"dev/full", "dev/null"}) {
		t.Errorf("notes: %v", notes)
	}
}
