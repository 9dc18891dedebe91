package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

const (
	maxAnswer = 64 << 10         // of text that is not an image, in bytes
	attempts  = 4                // at what may have failed by chance
	patience  = 30 * time.Second // with a registry that asks to wait
)

// content is what to send. It may have to be sent twice, so it can be opened again.
type content struct {
	size int64
	open func() (io.ReadCloser, error)
}

// send asks the registry something. If it wants a token, or another one than it got, then once more with that.
func (r *Repository) send(ctx context.Context, method string, to *url.URL, header http.Header, body *content,
	want ...int) (*http.Response, error) {
	for first := true; ; first = false {
		authorization := ""
		if origin(to) == origin(&r.registry) {
			r.mutex.Lock()
			authorization = r.authorization
			r.mutex.Unlock()
		}
		answer, err := r.once(ctx, method, to, header, body, authorization)
		if err != nil {
			return nil, err
		}
		if slices.Contains(want, answer.StatusCode) {
			return answer, nil
		}
		refused := newError(method, answer)
		// Another server that asks for a password, after a redirect, gets none.
		if !first || answer.StatusCode != http.StatusUnauthorized || origin(answer.Request.URL) != origin(&r.registry) {
			return nil, refused
		}
		offered := parseChallenges(answer.Header.Values("WWW-Authenticate"))
		if known, err := r.authorize(ctx, authorization, offered); err != nil {
			return nil, err
		} else if !known {
			return nil, refused
		}
	}
}

// once sends one request and returns what comes back, whatever it says.
func (r *Repository) once(ctx context.Context, method string, to *url.URL, header http.Header, body *content,
	authorization string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, to.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	if header != nil {
		request.Header = header.Clone()
	}
	request.Header.Set("User-Agent", "sheep")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	if body != nil && body.size > 0 {
		request.ContentLength, request.GetBody = body.size, body.open
		if request.Body, err = body.open(); err != nil {
			return nil, err
		}
	}
	return do(r.client, request)
}

// do says where it went wrong without the query of an address, which may be a secret of a storage service.
func do(client *http.Client, request *http.Request) (*http.Response, error) {
	answer, err := client.Do(request)
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return nil, printable{fmt.Errorf("%s %s: %w", request.Method, place(request.URL), failed.Err)}
	}
	return answer, err
}

func place(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// retry does something again, a few times and later each time, as long as it fails in ways that may pass.
func (r *Repository) retry(ctx context.Context, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		least, may := mayPass(err)
		if !may || attempt == attempts || ctx.Err() != nil {
			return err
		}
		if err := r.wait(ctx, attempt, least); err != nil {
			return err
		}
	}
}

// wait waits before another attempt, not all clients equally long.
func (r *Repository) wait(ctx context.Context, attempt int, least time.Duration) error {
	pause := r.pause << attempt
	timer := time.NewTimer(max(least, pause/2+rand.N(pause/2)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// mayPass reports whether an error may be gone next time, and after how long. A registry that cannot be connected to is
// more likely misspelt.
func mayPass(err error) (after time.Duration, may bool) {
	var answer *Error
	var operation *net.OpError
	var timeout net.Error
	var stream streamError
	switch {
	case errors.As(err, &answer):
		switch answer.StatusCode {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return answer.after, answer.after <= patience
		}
		return 0, false
	case errors.As(err, &operation) && operation.Op == "dial":
		return 0, false
	}
	return 0, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &stream) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// retryAfter reads seconds or a date (RFC 9110, 10.2.3).
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(date).Round(time.Second))
	}
	return 0
}

// clean takes out of a text what does not print, and the end if it has none.
func clean(text string) string {
	var b strings.Builder
	for _, letter := range text {
		if b.Len() > 500 {
			b.WriteString("…")
			break
		}
		if !unicode.IsPrint(letter) {
			letter = ' '
		}
		b.WriteRune(letter)
	}
	return b.String()
}
