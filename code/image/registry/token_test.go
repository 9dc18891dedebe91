//go:build !vm

package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// cspell:ignore identitytoken registrytoken

// hub is a registry that wants tokens, as Docker Hub does, and its service that hands them out.
type hub struct {
	*web
	user, password string // who may push; everybody may pull
	uses           int    // after so many uses a token has expired; 0: never
	challenge      string

	mutex  sync.Mutex
	scopes map[string]string // of each token
	left   map[string]int
	field  string // that the token is in
}

func newHub(t *testing.T) *hub {
	h := &hub{web: newWeb(t), user: "ann", password: "secret", field: "token", scopes: make(map[string]string),
		left: make(map[string]int)}
	h.challenge = `Bearer realm="https://auth.example.com/token?kept=1",service="registry.example.com",` +
		`scope="repository:%s:pull"`
	store := inMemory()
	h.hosts["registry.example.com"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		repository := strings.TrimPrefix(r.URL.Path, "/v2/")
		for _, word := range []string{"/blobs/", "/manifests/"} {
			repository, _, _ = strings.Cut(repository, word)
		}
		want := "repository:" + repository + ":pull"
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			want += ",push"
		}
		if !h.allows(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), want) {
			challenge := h.challenge
			if strings.Contains(challenge, "%s") {
				challenge = fmt.Sprintf(challenge, repository)
			}
			w.Header().Set("WWW-Authenticate", challenge)
			answering(http.StatusUnauthorized, nil,
				`{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}`)(w, r)
			return
		}
		store.ServeHTTP(w, r)
	})
	h.hosts["auth.example.com"] = http.HandlerFunc(h.handOut)
	return h
}

func (h *hub) allows(token, want string) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.left[token]--
	return strings.HasPrefix(h.scopes[token], want) && (h.uses == 0 || h.left[token] >= 0)
}

// handOut gives everybody a token to pull, and who has the password one to push.
func (h *hub) handOut(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	user, password, some := r.BasicAuth()
	known := user == h.user && password == h.password || r.Method == http.MethodPost &&
		r.PostForm.Get("grant_type") == "refresh_token" && r.PostForm.Get("refresh_token") == "identity" &&
		r.PostForm.Get("client_id") != "" && !r.URL.Query().Has("refresh_token")
	if (some || r.Method == http.MethodPost) && !known || r.Form.Get("service") != "registry.example.com" ||
		r.Form.Get("kept") != "1" {
		answering(http.StatusUnauthorized, nil, `{"details":"incorrect username or password"}`)(w, r)
		return
	}
	scope := r.Form.Get("scope")
	if !known {
		scope = strings.TrimSuffix(scope, ",push")
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	token := fmt.Sprintf("token-%d", len(h.scopes))
	h.scopes[token], h.left[token] = scope, h.uses
	json.NewEncoder(w).Encode(map[string]any{h.field: token, "expires_in": 300})
}

// store puts a blob into the registry past its door.
func (h *hub) store(t *testing.T, content string) {
	t.Helper()
	h.login(fmt.Sprintf(`{"auths": {"registry.example.com": {"auth": %q}}}`, encoded(h.user+":"+h.password)))
	testkit.Must(t, put(h.open("registry.example.com/team/web", "pull,push"), content))
	h.login(`{}`)
	h.asked = nil
}

func TestStrangersGetATokenToPull(t *testing.T) {
	for _, field := range []string{"token", "access_token"} {
		h := newHub(t)
		h.field = field
		h.store(t, "content")
		r := h.open("registry.example.com/team/web", "pull")
		for range 3 {
			if got, err := get(r, "content"); err != nil || got != "content" {
				t.Fatalf("%q, %v", got, err)
			}
		}
		if h.count("https://auth.example.com") != 1 || h.count("https://registry.example.com") != 4 {
			t.Errorf("asked %+v", h.asked)
		}
		form, _ := url.Parse(h.asked[1].path)
		if scopes := form.Query()["scope"]; !slices.Equal(scopes, []string{"repository:team/web:pull"}) {
			t.Errorf("the scopes are %q", scopes)
		}
		h.expectSecretsOnlyAt("registry.example.com")
		if err := put(h.open("registry.example.com/team/web", "pull,push"), "mine"); err == nil {
			t.Error("a stranger may push")
		} else {
			expectError(t, err, "401 Unauthorized", "authentication required")
		}
	}
}

func TestPasswordsAndIdentityTokensBuyTokens(t *testing.T) {
	for entry, fine := range map[string]bool{
		`"auth": "` + encoded("ann:secret") + `"`: true,
		`"auth": "` + encoded("ann:wrong") + `"`:  false,
		`"identitytoken": "identity"`:             true,
		`"identitytoken": "another"`:              false,
	} {
		h := newHub(t)
		h.login(`{"auths": {"registry.example.com": {` + entry + `}}}`)
		err := put(h.open("registry.example.com/team/web", "pull,push"), "content")
		if !fine {
			expectError(t, err, "get a token",
				"https://auth.example.com/token: 401 Unauthorized: incorrect username or password")
		} else if err != nil {
			t.Errorf("%s: %v", entry, err)
		}
		h.expectSecretsOnlyAt("registry.example.com", "auth.example.com")
		for _, q := range h.asked {
			if q.host == "registry.example.com" && q.authorization != "" &&
				!strings.HasPrefix(q.authorization, "Bearer token-") {
				t.Errorf("the registry got %q", q.authorization)
			}
		}
	}
}

func TestRegistryTokenIsShownAsItIs(t *testing.T) {
	h := newHub(t)
	h.scopes["given"] = "repository:team/web:pull,push"
	h.login(`{"auths": {"registry.example.com": {"registrytoken": "given"}}}`)
	testkit.Must(t, put(h.open("registry.example.com/team/web", "pull,push"), "content"))
	if h.count("auth.example.com") != 0 {
		t.Error("a token was asked for")
	}
}

func TestExpiredTokenIsReplaced(t *testing.T) {
	h := newHub(t)
	h.store(t, "content")
	h.uses = 2
	r := h.open("registry.example.com/team/web", "pull")
	for range 5 {
		if _, err := get(r, "content"); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.count("auth.example.com"); got != 3 {
		t.Errorf("%d tokens", got)
	}
	clear(h.scopes)
	h.uses = -1 // each has expired before it is used
	_, err := get(r, "content")
	expectError(t, err, "401")
	if got := h.count("auth.example.com"); got != 4 {
		t.Errorf("%d tokens", got)
	}
}

func TestGoroutinesShareAToken(t *testing.T) {
	h := newHub(t)
	h.store(t, "content")
	r := h.open("registry.example.com/team/web", "pull")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := get(r, "content"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := h.count("auth.example.com"); got != 1 {
		t.Errorf("%d tokens", got)
	}
}

func TestPasswordWithoutTokens(t *testing.T) {
	w := newWeb(t)
	store := inMemory()
	w.hosts["registry.example.com"] = http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if user, password, _ := request.BasicAuth(); user != "ann" || password != "secret" {
			answer.Header().Set("WWW-Authenticate", `Negotiate, Basic realm="a, b"`)
			answering(http.StatusUnauthorized, nil, "")(answer, request)
			return
		}
		store.ServeHTTP(answer, request)
	})
	err := put(w.open("registry.example.com/a", "pull,push"), "content")
	expectError(t, err, "HEAD https://registry.example.com/v2/a/blobs/sha256:", "401 Unauthorized")
	w.login(`{"auths": {"registry.example.com": {"username": "ann", "password": "wrong"}}}`)
	expectError(t, put(w.open("registry.example.com/a", "pull,push"), "content"), "401 Unauthorized")
	w.login(`{"auths": {"registry.example.com": {"username": "ann", "password": "secret"}}}`)
	testkit.Must(t, put(w.open("registry.example.com/a", "pull,push"), "content"))
}

func TestTokensAreAskedForOnlyWhereItIsSafe(t *testing.T) {
	for realm, want := range map[string]string{
		"http://auth.example.com/token":          "not a safe address",
		"http://127.0.0.1:80/token":              "not a safe address",
		"ftp://auth.example.com/token":           "not a safe address",
		"/token":                                 "not a safe address",
		"auth.example.com":                       "not a safe address",
		"":                                       "not a safe address",
		"https://auth.example.com/plain":         "unencrypted connections",
		"https://auth.example.com/elsewhere":     "which does not get it",
		"https://auth.example.com/below":         "which does not get it",
		"https://auth.example.com/elsewhere-307": "which does not get it",
		"https://auth.example.com/loop":          "more than 10 redirects",
		"https://auth.example.com/empty":         "gives none",
		"https://auth.example.com/html":          "invalid character",
		"https://auth.example.com/endless":       "unexpected EOF",
		"https://auth.example.com/strange":       "invalid header field value",
	} {
		for _, entry := range []string{`"username": "ann", "password": "secret"`, `"identitytoken": "identity"`} {
			w := newWeb(t)
			w.hosts["registry.example.com"] = answering(401, http.Header{"Www-Authenticate": {`Bearer realm="` + realm +
				`"`}}, "")
			auth := http.NewServeMux()
			redirect := func(path, to string, status int) {
				auth.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) })
			}
			redirect("/plain", "http://auth.example.com/", 307)
			redirect("/elsewhere", "https://thief.example.com/", 302)
			redirect("/elsewhere-307", "https://thief.example.com/", 307)
			redirect("/below", "https://thief.auth.example.com/", 307)
			redirect("/loop", "https://auth.example.com/loop", 307)
			auth.Handle("/empty", answering(200, nil, `{"token": "", "errors": []}`))
			auth.Handle("/html", answering(200, nil, "<html>"))
			auth.Handle("/endless", answering(200, nil, `{"token": "`+strings.Repeat("x", 1<<20)))
			auth.Handle("/strange", answering(200, nil, `{"token": "x\r\nHost: y"}`))
			w.hosts["auth.example.com"] = auth
			w.login(`{"auths": {"registry.example.com": {` + entry + `}}}`)
			_, err := get(w.open("registry.example.com/a", "pull"), "content")
			if realm == "https://auth.example.com/plain" {
				want = "which does not get it" // it is another origin too
			}
			expectError(t, err, want)
			w.expectSecretsOnlyAt("auth.example.com")
		}
	}
}

// A registry on this machine, without encryption, may have a service for tokens of its kind.
func TestPlainRegistryMayHandOutTokensPlainly(t *testing.T) {
	w := newWeb(t)
	w.hosts["localhost:5000"] = http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") == "Bearer x" {
			io.WriteString(answer, "content")
			return
		}
		answering(401, http.Header{"Www-Authenticate": {`Bearer realm="http://127.0.0.1:5001/token"`}}, "")(answer,
			request)
	})
	w.hosts["127.0.0.1:5001"] = answering(200, nil, `{"token": "x"}`)
	r := &Repository{Host: "localhost:5000", name: "a", plain: true, client: &http.Client{CheckRedirect: forget},
		registry: url.URL{Scheme: "http", Host: "localhost:5000"}}
	r.client.Transport = guard{w.open("example.com/x", "pull").client.Transport.(guard).RoundTripper, true, false}
	if got, err := get(r, "content"); err != nil || got != "content" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestBrokenConfigurationMattersOnlyToWhomIsAsked(t *testing.T) {
	w := newWeb(t)
	w.hosts["registry.example.com"] = answering(200, nil, "content")
	w.login("{")
	if _, err := get(w.open("registry.example.com/a", "pull"), "content"); err != nil {
		t.Error(err)
	}
	w.hosts["registry.example.com"] = answering(401, http.Header{"Www-Authenticate": {`Basic realm="x"`}}, "")
	_, err := get(w.open("registry.example.com/a", "pull"), "content")
	expectError(t, err, ".docker/config.json")
}

// A proxy calls the repository by another name in its challenge.
func TestScopeOfTheChallengeIsAskedForToo(t *testing.T) {
	h := newHub(t)
	h.challenge = strings.ReplaceAll(h.challenge, "%s", "cache/team/web")
	r := h.open("registry.example.com/team/web", "pull")
	get(r, "content")
	asked, _ := url.Parse(h.asked[1].path)
	want := []string{"repository:team/web:pull", "repository:cache/team/web:pull"}
	if scopes := asked.Query()["scope"]; !slices.Equal(scopes, want) {
		t.Errorf("the scopes are %q", scopes)
	}
}

func TestCancelledRequestForATokenEnds(t *testing.T) {
	h := newHub(t)
	ctx, cancel := context.WithCancel(context.Background())
	h.hosts["auth.example.com"] = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := h.open("registry.example.com/a", "pull").Manifest(ctx, "latest"); err == nil {
		t.Error("no error")
	}
}
