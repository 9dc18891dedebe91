package registry

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// streamError is one answer over HTTP/2 that broke, while the connection may be fine. [net/http] fills in a type that
// has these fields, whatever its name, through [errors.As].
type streamError struct {
	StreamID, Code uint32
	Cause          error
}

func (e streamError) Error() string { return fmt.Sprintf("stream broke with code %d", e.Code) }

// Error is the error for a request that a registry, or the server that hands out its tokens, did not fulfil.
type Error struct {
	StatusCode int
	request    string
	reason     string        // in its own words
	after      time.Duration // when to ask again
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %d %s", e.request, e.StatusCode, http.StatusText(e.StatusCode))
	if e.reason != "" {
		text += ": " + e.reason
	}
	if e.after > patience {
		text += fmt.Sprintf(" (it asks to come back in %s)", e.after)
	}
	return text
}

// newError reads what is wrong, and closes the answer. Registries send a list of errors (section Error Codes), servers
// that hand out tokens an error of OAuth 2.0 (RFC 6749, 5.2), and that of Docker Hub has details.
func newError(method string, answer *http.Response) *Error {
	defer answer.Body.Close()
	var said struct {
		Errors []struct{ Code, Message string }

		Details, Message string
		Description      string `json:"error_description"`
	}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	_ = json.Unmarshal(text, &said) // what is not JSON, such as the page of a proxy, says no more than the status
	var reasons []string
	for _, e := range said.Errors {
		reasons = append(reasons, cmp.Or(e.Message, strings.ToLower(strings.ReplaceAll(e.Code, "_", " "))))
	}
	if other := cmp.Or(said.Details, said.Description, said.Message); other != "" {
		reasons = append(reasons, other)
	}
	return &Error{
		StatusCode: answer.StatusCode,
		request:    clean(method + " " + place(answer.Request.URL)),
		reason:     clean(strings.Join(reasons, "; ")),
		after:      retryAfter(answer.Header.Get("Retry-After")),
	}
}

// printable is an error that may quote what a stranger wrote: it cannot move the cursor of a terminal, or worse.
type printable struct{ error }

func (p printable) Error() string { return clean(p.error.Error()) }
func (p printable) Unwrap() error { return p.error }
