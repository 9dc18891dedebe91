//go:build linux

// Command sheep (chapter 10) runs containers.
//
// It is a table of commands, and each command is a set of flags and a function, which finds what is
// meant, has package container do the work, and prints the result. Results go to standard output,
// everything else to standard error.
//
// Read first: commands, route, command.execute, and run as an example of a command. The flags of a
// container are in internal/cli/options, tables in internal/cli/view, words of help in
// internal/cli/help, and what to do about an error in internal/cli/remedy.
//
// A mistake in the command line ends with exit code 2: an unknown command or flag, a missing
// argument, or a value that a flag does not take. A failure ends with 1. For run and exec, whose
// exit codes belong to the program inside, 125, 126 and 127 say that it never ran, as in docker.
//
// # Caveats
//
// The flags are a part of docker's. There is no daemon: a container in the background has a process
// of its own, and one that is killed is cleared away by the next command.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/batch"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/complaint"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/flags"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/help"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/options"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/progress"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/remedy"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/view"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/nearest"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// command is a row of the table of commands.
type command struct {
	name      string
	arguments string // two lines if there are two ways to call it
	summary   string
	example   string
	least     int // how many arguments
	most      int // < 0: any number
	// prepare adds the command's flags to the set, and returns what to do when they have been read.
	prepare func(*flags.Set) action
}

// action does what a command is for. An error that is an exited is not printed.
type action func(r *container.Runtime, arguments []string) error

// exited is the exit code, not 0, of a program inside a container.
type exited int

func (code exited) Error() string { return fmt.Sprintf("exit status %d", int(code)) }

var commands = []command{
	{"run", "IMAGE [COMMAND [ARGUMENT…]]", "create a container and run it",
		"run -it --rm busybox sh", 1, -1, run},
	{"create", "IMAGE [COMMAND [ARGUMENT…]]", "create a container",
		"create --name web -p 8080:80 nginx", 1, -1, create},
	{"start", "CONTAINER…", "start containers that are created or stopped",
		"start web", 1, -1, start},
	{"stop", "CONTAINER…", "stop running containers",
		"stop -t 3 web", 1, -1, stop},
	{"kill", "CONTAINER…", "kill running containers, or send them another signal",
		"kill -s HUP web", 1, -1, kill},
	{"rm", "CONTAINER…\n--image IMAGE…", "remove containers or images",
		"rm -f web", 1, -1, remove},
	{"ps", "", "list containers",
		"ps -a", 0, 0, ps},
	{"inspect", "CONTAINER|IMAGE…", "show everything known about containers and images, as JSON",
		"inspect web", 1, -1, inspect},
	{"images", "", "list images",
		"images", 0, 0, images},
	{"rmi", "IMAGE…", "remove images, as rm --image does",
		"rmi busybox", 1, -1, removeImages},
	{"tag", "IMAGE NAME[:TAG]", "give an image another name",
		"tag busybox localhost:5000/busybox", 2, 2, tag},
	{"pull", "IMAGE", "download an image from a registry",
		"pull docker.io/library/busybox:latest", 1, 1, pull},
	{"push", "IMAGE", "upload an image to a registry",
		"push localhost:5000/busybox", 1, 1, push},
	{"import", "FILE|- [NAME[:TAG]]", "make an image from an archive",
		"import rootfs.tar.gz busybox", 1, 2, importArchive},
	{"bootstrap", "NAME[:TAG] [PROGRAM…]", "make an image from programs of this machine",
		"bootstrap tools sh ls", 1, -1, bootstrap},
	{"exec", "CONTAINER COMMAND [ARGUMENT…]", "run another program in a running container",
		"exec -it web sh", 2, -1, exec},
	{"logs", "CONTAINER", "show the output of a container",
		"logs -f --tail 10 web", 1, 1, logs},
	{"version", "", "show versions, and whether this machine can limit containers",
		"version", 0, 0, version},
}

func main() {
	container.Main() // does not return if this process is to become a container or its monitor
	code, err := route(os.Args[1:])
	if err != nil {
		complain(err)
	}
	os.Exit(code)
}

func complain(err error) { complaint.Print(os.Stderr, "sheep", err) }

// route finds the command and executes it.
func route(line []string) (exit int, err error) {
	name := "help"
	if len(line) > 0 {
		name, line = line[0], line[1:]
	}
	switch name {
	case "help", "--help", "-h":
		if len(line) == 0 || line[0] == name {
			overview()
			return 0, nil
		}
		name, line = line[0], []string{"--help"} // sheep help run
	case "--version", "-v":
		name = "version"
	}
	names := make([]string, len(commands))
	for i, c := range commands {
		if names[i] = c.name; c.name == name {
			return c.execute(line)
		}
	}
	hint := nearest.Hint(name, names)
	switch instead, known := help.InPlaceOf(name); {
	case instead != "":
		hint = "; use " + instead
	case known:
		hint = ", which docker has and sheep does not"
	case strings.HasPrefix(name, "-"):
		hint = ": flags come after the command that they are for"
	}
	return 2, fmt.Errorf("unknown command %q%s\nsheep --help lists the commands", name, hint)
}

func overview() {
	lines := make([][2]string, len(commands))
	for i, c := range commands {
		lines[i] = [2]string{c.name, c.summary}
	}
	help.Overview(os.Stdout, lines)
}

// execute reads the command's flags and does what it is for.
func (c command) execute(line []string) (exit int, err error) {
	// What follows the image or the container of these belongs to the program inside.
	set := &flags.Set{Mixed: !c.runs() && c.name != "create"}
	act := c.prepare(set)
	arguments, err := set.Parse(line)
	switch count := len(arguments); {
	case errors.Is(err, flags.ErrHelp):
		set.Help(os.Stdout, c.usage(), c.summary, help.Note(c.name), "sheep "+c.example)
		return 0, nil
	case err != nil:
		return 2, fmt.Errorf("%w\nsheep %s --help lists the flags", err, c.name)
	case count < c.least:
		return 2, fmt.Errorf("missing argument: %s", c.usage())
	case c.most >= 0 && count > c.most:
		return 2, fmt.Errorf("unexpected argument %q: %s", arguments[c.most], c.usage())
	}
	var r *container.Runtime
	if c.name != "version" {
		if r, err = open(); err != nil {
			return c.failed(r, err)
		}
	}
	return c.failed(r, act(r, arguments))
}

// usage is how the command is called, a line for each way.
func (c command) usage() string {
	ways := strings.ReplaceAll(c.arguments, "\n", "\nsheep "+c.name+" ")
	return strings.TrimSpace("sheep " + c.name + " [FLAG…] " + ways)
}

// runs reports whether the exit code is that of a program inside a container.
func (c command) runs() bool { return c.name == "run" || c.name == "exec" }

// failed returns the exit code for an error, or for none, and what to print.
func (c command) failed(r *container.Runtime, err error) (exit int, _ error) {
	how := remedy.Command{Name: c.name}
	if r != nil {
		how.IsImage = func(ref string) bool {
			_, err := r.Images().Find(ref)
			return err == nil
		}
	}
	err = how.Explain(err)
	var code exited
	var option *container.OptionError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &code):
		return int(code), complaint.Without[exited](err)
	case errors.As(err, &option):
		return 2, fmt.Errorf("%w\n%s: see sheep %s --help", err, remedy.Flag(option.Field), c.name)
	case errors.As(err, new(*image.NameError)):
		return 2, err
	case errors.Is(err, context.Canceled):
		return 128 + int(syscall.SIGINT), errors.New("interrupted")
	case c.runs():
		return container.ExitCode(err), err
	}
	return 1, err
}

// open opens the runtime, and reports what it had to repair.
func open() (*container.Runtime, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("namespaces, mounts and networks need root: try again with sudo")
	}
	durable.Slow = complain // while it goes on waiting
	r, err := container.Open("")
	if r != nil {
		note := func(err error) { complain(remedy.Command{}.Explain(err)) }
		r.Note, r.Images().Note = note, note
		r.Interrupted = func(i container.Interrupt) { os.Stderr.WriteString(remedy.Interrupt(i)) }
		for _, line := range r.Repaired {
			complain(errors.New(line))
		}
	}
	return r, err
}

func run(f *flags.Set) action {
	var o container.Options
	var detach bool
	f.Bool(&detach, "detach", "d", "run it in the background and print its ID")
	f.Bool(&o.Remove, "rm", "", "remove it when it ends")
	options.Container(f, &o)
	return func(r *container.Runtime, arguments []string) error {
		if o.Interactive && o.Terminal && !detach && !terminal.IsTerminal(os.Stdin) {
			return container.ErrNoTerminal
		}
		o.Image, o.Args = arguments[0], arguments[1:]
		if !detach {
			return ended(r.CreateAndRun(context.Background(), o, standard))
		}
		state, err := r.Create(context.Background(), o)
		if err != nil {
			return err
		}
		return printed(state.ID, r.Start(context.Background(), state.ID))
	}
}

// standard are the streams of this process. Only an interactive container gets the input.
var standard = container.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}

// ended makes an error of an exit code.
func ended(code int, err error) error {
	if err == nil && code != 0 {
		return exited(code)
	}
	return err
}

func create(f *flags.Set) action {
	var o container.Options
	options.Container(f, &o)
	return func(r *container.Runtime, arguments []string) error {
		o.Image, o.Args = arguments[0], arguments[1:]
		state, err := r.Create(context.Background(), o)
		if err != nil {
			return err
		}
		return printed(state.ID, nil)
	}
}

// printed prints what a command has made or changed, if that went well.
func printed(what string, err error) error {
	if err == nil {
		fmt.Println(what)
	}
	return err
}

func show(name string) { fmt.Println(name) }

func start(f *flags.Set) action {
	var wait bool
	f.Bool(&wait, "attach", "a",
		"wait for each in turn, show its output, and end with its exit code")
	return func(r *container.Runtime, arguments []string) error {
		if wait {
			run := func(s *container.State) error {
				return ended(r.Run(context.Background(), s.ID, standard))
			}
			return batch.Each(arguments, r.Find, run, func(string) {})
		}
		start := func(s *container.State) error { return r.Start(context.Background(), s.ID) }
		return batch.Each(arguments, r.Find, start, show)
	}
}

func stop(f *flags.Set) action {
	grace := time.Duration(-1)
	f.Duration(&grace, "time", "t", "SECONDS",
		"how long to wait before killing it (default: its --stop-timeout, or 10)")
	return func(r *container.Runtime, arguments []string) error {
		stop := func(s *container.State) error { return r.Stop(context.Background(), s.ID, grace) }
		return batch.Together(arguments, r.Find, stop, show)
	}
}

func kill(f *flags.Set) action {
	signal := syscall.SIGKILL
	f.Func("signal", "s", "SIGNAL", "the signal to send (default KILL)", func(text string) (err error) {
		signal, err = container.ParseSignal(text)
		return err
	})
	return func(r *container.Runtime, arguments []string) error {
		kill := func(s *container.State) error {
			return r.Kill(context.Background(), s.ID, signal)
		}
		return batch.Together(arguments, r.Find, kill, show)
	}
}

func remove(f *flags.Set) action {
	var force, images bool
	f.Bool(&force, "force", "f", "kill it first if it is running")
	f.Bool(&images, "image", "", "remove images instead of containers")
	return func(r *container.Runtime, arguments []string) error {
		if images {
			return removeImages(f)(r, arguments)
		}
		remove := func(s *container.State) error {
			return r.Remove(context.Background(), s.ID, force)
		}
		return batch.Together(arguments, r.Find, remove, show)
	}
}

func removeImages(*flags.Set) action {
	return func(r *container.Runtime, arguments []string) error {
		// One after the other: with its last name an image goes.
		return batch.Each(arguments, batch.Itself, r.RemoveImage, show)
	}
}

func tag(*flags.Set) action {
	return func(r *container.Runtime, arguments []string) error {
		return made(r.Images().Tag(arguments[0], arguments[1]))
	}
}

func ps(f *flags.Set) action {
	var form view.Form
	var all bool
	f.Bool(&all, "all", "a", "include containers that are not running")
	form.Flags(f)
	return func(r *container.Runtime, _ []string) error {
		states, err := r.List()
		if err != nil {
			return err
		}
		if !all {
			states = slices.DeleteFunc(states, func(s *container.State) bool {
				return s.Status != container.Running
			})
		}
		return form.Containers(os.Stdout, states)
	}
}

func images(f *flags.Set) action {
	var form view.Form
	form.Flags(f)
	return func(r *container.Runtime, _ []string) error {
		images, err := r.Images().List()
		if err != nil {
			return err
		}
		return form.Images(os.Stdout, images)
	}
}

func inspect(*flags.Set) action {
	return func(r *container.Runtime, arguments []string) error {
		var found []container.Found
		add := func(one container.Found) error { found = append(found, one); return nil }
		err := batch.Each(arguments, r.FindAny, add, func(string) {})
		return errors.Join(err, view.Inspect(os.Stdout, r, found))
	}
}

// interruptible returns a context that ends with Ctrl-C, for work that can be broken off. A second
// Ctrl-C kills this process.
func interruptible() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// registry adds the flag of the commands that talk to a registry.
func registry(f *flags.Set) (insecure *bool) {
	insecure = new(bool)
	f.Bool(insecure, "insecure", "",
		"allow plain HTTP (always allowed for a registry on this machine)")
	return insecure
}

func pull(f *flags.Set) action {
	insecure, sized := registry(f), options.MaxSize(f)
	return func(r *container.Runtime, arguments []string) error {
		ctx, shown := interruptible(), progress.New(os.Stderr)
		sized(r.Images())
		return made(r.Images().Pull(ctx, arguments[0], shown, *insecure))
	}
}

func push(f *flags.Set) action {
	insecure := registry(f)
	return func(r *container.Runtime, arguments []string) error {
		ctx, shown := interruptible(), progress.New(os.Stderr)
		return printed(r.Images().Push(ctx, arguments[0], shown, *insecure))
	}
}

func importArchive(f *flags.Set) action {
	sized := options.MaxSize(f)
	return func(r *container.Runtime, arguments []string) error {
		sized(r.Images())
		name := strings.Join(arguments[1:], "") // there may be none
		ctx, shown := interruptible(), progress.New(os.Stderr)
		return made(r.Images().ImportFile(ctx, arguments[0], name, shown))
	}
}

func bootstrap(*flags.Set) action {
	return func(r *container.Runtime, arguments []string) error {
		ctx, shown := interruptible(), progress.New(os.Stderr)
		return made(r.Images().Bootstrap(ctx, arguments[0], arguments[1:], shown))
	}
}

func made(i image.Image, err error) error { return printed(i.Ref(), err) }

func exec(f *flags.Set) action {
	var e container.ExecOptions
	options.Exec(f, &e)
	return func(r *container.Runtime, arguments []string) error {
		state, err := r.Find(arguments[0])
		if err != nil {
			return err
		}
		e.Args = arguments[1:]
		return ended(r.Exec(context.Background(), state.ID, e, standard))
	}
}

func logs(f *flags.Set) action {
	o := container.LogOptions{Tail: -1}
	options.Logs(f, &o)
	return func(r *container.Runtime, arguments []string) error {
		state, err := r.Find(arguments[0])
		if err != nil {
			return err
		}
		ctx := interruptible()
		if err := r.Logs(ctx, state.ID, o, os.Stdout, os.Stderr); ctx.Err() == nil {
			return err
		}
		return exited(128 + int(syscall.SIGINT))
	}
}

func version(*flags.Set) action {
	return func(*container.Runtime, []string) error { return view.Version(os.Stdout) }
}
