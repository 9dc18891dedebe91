//go:build linux

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program.
const asProgram = "SHEEP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		testns.Main(m)
	}
	main()
}

// Since Linux 4.19 an open file follows its copy, and what is mapped does not.
func TestOpenFileFollowsTheCopyAndMappedMemoryDoesNot(t *testing.T) {
	testns.RequireRoot(t, "trusted extended attributes")
	disk := t.TempDir()
	testkit.Must(t, syscall.Mount("disk", disk, "tmpfs", 0, "mode=755"))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	for _, name := range []string{"image", "upper", "work", "merged"} {
		testkit.Must(t, os.Mkdir(filepath.Join(disk, name), 0o755))
	}
	testkit.Must(t, os.WriteFile(disk+"/image/hosts", []byte("old\n"), 0o644))
	merged := disk + "/merged"
	testkit.Must(t, syscall.Mount("overlay", merged, "overlay", 0,
		"lowerdir="+disk+"/image,upperdir="+disk+"/upper,workdir="+disk+"/work"))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(merged, syscall.MNT_DETACH)) })

	// On the overlay, and then once more, where there is a copy already.
	for _, want := range []string{"read:\nnew\nmapped:\nold\n", "read:\nnew\nmapped:\nnew\n"} {
		name := merged + "/hosts"
		cmd := exec.Command("/proc/self/exe", name)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		stdin, err := cmd.StdinPipe()
		testkit.Must(t, err)
		stdout, err := cmd.StdoutPipe()
		testkit.Must(t, err)
		testkit.Must(t, cmd.Start())
		said := bufio.NewReader(stdout)
		if line, err := said.ReadString('\n'); line != "ready\n" {
			t.Fatalf("it says %q, %v", line, err)
		}
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		testkit.Must(t, err)
		_, err = file.WriteString("new")
		testkit.Must(t, err)
		testkit.Must(t, file.Close())
		testkit.Must(t, stdin.Close())
		got, err := io.ReadAll(said)
		testkit.Must(t, err)
		testkit.Must(t, cmd.Wait())
		if string(got) != want {
			t.Errorf("it prints %q, want %q", got, want)
		}
		testkit.Must(t, os.WriteFile(name, []byte("old\n"), 0o644))
	}
}
