package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// authorize gets what a registry wants to see in place of what it refused, or reports that there is nothing to show. Of
// the ways that the registry offers, a token is better than a password.
func (r *Repository) authorize(ctx context.Context, refused string, offers []challenge) (known bool, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.authorization != refused {
		return true, nil // another goroutine was faster
	}
	if r.who == nil {
		who, err := findCredentials(ctx, r.Host, r.name)
		if err != nil {
			return false, err
		}
		r.who = &who
	}
	for _, scheme := range []string{"bearer", "basic"} {
		for _, offer := range offers {
			switch {
			case offer.scheme != scheme:
			case scheme == "bearer":
				token := r.who.RegistryToken
				if token == "" {
					if token, err = r.token(ctx, offer.parameters); err != nil {
						return false, err
					}
				}
				r.authorization = "Bearer " + token
				return true, nil
			case r.who.Username != "":
				r.authorization = r.who.basic()
				return true, nil
			}
		}
	}
	return false, nil
}

// basic is name and password as HTTP sends them (RFC 7617).
func (c *credentials) basic() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Username+":"+c.Password))
}

// token asks for a token where the registry says they are handed out, as
// https://distribution.github.io/distribution/spec/auth/token/ has it, and .../oauth/ for who has an identity token.
func (r *Repository) token(ctx context.Context, parameters map[string]string) (string, error) {
	realm, err := url.Parse(parameters["realm"])
	if err != nil || realm.Host == "" || realm.Scheme != "https" && (realm.Scheme != "http" || !r.plain) {
		return "", fmt.Errorf("%s says that tokens are handed out at %q, which is not a safe address", r.Host,
			parameters["realm"])
	}
	form := url.Values{"scope": {r.scope}}
	if service := parameters["service"]; service != "" {
		form.Set("service", service)
	}
	// A proxy may know the repository by another name.
	if scope := parameters["scope"]; scope != "" && !strings.HasPrefix(scope, "repository:"+r.name+":") {
		form.Add("scope", scope)
	}
	var token string
	return token, r.retry(ctx, func() error {
		token, err = r.exchange(ctx, *realm, form)
		return err
	})
}

// exchange asks once. An identity token is worth a password, so it is not in the address.
func (r *Repository) exchange(ctx context.Context, realm url.URL, form url.Values) (string, error) {
	var request *http.Request
	var err error
	if r.who.IdentityToken != "" {
		body := url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {r.who.IdentityToken}, "client_id": {"sheep"},
			"service": form["service"], "scope": {strings.Join(form["scope"], " ")},
		}
		request, err = http.NewRequestWithContext(ctx, http.MethodPost, realm.String(),
			strings.NewReader(body.Encode()))
	} else {
		query := realm.Query()
		for name, values := range form {
			query[name] = values
		}
		realm.RawQuery = query.Encode()
		request, err = http.NewRequestWithContext(ctx, http.MethodGet, realm.String(), nil)
	}
	if err != nil {
		return "", err
	}
	request.Header.Set("User-Agent", "sheep")
	if request.Method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else if r.who.Username != "" {
		request.Header.Set("Authorization", r.who.basic())
	}
	client := *r.client
	if *r.who != (credentials{}) {
		client.CheckRedirect = stay
	}
	answer, err := do(&client, request)
	if err != nil {
		return "", fmt.Errorf("get a token: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("get a token: %w", newError(request.Method, answer))
	}
	defer answer.Body.Close()
	var given struct {
		Token  string `json:"token"`
		Access string `json:"access_token"` // the same, as OAuth 2.0 calls it
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&given); err != nil {
		return "", printable{fmt.Errorf("get a token: %s %s: %w", request.Method, place(request.URL), err)}
	}
	if given.Token == "" {
		given.Token = given.Access
	}
	if given.Token == "" {
		return "", errors.New("get a token: " + place(request.URL) + " gives none")
	}
	return given.Token, nil
}
