//go:build linux

package container

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestOptionsOverrideTheImagesConfiguration(t *testing.T) {
	from := image.Config{
		Env: []string{"PATH=/opt", "A=image"}, Entrypoint: []string{"entry"}, Cmd: []string{"command"},
		WorkingDir: "/srv", User: "lamb",
	}
	for _, c := range []struct {
		name    string
		options Options
		from    image.Config
		want    Process
	}{
		{"image alone", Options{}, from,
			Process{[]string{"entry", "command"}, []string{"PATH=/opt", "A=image"}, "/srv", "lamb", ""}},
		{"arguments", Options{Args: []string{"x"}}, from,
			Process{[]string{"entry", "x"}, []string{"PATH=/opt", "A=image"}, "/srv", "lamb", ""}},
		{"entrypoint takes the command along", Options{Entrypoint: []string{"e"}}, from,
			Process{[]string{"e"}, []string{"PATH=/opt", "A=image"}, "/srv", "lamb", ""}},
		{"entrypoint taken away", Options{Entrypoint: []string{}, Args: []string{"x"}}, from,
			Process{[]string{"x"}, []string{"PATH=/opt", "A=image"}, "/srv", "lamb", ""}},
		{"the rest", Options{Env: []string{"A=user", "B=", "PATH"}, WorkingDir: "/tmp", User: "0:0"}, from,
			Process{[]string{"entry", "command"}, []string{"A=user", "B="}, "/tmp", "0:0", ""}},
		{"nothing", Options{Terminal: true}, image.Config{},
			Process{[]string{}, []string{image.DefaultPath, "TERM=xterm"}, "/", "", ""}},
	} {
		if got := processOf(c.options, c.from); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestUserIsLookedUpInTheContainer(t *testing.T) {
	testns.RequireUsers(t)
	w := newWorld(t)
	o := options("id -u; id -g; echo $HOME; touch /file || echo refused; echo x >/dev/stderr")
	o.User, o.WorkingDir = "lamb", "/made/for/it"
	o.Args[2] += "; pwd"
	if _, got := w.run(o, ""); got.out != "1000\n1000\n/home\nrefused\n/made/for/it\n" ||
		!strings.HasSuffix(got.err, "x\n") {
		t.Errorf("run gives %+v", got)
	}
}

// As with runc, an empty HOME is none.
func TestHomeIsThatOfTheUserThoughTheImageHasItEmpty(t *testing.T) {
	testns.RequireUsers(t)
	w := newWorld(t)
	o := options("env | grep HOME=")
	o.User, o.Env = "lamb", []string{"HOME="}
	if _, got := w.run(o, ""); got.out != "HOME=/home\n" {
		t.Errorf("run gives %+v", got)
	}
}

// runc changes to the directory before it changes the user (finalizeNamespace of libcontainer): images have a WORKDIR
// that their USER may not enter.
func TestProgramStartsInADirectoryThatItsUserMayNotEnter(t *testing.T) {
	testns.RequireUsers(t)
	w := newWorld(t)
	dir := t.TempDir()
	testkit.Must(t, os.Chmod(dir, 0o700))
	for name, init := range map[string]bool{"as PID 1": false, "under an init": true} {
		o := options("echo started; ls . 2>/dev/null || echo refused")
		o.User, o.WorkingDir, o.Init = "lamb", "/private/", init
		o.Binds = append(o.Binds, bind(dir, "/private", false))
		if _, got := w.run(o, ""); got.out != "started\nrefused\n" {
			t.Errorf("%s: run gives %+v", name, got)
		}
	}
	o := options("echo ready; sleep 1000")
	o.Binds = append(o.Binds, bind(dir, "/private", false))
	state := w.start(o)
	got := w.exec(state.ID, ExecOptions{Args: []string{"sh", "-c", "echo started; ls . 2>/dev/null || echo refused"},
		User: "lamb", WorkingDir: "/private"}, "")
	if got.out != "started\nrefused\n" {
		t.Errorf("exec gives %+v", got)
	}
}

// In Docker every user may bind ports below 1024 and send echo requests (moby#41030).
func TestEveryUserMayBindLowPortsAndPing(t *testing.T) {
	testns.RequireUsers(t)
	w := newWorld(t)
	o := options("cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range; " +
		"nc -l -p 80 & while kill -0 $!; do grep -q :0050 /proc/net/tcp* && echo bound && kill $!; sleep 0.05; done")
	o.User = "lamb"
	if _, got := w.run(o, ""); got.out != "0\n0\t2147483647\nbound\n" {
		t.Errorf("run gives %+v", got)
	}
}

func TestInitReapsWhatTheProgramLeaves(t *testing.T) {
	w := newWorld(t)
	o := options("echo $$; (sleep 0.1 &); for i in $(seq 200); do set -- /proc/[0-9]*; [ $# -gt 2 ] || break; " +
		"sleep 0.1; done; ps -o pid,stat,args; exit 6")
	o.Init = true
	_, got := w.run(o, "")
	if got.failure != nil && strings.HasPrefix(got.failure.Error(), "restart init: ") {
		t.Skip("needs a test binary that is linked statically: CGO_ENABLED=0 go test")
	}
	if got.code != 6 || strings.HasPrefix(got.out, "1\n") || strings.Contains(got.out, "Z") {
		t.Errorf("run gives %+v, %v", got, got.failure)
	}
}

// As with Docker, --privileged leaves nothing of the kernel read-only.
func TestPrivilegedRootMayChangeTheKernel(t *testing.T) {
	testns.RequireRoot(t, "the right to change the kernel")
	w := newWorld(t)
	for privileged, want := range map[bool]string{false: "no\n", true: "yes\n"} {
		o := options("(: >/proc/sys/vm/drop_caches) 2>/dev/null && echo yes || echo no") // to open it changes nothing
		o.Privileged = privileged
		if _, got := w.run(o, ""); got.out != want {
			t.Errorf("privileged: %v, run gives %+v", privileged, got)
		}
	}
}

func TestCapabilitiesAreDockersUnlessAskedOtherwise(t *testing.T) {
	w := newWorld(t)
	capabilities := func(change func(*Options)) string {
		o := options("grep -E 'CapEff|NoNewPrivs|^Seccomp:' /proc/self/status | tr -d '\\n\\t'")
		change(&o)
		_, got := w.run(o, "")
		return got.out
	}
	byDefault := capabilities(func(*Options) {})
	dropped := capabilities(func(o *Options) { o.CapDrop = []string{"ALL"} })
	privileged := capabilities(func(o *Options) { o.Privileged = true })
	if !strings.Contains(byDefault, "NoNewPrivs:1Seccomp:2") {
		t.Errorf("by default: %s", byDefault)
	}
	if !strings.Contains(dropped, "CapEff:0000000000000000") {
		t.Errorf("with all dropped: %s", dropped)
	}
	if !strings.Contains(privileged, "NoNewPrivs:0Seccomp:0") || privileged == byDefault {
		t.Errorf("privileged: %s", privileged)
	}
}
