//go:build !vm

package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	reset := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	for name, test := range map[string]struct {
		fails http.Handler
		tries int
	}{
		"408": {answering(408, nil, ""), attempts}, "429": {answering(429, nil, ""), attempts},
		"500": {answering(500, nil, ""), attempts},
		"502": {answering(502, nil, ""), attempts}, "503": {answering(503, nil, ""), attempts},
		"504":   {answering(504, nil, ""), attempts},
		"reset": {reset, attempts},
		"400":   {answering(400, nil, ""), 1}, "403": {answering(403, nil, ""), 1}, "404": {answering(404, nil, ""), 1},
		"501":             {answering(501, nil, ""), 1},
		"429 for an hour": {answering(429, http.Header{"Retry-After": {"3600"}}, ""), 1},
		"503 for now":     {answering(503, http.Header{"Retry-After": {"0"}}, ""), attempts},
		"503 until the past": {answering(503, http.Header{"Retry-After": {"Mon, 02 Jan 2006 15:04:05 GMT"}}, ""),
			attempts},
		"503 until doomsday": {answering(503, http.Header{"Retry-After": {"Mon, 02 Jan 2096 15:04:05 GMT"}}, ""), 1},
		"503 for nonsense":   {answering(503, http.Header{"Retry-After": {"-5"}}, ""), attempts},
	} {
		overBoth(t, name, func(t *testing.T, w *web) {
			w.hosts["example.com"] = test.fails
			if _, err := w.open("example.com/a", "pull").Manifest(context.Background(), "latest"); err == nil {
				t.Error("no error")
			}
			if got := w.count("/manifests/latest"); got != test.tries {
				t.Errorf("it was asked %d times", got)
			}
			if test.tries == 1 {
				return
			}
			answers := 0
			w.hosts["example.com"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if answers++; answers < attempts {
					test.fails.ServeHTTP(w, r)
					return
				}
				answering(200, nil, manifestOf(""))(w, r)
			})
			if _, err := w.open("example.com/a", "pull").Manifest(context.Background(), "latest"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWaitingIsAsLongAsTheRegistryAsks(t *testing.T) {
	w := newWeb(t)
	answers := 0
	w.hosts["example.com"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answers++; answers == 1 {
			answering(429, http.Header{"Retry-After": {"1"}}, "")(w, r)
			return
		}
		answering(200, nil, manifestOf(""))(w, r)
	})
	start := time.Now()
	_, err := w.open("example.com/a", "pull").Manifest(context.Background(), "latest")
	if err != nil || time.Since(start) < time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	w.hosts["example.com"] = answering(429, http.Header{"Retry-After": {"7200"}},
		`{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}`)
	_, err = w.open("example.com/a", "pull").Manifest(context.Background(), "latest")
	expectError(t, err, "429 Too Many Requests: You have reached your pull rate limit. (it asks to come back in "+
		"2h0m0s)")
}

func TestNobodyWaitsAfterCancelling(t *testing.T) {
	w := newWeb(t)
	w.hosts["example.com"] = answering(200, nil, "")
	r := w.open("example.com/a", "pull")
	r.client.Transport = roundTripper(func(request *http.Request) (*http.Response, error) {
		body := io.NopCloser(strings.NewReader(""))
		later := http.Header{"Retry-After": {"20"}}
		return &http.Response{StatusCode: 503, Header: later, Body: body, Request: request}, nil
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := r.Manifest(ctx, "latest")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestNobodyAtTheAddressIsNotTriedAgain(t *testing.T) {
	newWeb(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	testkit.Must(t, err)
	address := listener.Addr().String()
	listener.Close()
	_, err = Open(context.Background(), address+"/a", "pull", false)
	var operation *net.OpError
	if !errors.As(err, &operation) || operation.Op != "dial" {
		t.Errorf("the error is %v", err)
	}
}

func TestRedirectsGetNoPasswords(t *testing.T) {
	for to, want := range map[string]string{
		"https://cdn.example.org/blob?signature=secret": "",
		"https://cdn.registry.example.com/blob":         "", // below, but another host
		"https://registry.example.com:444/blob":         "",
		"https://registry.example.com/other":            "",
		"http://registry.example.com/other":             "unencrypted connections",
		"http://cdn.example.org/blob":                   "unencrypted connections",
		"http://127.0.0.1/blob":                         "unencrypted connections",
		"http://localhost:2375/containers/json":         "unencrypted connections",
		"https://registry.example.com/loop":             "more than 10 redirects",
		"file:///etc/passwd":                            "unencrypted connections",
		"https://challenging.example.org/":              "401 Unauthorized",
		"https://refusing.example.org/?secret":          "GET https://refusing.example.org/: 403 Forbidden",
	} {
		w := newWeb(t)
		w.login(`{"auths": {"registry.example.com": {"username": "ann", "password": "secret"}}}`)
		registry := http.NewServeMux()
		registry.HandleFunc("/v2/", func(w http.ResponseWriter, r *http.Request) {
			if _, _, known := r.BasicAuth(); !known {
				answering(401, http.Header{"Www-Authenticate": {`Basic realm="x"`}}, "")(w, r)
				return
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		})
		registry.Handle("/other", answering(200, nil, "content"))
		registry.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
		w.hosts["registry.example.com"] = registry
		w.hosts["cdn.example.org"] = answering(200, nil, "content")
		w.hosts["cdn.registry.example.com"] = answering(200, nil, "content")
		w.hosts["registry.example.com:444"] = answering(200, nil, "content")
		w.hosts["challenging.example.org"] = answering(401, http.Header{"Www-Authenticate": {
			`Basic realm="x", Bearer realm="https://thief.example.org/token"`}}, "")
		w.hosts["refusing.example.org"] = answering(403, nil, "")
		got, err := get(w.open("registry.example.com/a", "pull"), "content")
		if want != "" {
			expectError(t, err, want)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells a secret: %v", err)
			}
		} else if err != nil || got != "content" {
			t.Errorf("%s: %q, %v", to, got, err)
		}
		w.expectSecretsOnlyAt("registry.example.com")
		if w.count("thief") > 0 {
			t.Errorf("asked %+v", w.asked)
		}
	}
}

// A registry that asks nobody for a password can send us on to a host that does.
func TestPasswordIsForWhoWasAskedFirst(t *testing.T) {
	for _, offer := range []string{`Basic realm="x"`, `Bearer realm="https://thief.example.org/token"`} {
		w := newWeb(t)
		w.login(`{"auths": {"registry.example.com": {"username": "ann", "password": "secret"}}}`)
		w.hosts["registry.example.com"] = http.RedirectHandler("https://challenging.example.org/", 307)
		w.hosts["challenging.example.org"] = answering(401, http.Header{"Www-Authenticate": {offer}}, "")
		w.hosts["thief.example.org"] = answering(200, nil, `{"token": "x"}`)
		_, err := get(w.open("registry.example.com/a", "pull"), "content")
		expectError(t, err, "GET https://challenging.example.org/: 401 Unauthorized")
		w.expectSecretsOnlyAt()
	}
}

func TestWhatMayPass(t *testing.T) {
	for _, test := range []struct {
		err error
		may bool
	}{
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		{&net.OpError{Op: "write", Err: syscall.EPIPE}, true},
		{&net.OpError{Op: "write", Err: net.ErrClosed}, true},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, true},
		{io.ErrUnexpectedEOF, true},
		{io.EOF, true},
		{streamError{}, true},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, false},
		{&tls.CertificateVerificationError{Err: errors.New("x")}, false},
		{errors.New("x"), false},
		{nil, false},
	} {
		if _, may := mayPass(printable{fmt.Errorf("get: %w", test.err)}); may != test.may {
			t.Errorf("%v may pass: %t", test.err, may)
		}
	}
}

// What reaches a terminal can neither move its cursor nor hide what it says.
func TestErrorsOfAHostileRegistryPrint(t *testing.T) {
	w := newWeb(t)
	evil := "\x1b]0;title\x07\x1b[2J\r\n\u202e\u0085" + strings.Repeat("long ", 10000)
	escaped := strings.NewReplacer("\x1b", `\u001b`, "\x07", `\u0007`, "\r\n", `\r\n`, "\u202e", `\u202e`).Replace(evil)
	for _, handler := range []http.Handler{
		answering(400, nil, `{"errors":[{"code":"`+escaped+`","message":""}]}`),
		answering(400, nil, `{"errors":[{"code":"","message":"`+escaped+`"}]}`),
		answering(403, nil, `{"details":"`+escaped+`"}`),
		answering(403, nil, evil),
		answering(200, nil, `{"mediaType":"`+escaped[:100]+`"}`),
		answering(200, http.Header{"Content-Type": {oci.MediaTypeImageIndex}}, `{"mediaType":"`+escaped[:100]+`"}`),
		answering(401, http.Header{"Www-Authenticate": {"Bearer realm=\"https://x/" + evil[:6] + `"`}}, ""),
		answering(302, http.Header{"Location": {"http://\u202e.example.com/"}}, ""),
	} {
		w.hosts["example.com"] = handler
		_, err := w.open("example.com/a", "pull").Manifest(context.Background(), "latest")
		if err == nil {
			t.Fatal("no error")
		}
		text := err.Error()
		if strings.ContainsFunc(text, func(letter rune) bool { return !unicode.IsPrint(letter) }) || len(text) > 1000 {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	}
}
