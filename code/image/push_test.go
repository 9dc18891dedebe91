//go:build linux && !vm

package image

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
)

// roundTrip pushes an image from one store and pulls it into another.
func roundTrip(t *testing.T, host string) {
	t.Helper()
	ctx := context.Background()
	from, to := open(t), open(t)
	ref := host + "/team/web:v1"
	archive := saved(nil, someConfig, append(slices.Clone(twoLayers),
		packed("big", strings.Repeat("0123456789", 1<<20)))...)
	pushed, err := from.Import(ctx, bytes.NewReader(archive), ref, nil)
	testkit.Must(t, err)
	testkit.Must(t, os.Link(filepath.Join(pushed.Rootfs, "b"), filepath.Join(pushed.Rootfs, "c", "link")))
	testkit.Must(t, os.Symlink("b", filepath.Join(pushed.Rootfs, "symlink")))
	testkit.Must(t, os.Chown(filepath.Join(pushed.Rootfs, "b"), 12, 34))
	testkit.Must(t, os.Chmod(filepath.Join(pushed.Rootfs, "b"), 0o755|os.ModeSetuid))
	var sent count
	digest, err := from.Push(ctx, ref, &sent, false)
	testkit.Must(t, err)
	if !registry.IsDigest(digest) || !sent.done || sent.seen != sent.total {
		t.Errorf("the digest is %q; heard of %d of %d bytes", digest, sent.seen, sent.total)
	}
	var received count
	pulled, err := to.Pull(ctx, ref, &received, false)
	testkit.Must(t, err)
	if pulled.Digest != digest || pulled.Ref() != ref || !received.done || received.seen != received.total {
		t.Errorf("pulled %+v; heard of %d of %d bytes", pulled, received.seen, received.total)
	}
	if fmt.Sprint(pulled.Config) != fmt.Sprint(pushed.Config) || pulled.Size != pushed.Size {
		t.Errorf("pushed %+v, pulled %+v", pushed, pulled)
	}
	difference, err := exec.Command("diff", "-r", "--no-dereference", pushed.Rootfs, pulled.Rootfs).CombinedOutput()
	if err != nil {
		t.Errorf("what was pulled differs from what was pushed: %v\n%s", err, difference)
	}
	info, err := os.Stat(filepath.Join(pulled.Rootfs, "b"))
	testkit.Must(t, err)
	stat := info.Sys().(*syscall.Stat_t)
	if stat.Uid != 12 || stat.Gid != 34 || info.Mode() != 0o755|os.ModeSetuid || stat.Nlink != 2 {
		t.Errorf("the file has owner %d:%d, mode %v and %d names", stat.Uid, stat.Gid, info.Mode(), stat.Nlink)
	}
	expectNames(t, from, ref)
	expectNames(t, to, ref)

	// The same again is sent nothing, and gives the same.
	if again, err := from.Push(ctx, ref, nil, false); err != nil || again != digest {
		t.Errorf("pushed again: %s, %v", again, err)
	}
	byDigest, err := to.Pull(ctx, host+"/team/web@"+digest, nil, false)
	if err != nil || byDigest.ID != pulled.ID {
		t.Errorf("pulled by digest: %+v, %v", byDigest, err)
	}
	if found, err := to.Find(host + "/team/web@" + digest); err != nil || found.ID != pulled.ID {
		t.Errorf("found by digest: %+v, %v", found, err)
	}
	_, err = to.Pull(ctx, host+"/team/web:v2", nil, false)
	if err == nil || !strings.Contains(err.Error(), "no such image") {
		t.Errorf("pull of a tag that is not there: %v", err)
	}
}

func TestPushAndPull(t *testing.T) { roundTrip(t, serve(t, nil)) }

func TestPushAndPullWithDebiansRegistry(t *testing.T) {
	host, _ := testhost.Registry(t)
	roundTrip(t, host)
}

func TestDebiansRegistryMayWantAPassword(t *testing.T) {
	users := filepath.Join(t.TempDir(), "users") // bcrypt of "secret"
	testkit.Must(t, os.WriteFile(users,
		[]byte("ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"), 0o600))
	host, _ := testhost.Registry(t, "auth: {htpasswd: {realm: 'a \"realm\", Bearer', path: "+users+"}}\n")
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	login := func(password string) {
		content := encoded(map[string]any{"auths": map[string]any{host: map[string]string{"username": "ann",
			"password": password}}})
		testkit.Must(t, os.WriteFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"), content, 0o600))
	}
	login("wrong")
	s := open(t)
	importFiles(t, s, host+"/web", "a", "b")
	_, err := s.Push(context.Background(), host+"/web", nil, false)
	if err == nil || !strings.Contains(err.Error(), "the registry does not allow it (passwords are read from") {
		t.Errorf("push with a wrong password: %v", err)
	}
	login("secret")
	roundTrip(t, host)
}

// tokens hands out signed tokens (https://distribution.github.io/distribution/spec/auth/jwt/) to who has a password,
// and writes the certificate that the registry is to believe.
func tokens(t *testing.T, certificate string) *httptest.Server {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key))
	testkit.Must(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ann" || password != "secret" {
			http.Error(w, `{"details": "incorrect username or password"}`, http.StatusUnauthorized)
			return
		}
		words := strings.Split(r.FormValue("scope"), ":")
		now := time.Now().Unix()
		part := func(value any) string { return base64.RawURLEncoding.EncodeToString(encoded(value)) }
		signed := part(map[string]any{"typ": "JWT", "alg": "ES256",
			"x5c": []string{base64.StdEncoding.EncodeToString(der)}}) + "." +
			part(map[string]any{"iss": "issuer", "aud": r.FormValue("service"), "sub": "ann", "nbf": now - 9,
				"exp": now + 99, "iat": now, "jti": "1", "access": []any{map[string]any{"type": words[0],
					"name": words[1], "actions": strings.Split(words[2], ",")}}})
		sum := sha256.Sum256([]byte(signed))
		x, y, err := ecdsa.Sign(rand.Reader, key, sum[:])
		testkit.Must(t, err)
		signature := append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...)
		w.Write(encoded(map[string]string{"token": signed + "." + base64.RawURLEncoding.EncodeToString(signature)}))
	}))
	t.Cleanup(server.Close)
	return server
}

func TestDebiansRegistryMayWantTokens(t *testing.T) {
	certificate := filepath.Join(t.TempDir(), "certificate")
	server := tokens(t, certificate)
	host, _ := testhost.Registry(t, fmt.Sprintf("auth: {token: {realm: '%s/token?a=b', service: 'the \"service\"', "+
		"issuer: issuer, rootcertbundle: %s}}\n", server.URL, certificate))
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	_, err := open(t).Pull(context.Background(), host+"/web", nil, false)
	if err == nil || !strings.Contains(err.Error(), "get a token") ||
		!strings.Contains(err.Error(), "incorrect username or password") {
		t.Errorf("pull of a stranger: %v", err)
	}
	content := encoded(map[string]any{"auths": map[string]any{host: map[string]string{"username": "ann",
		"password": "secret"}}})
	testkit.Must(t, os.WriteFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"), content, 0o600))
	roundTrip(t, host)
}

// What another tool pushes is pulled, and the other way round.
func TestPeerUnderstandsUs(t *testing.T) {
	host := serve(t, nil)
	s := open(t)
	tag := must(name.NewTag(host + "/team/theirs:v1"))
	theirs := must(mutate.Config(must(random.Image(10_000, 4)), v1.Config{Env: []string{"A=b"}, User: "1:2"}))
	for _, kind := range []types.MediaType{types.OCIManifestSchema1, types.DockerManifestSchema2} {
		theirs = mutate.MediaType(theirs, kind)
		testkit.Must(t, remote.Write(tag, theirs))
		pulled, err := s.Pull(context.Background(), tag.String(), nil, false)
		testkit.Must(t, err)
		if want := must(theirs.Digest()).String(); pulled.Digest != want || pulled.Config.User != "1:2" ||
			!slices.Equal(pulled.Config.Env, []string{"A=b"}) || pulled.Size != 40_000 {
			t.Errorf("pulled %+v, pushed %s", pulled, want)
		}
	}

	ours := host + "/team/ours:v1"
	importFiles(t, s, ours, "a/b", "content")
	digest, err := s.Push(context.Background(), ours, nil, false)
	testkit.Must(t, err)
	image := must(remote.Image(must(name.NewTag(ours))))
	config := must(image.ConfigFile())
	if must(image.Digest()).String() != digest || config.OS != "linux" || config.Architecture != runtime.GOARCH {
		t.Errorf("they pull %s for %s/%s; we pushed %s", must(image.Digest()), config.OS, config.Architecture, digest)
	}
	files := mutate.Extract(image)
	defer files.Close()
	var got []string
	for reader := tar.NewReader(files); ; {
		header, err := reader.Next()
		if err == io.EOF {
			break
		}
		testkit.Must(t, err)
		got = append(got, header.Name+": "+string(must(io.ReadAll(reader))))
	}
	if want := []string{"a: ", "a/b: content"}; !slices.Equal(got, want) {
		t.Errorf("they see %q, not %q", got, want)
	}
}

func TestProgressOfAPushThatBeganAgain(t *testing.T) {
	var tries atomic.Int32
	host := serve(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/blobs/") && tries.Add(1) == 1 {
			io.CopyN(io.Discard, r.Body, 1000)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
	s := open(t)
	importFiles(t, s, host+"/web", "a", strings.Repeat("content", 100_000))
	var sent count
	_, err := s.Push(context.Background(), host+"/web", &sent, false)
	if err != nil || !sent.done || sent.seen != sent.total {
		t.Errorf("heard of %d of %d bytes: %v", sent.seen, sent.total, err)
	}
}

func TestPushToNoPlaceDoesNotLookForAnImage(t *testing.T) {
	host := serve(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"errors": [{"code": "NAME_UNKNOWN", "message": "the repository does not exist"}]}`)
			return
		}
		next.ServeHTTP(w, r)
	})
	s := open(t)
	importFiles(t, s, host+"/web", "a", "b")
	_, err := s.Push(context.Background(), host+"/web", nil, false)
	if err == nil || strings.Contains(err.Error(), "no such image") ||
		!strings.Contains(err.Error(), "has no place for it") ||
		!strings.Contains(err.Error(), "the repository does not exist") {
		t.Errorf("push says %v", err)
	}
}

func TestPushWantsAnImageThatIsThere(t *testing.T) {
	s := open(t)
	if _, err := s.Push(context.Background(), "localhost:1/web", nil, false); !errors.As(err, new(*NotFoundError)) {
		t.Errorf("push of nothing: %v", err)
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	host := listener.Addr().String()
	listener.Close()
	importFiles(t, s, host+"/web", "a", "b")
	_, err := s.Push(context.Background(), host+"/web", nil, false)
	if err == nil || !strings.Contains(err.Error(), "no registry at "+host) {
		t.Errorf("push to nobody: %v", err)
	}
	expectNames(t, s, host+"/web:latest")
}
