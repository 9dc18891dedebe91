//go:build linux

// Command sheep runs containers.
//
// It is a table of commands, and each command a table of flags and a function, which finds what is meant, lets package
// container do the work, and prints what came of it. Results go to standard output, all else to standard error.
//
// A mistake in the command line ends with exit code 2: no such command or flag, something missing, or a value that a flag
// does not take. A failure ends with 1. For run and exec, whose exit codes belong to the program inside, 125, 126 and 127
// tell that it never ran, as in docker.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/batch"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/complaint"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/flags"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/origin"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/progress"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/listing"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/nearest"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// command is a row of the table of commands.
type command struct {
	name, arguments, summary, example string // where there are two ways to call it, arguments has two lines
	least, most                       int    // how many arguments; most < 0: any number
	// prepare puts the command's flags into the set, and returns what to do when they have been read.
	prepare func(*flags.Set) action
}

// action does what a command is for. If the error is an exited, there is nothing to tell but the code.
type action func(r *container.Runtime, arguments []string) error

// exited is the exit code, not 0, of a program inside a container.
type exited int

func (code exited) Error() string { return fmt.Sprintf("exit status %d", int(code)) }

var commands = []command{
	{"run", "IMAGE [COMMAND [ARGUMENT…]]", "make a container and run it", "run -it --rm busybox sh", 1, -1, run},
	{"create", "IMAGE [COMMAND [ARGUMENT…]]", "make a container", "create --name web -p 8080:80 nginx", 1, -1, create},
	{"start", "CONTAINER…", "start containers that are created or stopped", "start web", 1, -1, start},
	{"stop", "CONTAINER…", "stop running containers", "stop -t 3 web", 1, -1, stop},
	{"rm", "CONTAINER…\n--image IMAGE…", "remove containers, or images", "rm -f web", 1, -1, remove},
	{"ps", "", "list containers", "ps -a", 0, 0, ps},
	{"inspect", "CONTAINER|IMAGE…", "show all that is known, as JSON", "inspect web", 1, -1, inspect},
	{"images", "", "list images", "images", 0, 0, images},
	{"pull", "IMAGE", "get an image from a registry", "pull docker.io/library/busybox:latest", 1, 1, pull},
	{"push", "IMAGE", "send an image to a registry", "push localhost:5000/busybox", 1, 1, push},
	{"import", "FILE|- [NAME[:TAG]]", "make an image of an archive", "import rootfs.tar.gz busybox", 1, 2, importArchive},
	{"bootstrap", "NAME[:TAG] [PROGRAM…]", "make an image of programs of this machine", "bootstrap tools sh ls", 1, -1, bootstrap},
	{"exec", "CONTAINER COMMAND [ARGUMENT…]", "run one more program in a container", "exec -it web sh", 2, -1, exec},
	{"logs", "CONTAINER", "show what a container has printed", "logs -f --tail 10 web", 1, 1, logs},
	{"version", "", "show versions, and what this machine can do", "version", 0, 0, version},
}

// elsewhere are commands of docker, and what does the same here.
var elsewhere = map[string]string{
	"rmi": "sheep rm --image", "kill": "sheep stop -t 0", "load": "sheep import", "attach": "sheep logs -f", "info": "sheep version",
	"restart": "sheep stop, then sheep start", "top": "sheep exec CONTAINER ps", "login": "docker login, whose passwords sheep uses",
	"tag": "sheep import, pull or bootstrap, where images get their name", "build": "sheep import, or sheep bootstrap", "wait": "sheep start -a, or sheep logs -f",
}

func main() {
	container.Main() // does not return, if this is a second run of ours, inside a container
	code, err := route(os.Args[1:])
	if err != nil {
		complaint.Print(os.Stderr, "sheep", err)
	}
	os.Exit(code)
}

// route finds the command and executes it.
func route(line []string) (exit int, err error) {
	name := "help"
	if len(line) > 0 {
		name, line = line[0], line[1:]
	}
	switch name {
	case "help", "--help", "-h":
		if len(line) == 0 || line[0] == name {
			help()
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
	if there, known := elsewhere[name]; known {
		hint = "; that is: " + there
	} else if strings.HasPrefix(name, "-") {
		hint = ": flags come after the command that they are for"
	}
	return 2, fmt.Errorf("unknown command %q%s\nsheep --help lists the commands", name, hint)
}

// notes is what there is to say of a command beyond its flags.
var notes = map[string]string{
	"run": exitCodes, "exec": exitCodes, "push": "The name says where it goes. Give it when the image is made: sheep import ARCHIVE NAME",
	"import": `FILE is a tar archive of a root filesystem, what docker save writes, or an OCI layout, plain or compressed
with gzip or zstd; - is standard input. NAME may be left out if the archive says it, as those of docker do.`,
	"bootstrap": "Without PROGRAM: busybox, or a shell and common tools. Programs and libraries they link to, no data files.",
}

// exitCodes is for commands whose exit code is another program's.
const exitCodes = `Exit code: the program's, 128 + n if signal n ended it. If it never ran: 127 there is no such program,
126 it cannot be executed, 125 something else failed, 2 there is a mistake in this command line.`

// execute reads the command's flags and does what it is for.
func (c command) execute(line []string) (exit int, err error) {
	runs := c.name == "run" || c.name == "exec"
	usage := strings.TrimSpace("sheep " + c.name + " [FLAG…] " + strings.ReplaceAll(c.arguments, "\n", "\nsheep "+c.name+" "))
	set := &flags.Set{Mixed: !runs && c.name != "create"} // there, what follows belongs to the program inside
	act := c.prepare(set)
	arguments, err := set.Parse(line)
	switch count := len(arguments); {
	case errors.Is(err, flags.ErrHelp):
		set.Help(os.Stdout, usage, c.summary, notes[c.name], "sheep "+c.example)
		return 0, nil
	case err != nil:
		return 2, fmt.Errorf("%w\nsheep %s --help lists the flags", err, c.name)
	case count < c.least:
		return 2, fmt.Errorf("something is missing: %s", usage)
	case c.most >= 0 && count > c.most:
		return 2, fmt.Errorf("one argument too many: %q: %s", arguments[c.most], usage)
	}
	var r *container.Runtime
	if c.name != "version" {
		r, err = open()
	}
	if err == nil {
		err = act(r, arguments)
	}
	var code exited
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &code):
		return int(code), complaint.Without[exited](err)
	case errors.As(err, new(*container.OptionError)):
		return 2, fmt.Errorf("%w\nsheep %s --help lists the flags", err, c.name)
	case errors.As(err, new(*image.NameError)):
		return 2, err
	case errors.Is(err, context.Canceled):
		return 128 + int(syscall.SIGINT), errors.New("interrupted")
	case runs:
		return container.ExitCode(err), err
	}
	return 1, err
}

// open opens the runtime, and tells what it had to repair.
func open() (*container.Runtime, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("namespaces, mounts and networks need root: try again with sudo")
	}
	durable.Slow = func(err error) { complaint.Print(os.Stderr, "sheep", err) } // it goes on to wait
	r, err := container.Open("")
	if r != nil {
		r.Note = durable.Slow
		for _, line := range r.Repaired {
			complaint.Print(os.Stderr, "sheep", errors.New(line))
		}
	}
	return r, err
}

func help() {
	fmt.Print("Usage: sheep COMMAND [FLAG…] [ARGUMENT…]\n\nSheep runs containers.\n\nCommands:\n")
	for _, c := range commands {
		fmt.Printf("  %-10s %s\n", c.name, c.summary)
	}
	fmt.Print("\nExample:\n  sheep pull busybox && sheep run -it --rm busybox sh\n\nsheep COMMAND --help shows the flags of one.\n")
}

// options are the flags that say what a container is to be like.
func options(f *flags.Set, o *container.Options) {
	f.String(&o.Name, "name", "", "NAME", "what to call it (default: one is made up)")
	f.Bool(&o.Interactive, "interactive", "i", "pass on standard input to it")
	f.Bool(&o.Terminal, "tty", "t", "give it a terminal")
	f.Bytes(&o.Limits.Memory, "memory", "m", "BYTES", "limit its memory, without swap: 64m, 1.5g")
	f.Float(&o.Limits.CPUs, "cpus", "", "NUMBER", "limit its CPU time: 1.5 is one and a half CPUs")
	f.Int(&o.Limits.CPUShares, "cpu-shares", "", "NUMBER", "its weight when CPUs are busy: 2 to 262144, 1024 is usual")
	f.Limit(&o.Limits.Pids, "pids-limit", "", "NUMBER", "limit how many processes and threads it has; -1: no limit")
	f.Bool(&o.NoLimits, "no-limits", "", "run without a cgroup, on a machine without cgroup v2")
	f.Env(&o.Env, "env", "e", "set a variable, or pass on one of ours")
	flags.Each(f, &o.Binds, rootfs.ParseBind, "volume", "v", "SOURCE:TARGET[:ro]", "show it files of this machine (a missing path is made)")
	flags.Each(f, &o.Ports, nat.ParsePort, "publish", "p", "[IP:]HOST:CONTAINER[/udp]", "let a port of this machine lead to one of its own")
	f.String(&o.Network, "network", "", "NAME", "bridge, or none (default bridge)")
	f.String(&o.Hostname, "hostname", "h", "NAME", "its hostname (default: its short ID)")
	f.String(&o.WorkingDir, "workdir", "w", "DIRECTORY", "where its program starts")
	f.String(&o.User, "user", "u", "USER[:GROUP]", "whom its program runs as")
	f.Words(&o.Entrypoint, "entrypoint", "", "PROGRAM", "run this in place of what the image says")
	f.Bool(&o.Init, "init", "", "PID 1 of ours: Ctrl-C and stop end at once what handles no signals")
	f.Strings(&o.CapAdd, "cap-add", "", "CAPABILITY", "let its root do more: NET_ADMIN, ALL")
	f.Strings(&o.CapDrop, "cap-drop", "", "CAPABILITY", "let its root do less")
	f.Bool(&o.Privileged, "privileged", "", "let its root do everything: this machine is not protected from it")
	f.Map(&o.Labels, "label", "l", "note something down about it")
}

func run(f *flags.Set) action {
	var o container.Options
	var detach bool
	f.Bool(&detach, "detach", "d", "do not wait for it: print its ID and leave it running")
	f.Bool(&o.Remove, "rm", "", "remove it when it has ended")
	options(f, &o)
	return func(r *container.Runtime, arguments []string) error {
		if o.Interactive && o.Terminal && !detach && !terminal.IsTerminal(os.Stdin) {
			return errors.New("standard input is not a terminal: leave out -t")
		}
		o.Image, o.Args = arguments[0], arguments[1:]
		if !detach {
			return hinted(ended(r.CreateAndRun(context.Background(), o, standard)))
		}
		state, err := r.Create(context.Background(), o)
		if err != nil {
			return hinted(err)
		}
		return printed(state.ID, r.Start(context.Background(), state.ID))
	}
}

// hinted says what to do if a container cannot be made.
func hinted(err error) error {
	if errors.Is(err, cgroup.ErrUnavailable) {
		return fmt.Errorf("%w\nto run it without limits: --no-limits", err)
	}
	return err
}

// standard are our own streams. Input is only passed on to a container that is interactive.
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
	options(f, &o)
	return func(r *container.Runtime, arguments []string) error {
		o.Image, o.Args = arguments[0], arguments[1:]
		state, err := r.Create(context.Background(), o)
		if err != nil {
			return hinted(err)
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
	f.Bool(&wait, "attach", "a", "wait for one after the other, show what it prints, and end with its exit code")
	return func(r *container.Runtime, arguments []string) error {
		if wait {
			run := func(s *container.State) error { return ended(r.Run(context.Background(), s.ID, standard)) }
			return batch.Each(arguments, r.Find, run, func(string) {})
		}
		start := func(s *container.State) error { return r.Start(context.Background(), s.ID) }
		return batch.Each(arguments, r.Find, start, show)
	}
}

func stop(f *flags.Set) action {
	grace := 10 * time.Second
	f.Duration(&grace, "time", "t", "SECONDS", "how long it may take until it is killed (default 10)")
	return func(r *container.Runtime, arguments []string) error {
		stop := func(s *container.State) error { return r.Stop(context.Background(), s.ID, grace) }
		return batch.Together(arguments, r.Find, stop, show)
	}
}

func remove(f *flags.Set) action {
	var force, images bool
	f.Bool(&force, "force", "f", "kill it first, if it is running")
	f.Bool(&images, "image", "", "remove images, not containers")
	return func(r *container.Runtime, arguments []string) error {
		if images {
			// In their order: the last name of an image takes it along.
			return batch.Each(arguments, batch.Itself, r.RemoveImage, show)
		}
		remove := func(s *container.State) error { return r.Remove(context.Background(), s.ID, force) }
		return batch.Together(arguments, r.FindToRemove, remove, show)
	}
}

// lists adds the flags for the form of a list.
func lists(f *flags.Set, l *listing.List, heading ...string) {
	l.Heading = heading
	f.Bool(&l.Quiet, "quiet", "q", "only IDs")
	f.Bool(&l.JSON, "json", "", "as JSON")
}

func ps(f *flags.Set) action {
	var l listing.List
	var all bool
	f.Bool(&all, "all", "a", "also those that are not running")
	lists(f, &l, "CONTAINER ID", "NAME", "IMAGE", "COMMAND", "STATUS", "ADDRESS", "PORTS")
	return func(r *container.Runtime, _ []string) error {
		states, err := r.List()
		if err != nil {
			return err
		}
		shown := []*container.State{} // [] in JSON; nil would be null
		for _, s := range states {
			if !all && s.Status != container.Running {
				continue
			}
			shown = append(shown, s)
			command, ports := listing.Shorten(strings.Join(s.Process.Args, " "), 24), listing.Join(s.Ports())
			l.Rows = append(l.Rows, []string{s.ShortID(), s.Name, s.Image, command, s.Summary(), s.Address, ports})
		}
		l.Values = shown
		return l.PrintTo(os.Stdout)
	}
}

func images(f *flags.Set) action {
	var l listing.List
	lists(f, &l, "IMAGE ID", "NAME", "TAG", "SIZE", "CREATED")
	return func(r *container.Runtime, _ []string) error {
		images, err := r.Images().List()
		if err != nil {
			return err
		}
		for _, i := range images {
			l.Rows = append(l.Rows, []string{i.ID[:12], cmp.Or(i.Name, "<none>"), i.Tag, flags.FormatBytes(i.Size), listing.Ago(i.CreatedAt) + " ago"})
		}
		l.Values = append([]image.Image{}, images...)
		return l.PrintTo(os.Stdout)
	}
}

func inspect(*flags.Set) action {
	return func(r *container.Runtime, arguments []string) error {
		found := []any{} // [] in JSON; nil would be null
		add := func(one any) error { found = append(found, one); return nil }
		err := batch.Each(arguments, r.FindAny, add, func(string) {})
		return errors.Join(err, listing.JSON(os.Stdout, found))
	}
}

// interruptible is a context that ends with Ctrl-C, for work that can be broken off. The second one kills us.
func interruptible() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// registry adds the flag of the commands that talk to one.
func registry(f *flags.Set) (insecure *bool) {
	insecure = new(bool)
	f.Bool(insecure, "insecure", "", "allow plain HTTP (a registry on this machine may always use it)")
	return insecure
}

func pull(f *flags.Set) action {
	insecure := registry(f)
	return func(r *container.Runtime, arguments []string) error {
		return made(r.Images().Pull(interruptible(), arguments[0], progress.New(os.Stderr), *insecure))
	}
}

func push(f *flags.Set) action {
	insecure := registry(f)
	return func(r *container.Runtime, arguments []string) error {
		return printed(r.Images().Push(interruptible(), arguments[0], progress.New(os.Stderr), *insecure))
	}
}

func importArchive(*flags.Set) action {
	return func(r *container.Runtime, arguments []string) error {
		return made(r.Images().ImportFile(interruptible(), arguments[0], strings.Join(arguments[1:], ""), progress.New(os.Stderr)))
	}
}

func bootstrap(*flags.Set) action {
	return func(r *container.Runtime, arguments []string) error {
		return made(r.Images().Bootstrap(interruptible(), arguments[0], arguments[1:], progress.New(os.Stderr)))
	}
}

func made(i image.Image, err error) error { return printed(i.Ref(), err) }

func exec(f *flags.Set) action {
	var e container.ExecOptions
	f.Bool(&e.Interactive, "interactive", "i", "pass on standard input to it")
	f.Bool(&e.Terminal, "tty", "t", "give it a terminal")
	f.Env(&e.Env, "env", "e", "set a variable, or pass on one of ours")
	f.String(&e.User, "user", "u", "USER[:GROUP]", "whom it runs as")
	f.String(&e.WorkingDir, "workdir", "w", "DIRECTORY", "where it starts")
	f.Bool(&e.Privileged, "privileged", "", "let it do everything")
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
	f.Bool(&o.Follow, "follow", "f", "go on until it ends")
	f.Count(&o.Tail, "tail", "n", "LINES", "only so many of the last lines (default all)")
	f.Bool(&o.Timestamps, "timestamps", "t", "say of each line when it was written")
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
	return func(*container.Runtime, []string) error {
		own, _ := debug.ReadBuildInfo() // a program that is built of a module has it
		limits := "cgroup v2"
		if err := cgroup.Check(); err != nil {
			limits = err.Error()
		}
		kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
		fmt.Printf("sheep   %s\ngo      %s %s\nlimits  %s\nkernel  %s", origin.Version(own), runtime.Version(), runtime.GOARCH, limits, kernel)
		return err
	}
}
