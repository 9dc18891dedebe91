//go:build linux

package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
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

	memory "github.com/google/go-containerregistry/pkg/registry"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testhost"
)

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
		for _, kind := range []string{"application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"} {
			if bytes.Contains(content, []byte(kind)) || bytes.Contains(content, []byte(`"layers":`)) {
				put(t, http.MethodPut, fmt.Sprintf("http://%s/v2/%s/manifests/%s", host, repository, digest), kind, content)
				break
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
	must(t, err)
	request.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
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
	must(t, err)
	must(t, os.Link(filepath.Join(pushed.Rootfs, "b"), filepath.Join(pushed.Rootfs, "c", "link")))
	must(t, os.Symlink("b", filepath.Join(pushed.Rootfs, "symlink")))
	must(t, os.Chown(filepath.Join(pushed.Rootfs, "b"), 12, 34))
	must(t, os.Chmod(filepath.Join(pushed.Rootfs, "b"), 0o755|os.ModeSetuid))
	var sent count
	digest, err := from.Push(ctx, ref, &sent, false)
	must(t, err)
	if !isDigest(digest) || !sent.done || sent.seen != sent.total {
		t.Errorf("the digest is %q; heard of %d of %d bytes", digest, sent.seen, sent.total)
	}
	var received count
	pulled, err := to.Pull(ctx, ref, &received, false)
	must(t, err)
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
	must(t, err)
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

func TestTamperedBlobInDebiansRegistryIsRefused(t *testing.T) {
	host, storage := testhost.Registry(t)
	from, to := open(t), open(t)
	ref := host + "/web:latest"
	importFiles(t, from, ref, "a", strings.Repeat("b", 1000))
	_, err := from.Push(context.Background(), ref, nil, false)
	must(t, err)
	blobs, err := filepath.Glob(filepath.Join(storage, "docker/registry/v2/blobs/sha256/*/*/data"))
	must(t, err)
	tampered := 0
	for _, name := range blobs {
		content, err := os.ReadFile(name)
		must(t, err)
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
			content[len(content)/2] ^= 1
			must(t, os.WriteFile(name, content, 0o600))
			tampered++
		}
	}
	if tampered != 1 {
		t.Fatalf("the registry keeps %d layers", tampered)
	}
	_, err = to.Pull(context.Background(), ref, nil, false)
	if err == nil || !strings.Contains(err.Error(), "verifying sha256") {
		t.Errorf("pull of a tampered layer: %v", err)
	}
	expectNames(t, to)
}

func TestPullPicksThePlatform(t *testing.T) {
	host := serve(t, nil)
	var l layout
	right, wrong := l.image(someConfig, gzipped, twoLayers...), l.image(Config{}, plain, packed("wrong", ""))
	right.Platform = &platform{"linux", runtime.GOARCH}
	wrong.Platform = &platform{"linux", "s390x"}
	upload(t, host, "web", "all", l, l.document("application/vnd.oci.image.index.v1+json", ociIndex{[]descriptor{wrong, right}}))
	upload(t, host, "web", "other", l, l.document("application/vnd.oci.image.index.v1+json", ociIndex{[]descriptor{wrong}}))
	s := open(t)
	image, err := s.Pull(context.Background(), host+"/web:all", nil, false)
	must(t, err)
	expectTwoLayers(t, image)
	_, err = s.Pull(context.Background(), host+"/web:other", nil, false)
	if err == nil || !strings.Contains(err.Error(), "linux/"+runtime.GOARCH) {
		t.Errorf("an image for another machine: %v", err)
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
		"tampered configuration": {"/blobs/", 1, flipped, "verifying sha256"},
		"tampered layer":         {"/blobs/", 2, flipped, "verifying sha256"},
		"short layer": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.(http.Flusher).Flush() // so that no header tells the length
			w.Write(original[:len(original)-1])
		}, "verifying size"},
		"long layer": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.(http.Flusher).Flush()
			w.Write(append(original, 'x'))
		}, ""}, // no more than the size is read, and that is the layer
		"broken connection": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.Header().Set("Content-Length", strconv.Itoa(len(original)))
			w.Write(original[:len(original)/2])
		}, "EOF"},
		"layer of another length": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.Write(append(original, 'x'))
		}, "does not match expected size"},
		"manifest without digests": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			io.WriteString(w, `{"schemaVersion": 2, "layers": [{"digest": "sha256:../../../../canary", "size": 1}]}`)
		}, "sha256"},
		"configuration of endless size": {"/manifests/", 1, func(w http.ResponseWriter, original []byte) {
			fmt.Fprintf(w, `{"schemaVersion": 2, "config": {"digest": "sha256:%s", "size": -1}}`, sum(nil))
		}, "a size of -1 bytes"},
		"layer of endless size": {"/manifests/", 1, func(w http.ResponseWriter, original []byte) {
			w.Write(bytes.Replace(original, []byte(`"layers":[{`), []byte(`"layers":[{"size":-1,"x":{},`), 1))
		}, ""},
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
			if attack.want == "" && err == nil {
				return
			}
			if err == nil || !strings.Contains(err.Error(), attack.want) {
				t.Errorf("the error is %v; it should speak of %q", err, attack.want)
			}
			expectNames(t, s)
		})
	}
}

func TestPlainHTTPIsForThisMachine(t *testing.T) {
	request := func(url string) *http.Request { return must1(http.NewRequest(http.MethodGet, url, nil)) }
	passed := errors.New("passed")
	through := roundTripper(func(*http.Request) (*http.Response, error) { return nil, passed })
	for url, want := range map[string]bool{
		"http://127.0.0.1:5000/v2/": true, "http://[::1]:5000/v2/": true, "http://localhost/v2/": true,
		"https://example.org/v2/": true, "http://example.org/v2/": false, "http://10.0.0.1:5000/v2/": false,
		"http://localhost.example.org/v2/": false,
	} {
		if _, err := (guard{through, false}).RoundTrip(request(url)); errors.Is(err, passed) != want {
			t.Errorf("%s: %v", url, err)
		}
		if _, err := (guard{through, true}).RoundTrip(request(url)); !errors.Is(err, passed) {
			t.Errorf("%s, insecure: %v", url, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestPushWantsAnImageThatIsThere(t *testing.T) {
	s := open(t)
	if _, err := s.Push(context.Background(), "localhost:1/web", nil, false); !errors.Is(err, ErrNotFound) {
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
