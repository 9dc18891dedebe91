//go:build linux && !vm

package main

import (
	"bytes"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestArchiveInAnotherCompressionIsImportedThroughAPipe(t *testing.T) {
	u := newUser(t)
	archive := filepath.Join(t.TempDir(), "busybox.tar")
	testkit.Must(t, os.WriteFile(archive, busybox(t), 0o600))
	for tool, name := range map[string]string{"xz": "xz", "bzip2": "bz2"} {
		if _, err := osexec.LookPath(tool); err != nil {
			t.Skipf("needs the program %s, which this machine does not have", tool)
		}
		shell(t, tool, "-k", archive)
		packed := archive + "." + name
		hint := "compressed with " + tool + ": decompress it on the way: " + tool + " -dc FILE | sheep import - NAME\n"
		u.sheep("import", packed, "busybox").check(t, "import", "", hint, 1)
		unpacked, err := osexec.Command(tool, "-dc", packed).Output()
		testkit.Must(t, err)
		u.sheepWith(string(unpacked), "import", "-", "busybox:"+tool).check(t, "import -", "busybox:"+tool+"\n",
			"import busybox", 0)
	}
	if left := u.ok("images", "-q"); len(left) != 2*13 {
		t.Errorf("there is left %q", left)
	}
}

func TestCtrlCEndsAnImportThatWaits(t *testing.T) {
	u := newUser(t)
	cmd := u.command("import", "-", "busybox")
	archive, err := cmd.StdinPipe()
	testkit.Must(t, err)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	testkit.Must(t, cmd.Start())
	_, err = io.CopyN(archive, bytes.NewReader(busybox(t)), 100_000) // and the rest never comes
	testkit.Must(t, err)
	testkit.Eventually(t, "it is at work", func() bool {
		begun, _ := filepath.Glob(filepath.Join(os.Getenv("SHEEP_ROOT"), "images/.staging/*"))
		return len(begun) == 1
	})
	testkit.Must(t, cmd.Process.Signal(os.Interrupt))
	timer := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); !timer.Stop() || code != 130 ||
		!bytes.HasSuffix(complaint.Bytes(), []byte("\nsheep: interrupted\n")) {
		t.Errorf("it says %q and ends with %d", complaint.String(), code)
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("SHEEP_ROOT"), "images/.staging/*")); len(left) > 0 {
		t.Errorf("there is left %q", left)
	}
}
