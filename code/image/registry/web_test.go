//go:build !vm

package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	memory "github.com/google/go-containerregistry/pkg/registry"
	oci "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// web is a network of some hosts, with a registry and other people's servers on it.
type web struct {
	t     *testing.T
	hosts map[string]http.Handler
	open  func(name, actions string) *Repository

	mutex sync.Mutex
	asked []question
}

// question is what a host was asked.
type question struct{ scheme, host, method, path, authorization, body string }

// overBoth runs a test over HTTP/1.1 and over HTTP/2, which fail in different ways.
func overBoth(t *testing.T, name string, test func(*testing.T, *web)) {
	t.Helper()
	t.Run(name+", HTTP/1.1", func(t *testing.T) { test(t, newWebOf(t, false)) })
	t.Run(name+", HTTP/2", func(t *testing.T) { test(t, newWebOf(t, true)) })
}

func newWeb(t *testing.T) *web { return newWebOf(t, true) }

// newWebOf starts it. No credentials are known at first.
func newWebOf(t *testing.T, http2 bool) *web {
	home := t.TempDir()
	for name, value := range map[string]string{"HOME": home, "DOCKER_CONFIG": "", "REGISTRY_AUTH_FILE": "",
		"XDG_RUNTIME_DIR": "", "XDG_CONFIG_HOME": ""} {
		t.Setenv(name, value)
	}
	w := &web{t: t, hosts: make(map[string]http.Handler)}
	encrypted := httptest.NewUnstartedServer(w)
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.EnableHTTP2 = http2
	encrypted.StartTLS()
	plain := httptest.NewServer(w)
	t.Cleanup(func() {
		encrypted.Close()
		plain.Close()
	})
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// The hosts have a certificate for none of their names.
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	transport.DisableCompression = true
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		to := plain
		if strings.HasSuffix(address, ":443") || strings.HasSuffix(address, ":444") {
			to = encrypted
		}
		return (&net.Dialer{}).DialContext(ctx, network, to.Listener.Addr().String())
	}
	t.Cleanup(transport.CloseIdleConnections)
	w.open = func(name, actions string) *Repository {
		r, err := Open(context.Background(), name, actions, false)
		testkit.Must(t, err)
		r.client.Transport = guard{transport, r.plain, false}
		r.pause = 2 * time.Millisecond
		return r
	}
	return w
}

func (w *web) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	q := question{"http", request.Host, request.Method, request.URL.RequestURI(),
		request.Header.Get("Authorization"), ""}
	if request.TLS != nil {
		q.scheme = "https"
	}
	if request.ContentLength > 0 && request.ContentLength < 1000 {
		body, _ := io.ReadAll(request.Body)
		q.body = string(body)
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mutex.Lock()
	w.asked = append(w.asked, q)
	handler := w.hosts[request.Host]
	w.mutex.Unlock()
	if handler == nil {
		http.NotFound(answer, request)
		return
	}
	handler.ServeHTTP(answer, request)
}

// count counts the questions that are as some text says.
func (w *web) count(part string) int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	number := 0
	for _, q := range w.asked {
		if strings.Contains(q.method+" "+q.scheme+"://"+q.host+q.path, part) {
			number++
		}
	}
	return number
}

// expectSecretsOnlyAt sees that no other host got anything to show who asks.
func (w *web) expectSecretsOnlyAt(hosts ...string) {
	w.t.Helper()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, q := range w.asked {
		secret := q.authorization != "" || strings.Contains(q.body, "refresh_token")
		if secret && (!slices.Contains(hosts, q.host) || q.scheme != "https") {
			w.t.Errorf("%s://%s%s got %q %q", q.scheme, q.host, q.path, q.authorization, q.body)
		}
	}
}

// login writes a configuration of docker.
func (w *web) login(config string) {
	w.t.Helper()
	dir := filepath.Join(os.Getenv("HOME"), ".docker")
	testkit.Must(w.t, os.MkdirAll(dir, 0o700))
	testkit.Must(w.t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600))
}

// inMemory is a registry that keeps all in memory.
func inMemory() http.Handler { return memory.New(memory.Logger(log.New(io.Discard, "", 0))) }

// answering answers the same to everything.
func answering(status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func digestOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// expectError compares an error with words that it must have.
func expectError(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Fatalf("the error is %v; it should speak of %q", err, word)
		}
	}
}

// put stores a text as a blob.
func put(r *Repository, content string) error {
	return r.PutBlob(context.Background(), digestOf(content), int64(len(content)), func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	})
}

// get fetches the blob that should be a text.
func get(r *Repository, content string) (string, error) {
	body, err := r.Blob(context.Background(), digestOf(content), int64(len(content)))
	if err != nil {
		return "", err
	}
	defer body.Close()
	got, err := io.ReadAll(body)
	return string(got), err
}

// manifestOf is a manifest of a configuration and no layers.
func manifestOf(config string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,`+
		`"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":%d},"layers":[]}`,
		oci.MediaTypeImageManifest, digestOf(config), len(config))
}
