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
	"log"
	"math"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	memory "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
)

// cspell:ignore htpasswd rootcertbundle

// serve runs a registry in memory and returns its host. change, if there is one, may change what it answers.
func serve(t *testing.T, change func(http.ResponseWriter, *http.Request, http.Handler)) string {
	t.Helper()
	handler := memory.New(memory.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if change == nil {
			handler.ServeHTTP(w, r)
			return
		}
		change(w, r, handler)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// upload puts the parts of a layout into a registry by hand, and an image or index under a tag.
func upload(t *testing.T, host, repository, tag string, l layout, top descriptor) {
	t.Helper()
	for index := 0; index < len(l.files); index += 2 {
		content := []byte(l.files[index+1])
		digest := "sha256:" + filepath.Base(l.files[index])
		put(t, http.MethodPost, fmt.Sprintf("http://%s/v2/%s/blobs/uploads/?digest=%s", host, repository, digest), "", content)
		for part, kind := range map[string]string{`"layers":`: registry.OCIManifest, `"manifests":`: registry.OCIIndex} {
			if bytes.Contains(content, []byte(part)) {
				put(t, http.MethodPut, fmt.Sprintf("http://%s/v2/%s/manifests/%s", host, repository, digest), kind, content)
			}
		}
		if digest == top.Digest {
			put(t, http.MethodPut, fmt.Sprintf("http://%s/v2/%s/manifests/%s", host, repository, tag), top.MediaType, content)
		}
	}
}

func put(t *testing.T, method, url, contentType string, content []byte) {
	t.Helper()
	request, err := http.NewRequest(method, url, bytes.NewReader(content))
	testkit.Must(t, err)
	request.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(request)
	testkit.Must(t, err)
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s: %s", method, url, answer.Status, body)
	}
}

// roundTrip pushes an image from one store and pulls it into another.
func roundTrip(t *testing.T, host string) {
	t.Helper()
	ctx := context.Background()
	from, to := open(t), open(t)
	ref := host + "/team/web:v1"
	archive := saved(nil, someConfig, append(slices.Clone(twoLayers), packed("big", strings.Repeat("0123456789", 1<<20)))...)
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
	testkit.Must(t, os.WriteFile(users, []byte("ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"), 0o600))
	host, _ := testhost.Registry(t, "auth: {htpasswd: {realm: 'a \"realm\", Bearer', path: "+users+"}}\n")
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	login := func(password string) {
		content := encoded(map[string]any{"auths": map[string]any{host: map[string]string{"username": "ann", "password": password}}})
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

// tokens hands out signed tokens (https://distribution.github.io/distribution/spec/auth/jwt/) to who has a password, and
// writes the certificate that the registry is to believe.
func tokens(t *testing.T, certificate string) *httptest.Server {
	t.Helper()
	key := must1(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der := must1(x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key))
	testkit.Must(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ann" || password != "secret" {
			http.Error(w, `{"details": "incorrect username or password"}`, http.StatusUnauthorized)
			return
		}
		words := strings.Split(r.FormValue("scope"), ":")
		now := time.Now().Unix()
		part := func(value any) string { return base64.RawURLEncoding.EncodeToString(encoded(value)) }
		signed := part(map[string]any{"typ": "JWT", "alg": "ES256", "x5c": []string{base64.StdEncoding.EncodeToString(der)}}) + "." +
			part(map[string]any{"iss": "issuer", "aud": r.FormValue("service"), "sub": "ann", "nbf": now - 9, "exp": now + 99, "iat": now,
				"jti": "1", "access": []any{map[string]any{"type": words[0], "name": words[1], "actions": strings.Split(words[2], ",")}}})
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
	host, _ := testhost.Registry(t, fmt.Sprintf("auth: {token: {realm: '%s/token?a=b', service: 'the \"service\"', issuer: issuer, "+
		"rootcertbundle: %s}}\n", server.URL, certificate))
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	_, err := open(t).Pull(context.Background(), host+"/web", nil, false)
	if err == nil || !strings.Contains(err.Error(), "get a token") || !strings.Contains(err.Error(), "incorrect username or password") {
		t.Errorf("pull of a stranger: %v", err)
	}
	content := encoded(map[string]any{"auths": map[string]any{host: map[string]string{"username": "ann", "password": "secret"}}})
	testkit.Must(t, os.WriteFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"), content, 0o600))
	roundTrip(t, host)
}

func TestTamperedBlobInDebiansRegistryIsRefused(t *testing.T) {
	host, storage := testhost.Registry(t)
	from, to := open(t), open(t)
	ref := host + "/web:latest"
	importFiles(t, from, ref, "a", strings.Repeat("b", 1000))
	_, err := from.Push(context.Background(), ref, nil, false)
	testkit.Must(t, err)
	blobs, err := filepath.Glob(filepath.Join(storage, "docker/registry/v2/blobs/sha256/*/*/data"))
	testkit.Must(t, err)
	tampered := 0
	for _, name := range blobs {
		content, err := os.ReadFile(name)
		testkit.Must(t, err)
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
			content[len(content)/2] ^= 1
			testkit.Must(t, os.WriteFile(name, content, 0o600))
			tampered++
		}
	}
	if tampered != 1 {
		t.Fatalf("the registry keeps %d layers", tampered)
	}
	_, err = to.Pull(context.Background(), ref, nil, false)
	if err == nil || !strings.Contains(err.Error(), "digest mismatch") {
		t.Errorf("pull of a tampered layer: %v", err)
	}
	expectNames(t, to)
}

func TestPullPicksThePlatform(t *testing.T) {
	host := serve(t, nil)
	var l layout
	right, wrong := l.image(someConfig, gzipped, twoLayers...), l.image(Config{}, plain, packed("wrong", ""))
	right.Platform = &platform{OS: "linux", Architecture: runtime.GOARCH}
	wrong.Platform = &platform{OS: "linux", Architecture: "s390x"}
	upload(t, host, "web", "all", l, l.document("application/vnd.oci.image.index.v1+json", ociIndex{[]descriptor{wrong, right}}))
	upload(t, host, "web", "other", l, l.document("application/vnd.oci.image.index.v1+json", ociIndex{[]descriptor{wrong}}))
	s := open(t)
	image, err := s.Pull(context.Background(), host+"/web:all", nil, false)
	testkit.Must(t, err)
	expectTwoLayers(t, image)
	_, err = s.Pull(context.Background(), host+"/web:other", nil, false)
	if err == nil || !strings.Contains(err.Error(), "linux/"+runtime.GOARCH) {
		t.Errorf("an image for another machine: %v", err)
	}
}

func TestChoiceOfAPlatform(t *testing.T) {
	for name, test := range map[string]struct {
		offers []string // os/architecture/variant, or nothing
		want   int
		fails  string
	}{
		"the one":               {[]string{"linux/s390x", "linux/arm", "windows/arm"}, 1, ""},
		"least of the variants": {[]string{"linux/arm/v7", "linux/arm/v6", "linux/arm/v8"}, 1, ""},
		"no variant":            {[]string{"linux/arm/v5", "linux/arm"}, 1, ""},
		"first of equals":       {[]string{"linux/arm/v7", "linux/arm/v7"}, 0, ""},
		"who says nothing":      {[]string{"linux/amd64", ""}, 1, ""},
		"rather who says it":    {[]string{"", "linux/arm/v7"}, 1, ""},
		"none": {[]string{"windows/arm", "linux/amd64", "unknown/unknown", "linux/amd64/v3"}, 0,
			`no image for linux/arm, only for "linux/amd64", "windows/arm"`},
		"hostile": {[]string{"\x1b[2J/" + strings.Repeat("x", 1000)}, 0, `no image for linux/arm, only for "\x1b[2J/xxx`},
		"nothing": {nil, 0, "no image for linux/arm, nor for any other platform"},
	} {
		var index ociIndex
		for number, offer := range test.offers {
			d := descriptor{Size: int64(number)}
			if words := append(strings.Split(offer, "/"), ""); offer != "" {
				d.Platform = &platform{words[0], words[1], words[2]}
			}
			index.Manifests = append(index.Manifests, d)
		}
		chosen, err := index.choose(platform{OS: "linux", Architecture: "arm"})
		if test.fails != "" {
			if err == nil || !strings.HasPrefix(err.Error(), test.fails) || len(err.Error()) > 150 {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || chosen.Size != int64(test.want) {
			t.Errorf("%s: %d, %v", name, chosen.Size, err)
		}
	}
}

func TestPullFollowsIndexesOfIndexes(t *testing.T) {
	host := serve(t, nil)
	var l layout
	top := l.image(someConfig, zstandard, twoLayers...)
	s := open(t)
	for depth := range 5 {
		upload(t, host, "web", "latest", l, top)
		image, err := s.Pull(context.Background(), host+"/web", nil, false)
		if depth == 4 {
			if err == nil || !strings.Contains(err.Error(), "one in one") {
				t.Errorf("an index in four others: %v", err)
			}
			break
		}
		testkit.Must(t, err)
		expectTwoLayers(t, image)
		if image.Digest != top.Digest {
			t.Errorf("the digest is %s, not that of the tag, %s", image.Digest, top.Digest)
		}
		top = l.document(registry.OCIIndex, ociIndex{[]descriptor{top}})
	}
}

func TestRepeatedLayerIsFetchedOnce(t *testing.T) {
	var fetched atomic.Int32
	host := serve(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			fetched.Add(1)
		}
		next.ServeHTTP(w, r)
	})
	var l layout
	upload(t, host, "web", "latest", l, l.image(someConfig, plain, twoLayers[0], twoLayers[1], twoLayers[0], twoLayers[1]))
	var received count
	image, err := open(t).Pull(context.Background(), host+"/web", &received, false)
	testkit.Must(t, err)
	expectTwoLayers(t, image)
	if fetched.Load() != 3 {
		t.Errorf("%d blobs were fetched: a configuration and two layers are there", fetched.Load())
	}
}

// What another tool pushes is pulled, and the other way round.
func TestPeerUnderstandsUs(t *testing.T) {
	host := serve(t, nil)
	s := open(t)
	tag := must1(name.NewTag(host + "/team/theirs:v1"))
	theirs := must1(mutate.Config(must1(random.Image(10_000, 4)), v1.Config{Env: []string{"A=b"}, User: "1:2"}))
	for _, kind := range []types.MediaType{types.OCIManifestSchema1, types.DockerManifestSchema2} {
		theirs = mutate.MediaType(theirs, kind)
		testkit.Must(t, remote.Write(tag, theirs))
		pulled, err := s.Pull(context.Background(), tag.String(), nil, false)
		testkit.Must(t, err)
		if want := must1(theirs.Digest()).String(); pulled.Digest != want || pulled.Config.User != "1:2" ||
			!slices.Equal(pulled.Config.Env, []string{"A=b"}) || pulled.Size != 40_000 {
			t.Errorf("pulled %+v, pushed %s", pulled, want)
		}
	}

	ours := host + "/team/ours:v1"
	importFiles(t, s, ours, "a/b", "content")
	digest, err := s.Push(context.Background(), ours, nil, false)
	testkit.Must(t, err)
	image := must1(remote.Image(must1(name.NewTag(ours))))
	config := must1(image.ConfigFile())
	if must1(image.Digest()).String() != digest || config.OS != "linux" || config.Architecture != runtime.GOARCH {
		t.Errorf("they pull %s for %s/%s; we pushed %s", must1(image.Digest()), config.OS, config.Architecture, digest)
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
		got = append(got, header.Name+": "+string(must1(io.ReadAll(reader))))
	}
	if want := []string{"a: ", "a/b: content"}; !slices.Equal(got, want) {
		t.Errorf("they see %q, not %q", got, want)
	}
}

// tampering answers the nth request whose path has a part with something else.
func tampering(part string, n int32, answer func(w http.ResponseWriter, original []byte)) func(http.ResponseWriter,
	*http.Request, http.Handler) {
	var seen atomic.Int32
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, part) || seen.Add(1) != n {
			next.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		w.Header().Set("Content-Type", recorder.Header().Get("Content-Type"))
		answer(w, recorder.Body.Bytes())
	}
}

func TestPullTrustsNoRegistry(t *testing.T) {
	flipped := func(w http.ResponseWriter, original []byte) {
		original[len(original)/2] ^= 1
		w.Write(original)
	}
	for name, attack := range map[string]struct {
		part   string
		number int32
		answer func(http.ResponseWriter, []byte)
		want   string
	}{
		"tampered configuration": {"/blobs/", 1, flipped, "digest mismatch"},
		"tampered layer":         {"/blobs/", 2, flipped, "digest mismatch"},
		"short layer": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.(http.Flusher).Flush() // so that no header tells the length
			w.Write(original[:len(original)-1])
		}, "size mismatch"},
		"long layer": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.(http.Flusher).Flush()
			w.Write(append(original, 'x'))
		}, ""}, // no more than the size is read, and that is the layer
		"broken connection": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.Header().Set("Content-Length", strconv.Itoa(len(original)))
			w.Write(original[:len(original)/2])
		}, ""}, // what is missing is asked for
		"layer of another length": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.Write(append(original, 'x'))
		}, "size mismatch"},
		"manifest without digests": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			io.WriteString(w, `{"schemaVersion": 2, "layers": [{"digest": "sha256:../../../../canary", "size": 1}]}`)
		}, "sha256"},
		"configuration of endless size": {"/manifests/", 1, func(w http.ResponseWriter, original []byte) {
			fmt.Fprintf(w, `{"schemaVersion": 2, "config": {"digest": "sha256:%s", "size": -1}}`, sum(nil))
		}, "a size of -1 bytes"},
		"path in an index": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			w.Header().Set("Content-Type", registry.OCIIndex)
			io.WriteString(w, `{"schemaVersion": 2, "manifests": [{"digest": "sha256:../../../../canary", "size": 1}]}`)
		}, "is no digest"},
		"question in an index": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			w.Header().Set("Content-Type", registry.OCIIndex)
			io.WriteString(w, `{"schemaVersion": 2, "manifests": [{"digest": "../../a/manifests/b?c#d", "size": 1}]}`)
		}, "is no digest"},
		"index that says it is a manifest": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			io.WriteString(w, `{"schemaVersion": 2, "manifests": []}`)
		}, "it has manifests"},
		"no manifest": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			io.WriteString(w, "<html>")
		}, "manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			host := serve(t, tampering(attack.part, attack.number, attack.answer))
			var l layout
			upload(t, host, "web", "latest", l, l.image(someConfig, gzipped, twoLayers...))
			s := open(t)
			_, err := s.Pull(context.Background(), host+"/web", nil, false)
			if attack.want == "" {
				testkit.Must(t, err)
				return
			}
			if err == nil || !strings.Contains(err.Error(), attack.want) {
				t.Errorf("the error is %v; it should speak of %q", err, attack.want)
			}
			expectNames(t, s)
		})
	}
}

func TestHostileManifestsAreRefused(t *testing.T) {
	var l layout
	layer := l.add(twoLayers[0])
	config := l.document("", someConfig.ociConfig(runtime.GOARCH, "sha256:"+sum(twoLayers[0])))
	manifest := func(layers ...descriptor) descriptor {
		return l.document(registry.OCIManifest, ociManifest{SchemaVersion: 2, Config: config, Layers: layers})
	}
	sized := func(d descriptor, size int64) descriptor {
		d.Size = size
		return d
	}
	called := func(digest string) descriptor { return descriptor{Digest: digest, Size: 1} }
	other := called("sha256:" + strings.Repeat("a", 64))
	many := make([]descriptor, maxLayers+1)
	for index := range many {
		many[index] = called(fmt.Sprintf("sha256:%064x", index))
	}
	foreign := layer
	foreign.URLs = []string{"https://example.org/\x1b[2J"}
	for name, attack := range map[string]struct {
		top  descriptor
		want string
	}{
		"negative size":            {manifest(sized(layer, -1)), "a size of -1 bytes"},
		"two sizes":                {manifest(layer, sized(layer, 1)), "a size of 1 bytes"},
		"size of another":          {manifest(sized(layer, layer.Size+1)), "size mismatch"},
		"size of part":             {manifest(sized(layer, layer.Size-1)), "size mismatch"},
		"size without end":         {manifest(sized(layer, math.MaxInt64)), "larger than"},
		"sizes that overflow":      {manifest(sized(layer, math.MaxInt64/2), sized(other, math.MaxInt64)), "larger than"},
		"too many layers":          {manifest(many...), "1001 layers"},
		"layers of nothing":        {manifest(), "0 layers, and digests of 1"},
		"layer that is not there":  {manifest(layer, other), "pull the parts of"},
		"more layers than digests": {manifest(layer, layer), "2 layers, and digests of 1"},
		"path for a digest":        {manifest(called("sha256:../../../../../canary")), "is no digest"},
		"path after a digest":      {manifest(called(other.Digest[:60] + "/../")), "is no digest"},
		"capitals in a digest":     {manifest(called(strings.ToUpper(other.Digest))), "is no digest"},
		"another algorithm":        {manifest(called("sha512:" + strings.Repeat("a", 128))), "is no digest"},
		"no algorithm":             {manifest(called(strings.Repeat("a", 64))), "is no digest"},
		"foreign layer":            {manifest(foreign), `not in the registry but elsewhere ("https://example.org/\x1b[2J")`},
		"index of nothing":         {l.document(registry.OCIIndex, ociIndex{}), "nor for any other platform"},
		"configuration as layer":   {manifest(config), "exists"},
		"no image": {l.document(registry.OCIManifest, map[string]any{"schemaVersion": 2,
			"config": map[string]any{"digest": other.Digest, "size": 2}, "layers": []int{1}}), "manifest: json"},
	} {
		t.Run(name, func(t *testing.T) {
			host := serve(t, nil)
			upload(t, host, "web", "latest", l, attack.top)
			s := open(t)
			_, err := s.Pull(context.Background(), host+"/web", nil, false)
			if err == nil || !strings.Contains(err.Error(), attack.want) {
				t.Errorf("the error is %v; it should speak of %q", err, attack.want)
			}
			expectNames(t, s)
		})
	}
}

func TestPullKeepsToTheLimit(t *testing.T) {
	host := serve(t, nil)
	var l layout
	upload(t, host, "web", "latest", l, l.image(someConfig, plain, twoLayers...))
	s := open(t)
	s.Limits.Bytes = int64(len(twoLayers[0])+len(twoLayers[1])) - 1
	_, err := s.Pull(context.Background(), host+"/web", nil, false)
	if err == nil || !strings.Contains(err.Error(), "the layers are larger than") {
		t.Errorf("the error is %v", err)
	}
	huge := ociManifest{Layers: []descriptor{{Digest: "a", Size: math.MaxInt64}, {Digest: "b", Size: math.MaxInt64}}}
	if _, _, err := huge.download(0); err == nil {
		t.Error("sizes may overflow")
	}
	s.Limits.Bytes++
	_, err = s.Pull(context.Background(), host+"/web", nil, false)
	testkit.Must(t, err)
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
	if err == nil || strings.Contains(err.Error(), "no such image") || !strings.Contains(err.Error(), "has no place for it") ||
		!strings.Contains(err.Error(), "the repository does not exist") {
		t.Errorf("push says %v", err)
	}
}

func TestPushWantsAnImageThatIsThere(t *testing.T) {
	s := open(t)
	if _, err := s.Push(context.Background(), "localhost:1/web", nil, false); !errors.As(err, new(*NotFoundError)) {
		t.Errorf("push of nothing: %v", err)
	}
	listener := must1(net.Listen("tcp", "127.0.0.1:0"))
	host := listener.Addr().String()
	listener.Close()
	importFiles(t, s, host+"/web", "a", "b")
	_, err := s.Push(context.Background(), host+"/web", nil, false)
	if err == nil || !strings.Contains(err.Error(), "no registry at "+host) {
		t.Errorf("push to nobody: %v", err)
	}
	expectNames(t, s, host+"/web:latest")
}

func TestUnknownNameOfARegistryIsNoSilentRegistry(t *testing.T) {
	for code, want := range map[byte]string{3: "registry.test, is unknown", 2: "registry.test, cannot be looked up"} {
		resolver(t, code)
		_, err := open(t).Pull(context.Background(), "registry.test/web", nil, false)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "no registry at") {
			t.Errorf("with response code %d: %v", code, err)
		}
	}
}

// resolver answers each question about a name with a response code (RFC 1035, section 4.1.1), for the time of the test.
func resolver(t *testing.T, code byte) {
	server := must1(net.ListenPacket("udp", "127.0.0.1:0"))
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			buffer[2], buffer[3] = buffer[2]|0x80, code // it is a response
			server.WriteTo(buffer[:n], from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		server.Close()
	})
}
