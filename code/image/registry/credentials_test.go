//go:build !vm

package registry

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// cspell:ignore identitytoken registrytoken xghcr

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestCredentialsOfDockersConfiguration(t *testing.T) {
	w := newWeb(t)
	ann := credentials{Username: "ann", Password: "secret:with colon"}
	entry := fmt.Sprintf(`{"auth": %q}`, encoded("ann:secret:with colon"))
	for name, test := range map[string]struct {
		config, host, repository string
		want                     credentials
	}{
		"auth": {`{"auths": {"ghcr.io": ` + entry + `}}`, "ghcr.io", "a/b", ann},
		"auth unpadded": {`{"auths": {"ghcr.io": {"auth": "YTpiYw"}}}`, "ghcr.io", "a/b",
			credentials{Username: "a", Password: "bc"}},
		"another host": {`{"auths": {"ghcr.io": ` + entry + `}}`, "quay.io", "a/b", credentials{}},
		"part of a host": {`{"auths": {"hcr.io": ` + entry + `, "xghcr.io": ` + entry +
			`, "https://ghcr.io.example.org": ` + entry + `}}`, "ghcr.io", "a/b", credentials{}},
		"another port":      {`{"auths": {"ghcr.io": ` + entry + `}}`, "ghcr.io:5000", "a/b", credentials{}},
		"address":           {`{"auths": {"https://ghcr.io": ` + entry + `}}`, "ghcr.io", "a/b", ann},
		"address with path": {`{"auths": {"https://ghcr.io/v2/": ` + entry + `}}`, "ghcr.io", "a/b", ann},
		"host with version": {`{"auths": {"ghcr.io/v1/": ` + entry + `}}`, "ghcr.io", "a/b", ann},
		"port":              {`{"auths": {"localhost:5000": ` + entry + `}}`, "localhost:5000", "a", ann},
		"Docker Hub": {`{"auths": {"https://index.docker.io/v1/": ` + entry + `}}`, dockerHub,
			"library/a", ann},
		"Docker Hub, podman": {`{"auths": {"docker.io": ` + entry + `}}`, dockerHub, "library/a", ann},
		"repository": {`{"auths": {"quay.io/a/b": ` + entry + `, "quay.io": {"auth": "YTpi"}}}`, "quay.io",
			"a/b", ann},
		"part of repository": {`{"auths": {"quay.io/a": ` + entry + `, "quay.io": {"auth": "YTpi"}}}`, "quay.io",
			"a/b/c", ann},
		"another repository": {`{"auths": {"quay.io/a/bc": ` + entry + `}}`, "quay.io", "a/b", credentials{}},
		"name and password": {`{"auths": {"ghcr.io": {"username": "ann", "password": "secret:with colon"}}}`,
			"ghcr.io", "a", ann},
		"identity token": {`{"auths": {"ghcr.io": {"identitytoken": "x"}}}`, "ghcr.io", "a",
			credentials{IdentityToken: "x"}},
		"registry token": {`{"auths": {"ghcr.io": {"registrytoken": "x"}}}`, "ghcr.io", "a",
			credentials{RegistryToken: "x"}},
		"empty file":          {``, "ghcr.io", "a", credentials{}},
		"nothing":             {`{}`, "ghcr.io", "a", credentials{}},
		"entry without words": {`{"auths": {"ghcr.io": {}}, "HttpHeaders": {"a": "b"}}`, "ghcr.io", "a", credentials{}},
	} {
		t.Run(name, func(t *testing.T) {
			w.login(test.config)
			got, err := findCredentials(context.Background(), test.host, test.repository)
			if err != nil || got != test.want {
				t.Errorf("%+v, %v; not %+v", got, err, test.want)
			}
		})
	}
}

func TestBrokenConfigurationIsNamed(t *testing.T) {
	w := newWeb(t)
	file := filepath.Join(os.Getenv("HOME"), ".docker/config.json")
	for config, want := range map[string]string{
		`{"auths": `:                                  "unexpected end of JSON input",
		`{"auths": {"ghcr.io": {"auth": "!"}}}`:       "auth of ghcr.io is not name:password in base64",
		`{"auths": {"ghcr.io": {"auth": "YWI="}}}`:    "auth of ghcr.io is not name:password in base64",
		`{"credsStore": "missing"}`:                   "docker-credential-missing",
		`{"credHelpers": {"ghcr.io": "../../bin/x"}}`: "is not the name of a program",
	} {
		w.login(config)
		_, err := findCredentials(context.Background(), "ghcr.io", "a")
		expectError(t, err, file, "ghcr.io", want)
	}
	testkit.Must(t, os.Remove(file))
	testkit.Must(t, os.Mkdir(file, 0o700))
	_, err := findCredentials(context.Background(), "ghcr.io", "a")
	expectError(t, err, file)
}

func TestCredentialsOfPodman(t *testing.T) {
	newWeb(t)
	dir := t.TempDir()
	write := func(name, user string) string {
		name = filepath.Join(dir, name)
		testkit.Must(t, os.MkdirAll(filepath.Dir(name), 0o700))
		testkit.Must(t, os.WriteFile(name, fmt.Appendf(nil, `{"auths": {"quay.io": {"username": %q, "password": "x"}}}`,
			user), 0o600))
		return name
	}
	expect := func(user string) {
		t.Helper()
		if got, err := findCredentials(context.Background(), "quay.io", "a"); err != nil || got.Username != user {
			t.Errorf("%+v, %v; not %s", got, err, user)
		}
	}
	expect("")
	write("config/containers/auth.json", "lasting")
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	expect("lasting")
	write("run/containers/auth.json", "until the machine stops")
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(dir, "run"))
	expect("until the machine stops")
	t.Setenv("REGISTRY_AUTH_FILE", write("file", "named"))
	expect("named")
	write("docker/config.json", "docker's")
	t.Setenv("DOCKER_CONFIG", filepath.Join(dir, "docker"))
	expect("docker's")
	t.Setenv("DOCKER_CONFIG", filepath.Join(dir, "nowhere"))
	expect("named")
}

// helper installs a program that keeps passwords. It notes what it is asked for.
func helper(t *testing.T, name, script string) (asked func() string) {
	t.Helper()
	dir := t.TempDir()
	note := filepath.Join(dir, "asked")
	program := fmt.Sprintf("#!/bin/sh\nread host\necho \"$1 $host\" >>%s\n%s\n", note, script)
	testkit.Must(t, os.WriteFile(filepath.Join(dir, "docker-credential-"+name), []byte(program), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return func() string {
		content, _ := os.ReadFile(note)
		return strings.TrimSpace(string(content))
	}
}

func TestCredentialHelpers(t *testing.T) {
	for name, test := range map[string]struct {
		config, host, script, asked string
		want                        credentials
		fails                       string
	}{
		"store for all": {`{"credsStore": "test"}`, "ghcr.io",
			`echo '{"ServerURL": "x", "Username": "ann", "Secret": "s"}'`,
			"get ghcr.io", credentials{Username: "ann", Password: "s"}, ""},
		"helper of a host": {`{"credsStore": "other", "credHelpers": {"ghcr.io": "test"}}`, "ghcr.io",
			`echo '{"Username": "ann", "Secret": "s"}'`, "get ghcr.io", credentials{Username: "ann",
				Password: "s"}, ""},
		"helper of another host": {`{"credHelpers": {"quay.io": "test"}}`, "ghcr.io", "exit 1", "", credentials{}, ""},
		"Docker Hub": {`{"credsStore": "test"}`, dockerHub, `echo '{"Username": "ann", "Secret": "s"}'`,
			"get https://index.docker.io/v1/", credentials{Username: "ann", Password: "s"}, ""},
		"identity token": {`{"credsStore": "test"}`, "ghcr.io", `echo '{"Username": "<token>", "Secret": "s"}'`,
			"get ghcr.io", credentials{IdentityToken: "s"}, ""},
		"not found": {`{"credsStore": "test"}`, "ghcr.io", "echo credentials not found in native keychain; exit 1",
			"get ghcr.io", credentials{}, ""},
		"not found, but in the file": {`{"credsStore": "test", "auths": {"ghcr.io": {"auth": "YTpi"}}}`, "ghcr.io",
			"echo credentials not found in native keychain; exit 1", "get ghcr.io", credentials{Username: "a",
				Password: "b"}, ""},
		"failing": {`{"credsStore": "test"}`, "ghcr.io", `printf 'the keychain is locked\033[2J' >&2; exit 1`,
			"get ghcr.io", credentials{}, "the keychain is locked [2J"},
		"talking": {`{"credsStore": "test"}`, "ghcr.io", `echo hello`, "get ghcr.io", credentials{},
			"docker-credential-test get"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWeb(t)
			asked := helper(t, "test", test.script)
			w.login(test.config)
			got, err := findCredentials(context.Background(), test.host, "library/a")
			if test.fails != "" {
				expectError(t, err, test.fails, ".docker/config.json")
			} else if err != nil || got != test.want {
				t.Errorf("%+v, %v; not %+v", got, err, test.want)
			}
			if asked() != test.asked {
				t.Errorf("the helper was asked %q, not %q", asked(), test.asked)
			}
		})
	}
}

func TestCancelledCredentialHelperIsNotWaitedFor(t *testing.T) {
	w := newWeb(t)
	// A program of its own, which keeps the output open when the shell is killed.
	started := filepath.Join(t.TempDir(), "started")
	helper(t, "test", "sleep 600 & echo $! >"+started+"; wait")
	w.login(`{"credsStore": "test"}`)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := findCredentials(ctx, "ghcr.io", "library/a")
		failed <- err
	}()
	var sleeper int
	testkit.Eventually(t, "the helper sleeps", func() bool {
		content, _ := os.ReadFile(started)
		_, err := fmt.Sscan(string(content), &sleeper)
		return err == nil
	})
	defer syscall.Kill(sleeper, syscall.SIGKILL)
	cancel()
	select {
	case err := <-failed:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("it waits for a program that the helper has started")
	}
}
