//go:build linux

package store

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// roles are what the test binary does instead of testing when it is started with their name, and arguments.
var roles = map[string]func([]string){
	// hold opens the store in a directory and keeps it until its input ends.
	"hold": func(arguments []string) {
		s, err := Open(arguments[0], Options{})
		if err != nil {
			panic(err)
		}
		defer s.Close()
		fmt.Println("open")
		os.Stdin.Read(make([]byte, 1))
	},
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if role, known := roles[os.Args[1]]; known {
			role(os.Args[2:])
			return
		}
	}
	os.Exit(m.Run())
}

// again starts the test binary in a role.
func again(role ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", role...)
	cmd.Stderr = os.Stderr
	return cmd
}
