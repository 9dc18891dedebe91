// Package help (chapter 10) has what sheep says about itself: the overview of its commands, notes on some of them, and
// what to use in place of those that only docker has.
//
// Read first: [Overview].
package help

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Overview prints what sheep --help shows: a line for each command, with its name and its summary.
func Overview(w io.Writer, commands [][2]string) {
	fmt.Fprint(w, "Usage: sheep COMMAND [FLAG…] [ARGUMENT…]\n\nSheep runs containers.\n\nCommands:\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c[0], c[1])
	}
	fmt.Fprint(w, "\nExample:\n  sheep pull busybox && sheep run -it --rm busybox sh\n\n"+
		"sheep COMMAND --help shows the flags of a command.\n")
}

// Note returns what there is to say of a command beyond its flags; it may be empty.
func Note(command string) string { return notes[command] }

var notes = map[string]string{
	"run": setUserID + "\n\n" + exitCodes, "create": setUserID, "exec": exitCodes,
	"stop": `The program gets the signal that --stop-signal of run or its image wants, or TERM. It is killed if it
has not ended after a time: -t here, or --stop-timeout of run, or 10 seconds.`,
	"kill": `SIGNAL is a name or a number: HUP, SIGUSR1, 15, RTMIN+3. A program that is PID 1 of its container gets
only signals that it handles, and KILL; with --init it gets all.`,
	"push": "The name of an image says where it goes. It gets another with: sheep tag IMAGE NAME",
	"import": `FILE is a tar archive of a root filesystem, what docker save writes, or an OCI layout, plain or
compressed with gzip or zstd; - is standard input. NAME may be left out if the archive has one, as those of
docker do. Device nodes below /dev are left out: each container gets a /dev of its own.`,
	"bootstrap": `Without PROGRAM: busybox, or otherwise a shell and common tools. The image gets the programs and the
libraries that they link to, and no data files.`,
	"inspect": `Of a running container it also shows the usage: memory, CPU time and processes (unless it runs without
limits), and the bytes that its writable layer takes on the disk; and its namespaces, as in /proc/PID/ns.`,
}

// setUserID is for commands that make a container.
const setUserID = `Set-user-ID programs such as sudo gain no rights in a container, because of no_new_privs, unless it
is --privileged.`

// exitCodes is for commands whose exit code is another program's.
const exitCodes = `Exit code: the program's own, or 128 + n if signal n ended it. If the program never ran: 127 it was
not found, 126 it cannot be executed, 125 anything else went wrong, 2 there is a mistake in the command line.`

// InPlaceOf returns what to use in place of a command that only docker has; empty if there is nothing. It reports
// whether docker has a command of that name.
func InPlaceOf(command string) (instead string, known bool) {
	instead, known = elsewhere[command]
	return instead, known || slices.Contains(strings.Fields(lacking), command)
}

var elsewhere = map[string]string{
	"load":      "sheep import",
	"attach":    "sheep logs -f",
	"info":      "sheep version",
	"restart":   "sheep stop, then sheep start",
	"top":       "sheep exec CONTAINER ps",
	"stats":     "sheep inspect, which shows the usage",
	"port":      "sheep ps, which shows the ports",
	"login":     "docker login, whose passwords sheep uses",
	"build":     "sheep import, or sheep bootstrap",
	"wait":      "sheep start -a, or sheep logs -f",
	"cp":        "a volume, or tar through sheep exec -i",
	"container": "the command alone, such as sheep ps",
}

// lacking are docker's other commands. Those that look like one of sheep's mean another thing.
const lacking = `builder buildx checkpoint commit compose config context diff events export history
	logout manifest network node pause plugin rename save search secret service stack swarm system trust unpause
	update volume`
