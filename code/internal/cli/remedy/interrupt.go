//go:build linux

package remedy

import (
	"fmt"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
)

// Interrupt says what helps when Ctrl-C does not end a container. It begins on a line of its own, after what was typed.
func Interrupt(i container.Interrupt) string {
	var text string
	switch {
	case i.Killed:
		text = fmt.Sprintf("\nsheep: killed %s, since Ctrl-C was pressed %d times\n", i.Container, i.Presses)
	case i.Handled:
		text = fmt.Sprintf("\nsheep: Ctrl-C does not end %s: its program handles the signal and goes on\n"+
			"  from another terminal: sheep stop %[1]s\n", i.Container)
	default:
		text = fmt.Sprintf("\nsheep: Ctrl-C does not end %s: "+
			"a program that is PID 1 gets no signal that it has no handler for\n"+
			"  from another terminal: sheep stop %[1]s, or here: Ctrl-C %d times in quick succession; "+
			"next time: sheep run --init\n",
			i.Container, i.Presses)
	}
	if i.Raw {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}
