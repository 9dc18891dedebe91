//go:build linux && !vm

package main

// cspell:ignore inspct, detahc, jsno, puhs, cpuss

import (
	"strings"
	"testing"
)

// Help needs no root, no images and no namespaces.

func TestHelpNamesAllCommands(t *testing.T) {
	u := helpless(t)
	help := u.ok("--help")
	for _, name := range strings.Fields("run create start stop kill rm rmi tag ps inspect images pull push import " +
		"bootstrap exec logs version") {
		if !strings.Contains(help, "\n  "+name+" ") {
			t.Errorf("help does not name %s:\n%s", name, help)
		}
	}
	for _, line := range [][]string{{}, {"help"}, {"-h"}, {"help", "help"}} {
		if got := u.ok(line...); got != help {
			t.Errorf("sheep %v prints %q", line, got)
		}
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	u := helpless(t)
	for _, c := range commands {
		help := u.ok(c.name, "--help")
		for _, want := range []string{"Usage: sheep " + c.name, "--help", "\nExample:\n  sheep " + c.name} {
			if !strings.Contains(help, want) {
				t.Errorf("help of %s does not have %q:\n%s", c.name, want, help)
			}
		}
		if got := u.ok("help", c.name); got != help {
			t.Errorf("sheep help %s prints %q", c.name, got)
		}
		if says := strings.Contains(help, "\nExit code: "); says != (c.name == "run" || c.name == "exec") {
			t.Errorf("help of %s tells of exit codes: %v", c.name, says)
		}
		for line := range strings.Lines(help) {
			if len([]rune(line)) > 110 {
				t.Errorf("help of %s has a long line: %s", c.name, line)
			}
		}
	}
}

func TestHelpShowsBothWaysToRemove(t *testing.T) {
	u := helpless(t)
	if help := u.ok("rm", "--help"); !strings.HasPrefix(help,
		"Usage: sheep rm [FLAG…] CONTAINER…\n       sheep rm --image IMAGE…\n") {
		t.Errorf("it is\n%s", help)
	}
}

func TestMistakeIsAnsweredWithTheNearestRightOne(t *testing.T) {
	u := helpless(t)
	for line, want := range map[string]string{
		"rnu": "sheep: unknown command \"rnu\"; did you mean \"run\"?\n  sheep --help lists the " +
			"commands\n",
		"image": "sheep: unknown command \"image\"; did you mean \"images\"?\n  sheep --help lists the " +
			"commands\n",
		"kubernetes": "sheep: unknown command \"kubernetes\"\n  sheep --help lists the commands\n",
		"help inspct": "sheep: unknown command \"inspct\"; did you mean \"inspect\"?\n  sheep --help lists " +
			"the commands\n",
		"run --detahc web": "sheep: unknown flag --detahc; did you mean --detach?\n  sheep run --help lists the " +
			"flags\n",
		"run -m much web": "sheep: flag -m: \"much\": must be a size, like 64m or 1.5g\n  sheep run --help lists " +
			"the flags\n",
		"run -p 80:x web": "sheep: flag -p: \"80:x\": ",
		"run -v /a web": "sheep: flag -v: \"/a\": must be SOURCE:TARGET or SOURCE:TARGET:ro, such as " +
			"/srv/data:/data:ro\n",
		"ps --jsno":          "sheep: unknown flag --jsno; did you mean --json?\n  sheep ps --help lists the flags\n",
		"run -d":             "sheep: missing argument: sheep run [FLAG…] IMAGE [COMMAND [ARGUMENT…]]\n",
		"kill -s baa web":    "sheep: flag -s: \"baa\": there is no signal \"baa\"\n",
		"login":              "sheep: unknown command \"login\"; use docker login, ",
		"stats":              "sheep: unknown command \"stats\"; use sheep inspect, which shows the usage\n",
		"port web":           "sheep: unknown command \"port\"; use sheep ps, which shows the ports\n",
		"pause web":          "sheep: unknown command \"pause\", which docker has and sheep does not\n",
		"rename a b":         "sheep: unknown command \"rename\", which docker has and sheep does not\n",
		"puhs web":           "sheep: unknown command \"puhs\"; did you mean \"push\"?\n",
		"run --gpus all web": "sheep: unknown flag --gpus, which docker has and sheep does not\n",
		"run --cpuss 1 web":  "sheep: unknown flag --cpuss; did you mean --cpus?\n",
		"run --cpu-quota x w": "sheep: flag --cpu-quota: \"x\": must be a whole number of microseconds, like " +
			"50000, or -1 for no limit\n",
		"build .":             "sheep: unknown command \"build\"; use sheep import, or sheep bootstrap\n",
		"wait web":            "sheep: unknown command \"wait\"; use sheep start -a, or sheep logs -f\n",
		"run --net none web":  "sheep: unknown flag --net; use --network\n",
		"run --mount x web":   "sheep: unknown flag --mount; use --volume\n",
		"logs --net web":      "sheep: unknown flag --net\n",
		"RUN web":             "sheep: unknown command \"RUN\"; did you mean \"run\"?\n",
		"-d run web":          "sheep: unknown command \"-d\": flags come after the command that they are for\n",
		"rm":                  "sheep: missing argument: sheep rm [FLAG…] CONTAINER…\n  sheep rm --image IMAGE…\n",
		"run -p 80 web":       "sheep: flag -p: \"80\": the port of the host is missing, ",
		"stop":                "sheep: missing argument: sheep stop [FLAG…] CONTAINER…\n",
		"exec web":            "sheep: missing argument: sheep exec [FLAG…] CONTAINER COMMAND [ARGUMENT…]\n",
		"ps web":              "sheep: unexpected argument \"web\": sheep ps [FLAG…]\n",
		"import a b:c d":      "sheep: unexpected argument \"d\": sheep import [FLAG…] FILE|- [NAME[:TAG]]\n",
		"logs --tail ten web": "sheep: flag --tail: \"ten\": must be a whole number, like 10, or all\n",
	} {
		r := u.sheep(strings.Fields(line)...)
		if r.code != 2 || r.out != "" || !strings.HasPrefix(r.err, want) {
			t.Errorf("sheep %s prints %q and %q and ends with %d; want %q", line, r.out, r.err, r.code, want)
		}
	}
}

func TestVersionDescribesTheMachine(t *testing.T) {
	u := helpless(t)
	version := u.ok("version")
	for _, want := range []string{"sheep   devel", "\ngo      go1.", "\nkernel  ", "\nlimits  c"} {
		if !strings.Contains(version, want) {
			t.Errorf("version does not have %q:\n%s", want, version)
		}
	}
	if got := u.ok("--version"); got != version {
		t.Errorf("--version prints %q", got)
	}
}

func TestHelpHasNotesBeyondTheFlags(t *testing.T) {
	u := helpless(t)
	for name, wants := range map[string][]string{
		"import":    {"gzip or zstd", "docker save", "OCI layout", "- is standard input", "NAME may be left out"},
		"bootstrap": {"Without PROGRAM: busybox", "the libraries that they link to, and no data files"},
		"run": {"run a small init as PID 1, so that Ctrl-C and stop work at once",
			"--publish [IP:]HOST:CONTAINER[/udp] "},
		"start": {"end with its exit code"},
	} {
		help := strings.Join(strings.Fields(u.ok(name, "--help")), " ")
		for _, want := range wants {
			if !strings.Contains(help, want) {
				t.Errorf("help of %s does not have %q:\n%s", name, want, help)
			}
		}
	}
}
