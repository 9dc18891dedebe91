package registry

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// credentials say who asks: a name and a password, or a token that stands for them. All empty is a stranger.
type credentials struct {
	Username, Password string
	IdentityToken      string // buys tokens of the registry
	RegistryToken      string // is one
}

// authFile is where `docker login` and `podman login` put them: config.json of docker(1), containers-auth.json(5).
type authFile struct {
	Auths map[string]struct {
		Auth string // base64 of name:password
		credentials
	}
	CredHelpers map[string]string // programs that know them, for each host
	CredsStore  string            // and for all others
}

// authFiles are the files that may be there, the most particular first.
func authFiles() []string {
	home, _ := os.UserHomeDir()
	var names []string
	for _, place := range [][2]string{
		{cmp.Or(os.Getenv("DOCKER_CONFIG"), below(home, ".docker")), "config.json"},
		{os.Getenv("REGISTRY_AUTH_FILE"), ""},
		{os.Getenv("XDG_RUNTIME_DIR"), "containers/auth.json"},
		{cmp.Or(os.Getenv("XDG_CONFIG_HOME"), below(home, ".config")), "containers/auth.json"},
	} {
		if place[0] != "" {
			names = append(names, filepath.Join(place[0], place[1]))
		}
	}
	return names
}

func below(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// findCredentials looks up who asks for a repository. A file that is there and cannot be read is an error: it may be
// what holds the password.
func findCredentials(ctx context.Context, host, name string) (credentials, error) {
	for _, file := range authFiles() {
		content, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		var config authFile
		if err == nil && len(content) > 0 {
			err = json.Unmarshal(content, &config)
		}
		var found credentials
		if err == nil {
			found, err = config.find(ctx, host, name)
		}
		if err != nil {
			return credentials{}, fmt.Errorf("credentials for %s in %s: %w", host, file, err)
		}
		if found != (credentials{}) {
			return found, nil
		}
	}
	return credentials{}, nil
}

// find asks first the helper for a host, then the file itself.
func (f authFile) find(ctx context.Context, host, name string) (credentials, error) {
	keys := []string{host}
	if host == dockerHub {
		keys = []string{"https://index.docker.io/v1/", "docker.io", "index.docker.io", dockerHub}
	}
	helper, key := f.CredsStore, keys[0]
	for _, k := range keys {
		if own := f.CredHelpers[k]; own != "" {
			helper, key = own, k
			break
		}
	}
	if helper != "" {
		if found, err := askHelper(ctx, helper, key); err != nil || found != (credentials{}) {
			return found, err
		}
	}
	key, found := f.choose(keys, name)
	if !found {
		return credentials{}, nil
	}
	entry := f.Auths[key]
	if entry.Auth != "" {
		decoded, err := base64.StdEncoding.DecodeString(entry.Auth)
		if err != nil {
			decoded, err = base64.RawStdEncoding.DecodeString(entry.Auth)
		}
		username, password, ok := strings.Cut(string(decoded), ":")
		if err != nil || !ok {
			return credentials{}, fmt.Errorf("auth of %s is not name:password in base64", key)
		}
		entry.Username, entry.Password = username, strings.TrimRight(password, "\x00")
	}
	return entry.credentials, nil
}

// choose finds the key of a repository: the host with as much of the name as there is, then the host in an address, as
// docker(1) once wrote it.
func (f authFile) choose(keys []string, name string) (string, bool) {
	for _, key := range keys {
		for path := "/" + name; ; path = path[:strings.LastIndexByte(path, '/')] {
			if _, ok := f.Auths[key+path]; ok {
				return key + path, true
			}
			if path == "" {
				break
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.Auths)) {
		_, rest, address := strings.Cut(key, "://")
		if !address {
			rest = key
		}
		host, path, _ := strings.Cut(rest, "/")
		version := strings.Trim(path, "/")
		if slices.Contains(keys, host) && (address || version == "" || version == "v1" || version == "v2") {
			return key, true
		}
	}
	return "", false
}

// askHelper runs a program that keeps passwords (https://github.com/docker/docker-credential-helpers).
func askHelper(ctx context.Context, name, host string) (credentials, error) {
	program := "docker-credential-" + name
	if strings.ContainsRune(name, '/') {
		return credentials{}, fmt.Errorf("%q is not the name of a program", program)
	}
	var said, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "get")
	cmd.WaitDelay = time.Second // a program that it has started may hold its output open
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(host), &said, &complaint
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		if ctx.Err() != nil {
			return credentials{}, ctx.Err()
		}
		if strings.Contains(said.String(), "credentials not found") {
			return credentials{}, nil
		}
		return credentials{}, printable{fmt.Errorf("%s get: %w %s%s", program, err, said.Bytes(), complaint.Bytes())}
	}
	var given struct{ Username, Secret string }
	if err := json.Unmarshal(said.Bytes(), &given); err != nil {
		return credentials{}, fmt.Errorf("%s get: %w", program, err)
	}
	if given.Username == "<token>" {
		return credentials{IdentityToken: given.Secret}, nil
	}
	return credentials{Username: given.Username, Password: given.Secret}, nil
}
