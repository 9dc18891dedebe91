package registry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A registry that goes on sending, but next to nothing, would be waited for without end: no time limit of net/http is
// for that. So while something is waited for, at least leastProgress has to come in every stallTime.
const (
	stallTime     = time.Minute
	leastProgress = 4 << 10 // bytes: the slowest modem was faster
)

// StalledError is the error for a registry that sends next to nothing. It may be better next time.
type StalledError struct{ After time.Duration }

func (e *StalledError) Error() string {
	return fmt.Sprintf("the registry has sent less than %d bytes in %v", leastProgress, e.After)
}

// Timeout makes it an error that may pass.
func (e *StalledError) Timeout() bool { return true }

// Temporary is part of [net.Error].
func (e *StalledError) Temporary() bool { return true }

// pacer is a transport whose answers end with a [StalledError] when they make no progress.
type pacer struct {
	http.RoundTripper
	limit time.Duration
}

func (p pacer) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	answer, err := p.RoundTripper.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	answer.Body = &pacedBody{ReadCloser: answer.Body, ctx: ctx, cancel: cancel, limit: p.limit, left: p.limit}
	return answer, nil
}

// pacedBody counts the time that is spent waiting for it, and not what its reader takes.
type pacedBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	limit  time.Duration
	left   time.Duration // until came must be enough
	came   int
}

func (b *pacedBody) Read(buffer []byte) (int, error) {
	began := time.Now()
	timer := time.AfterFunc(b.left, func() { b.cancel(&StalledError{b.limit}) })
	n, err := b.ReadCloser.Read(buffer)
	timer.Stop()
	b.left -= time.Since(began)
	if b.came += n; b.came >= leastProgress {
		b.came, b.left = 0, b.limit
	}
	if stalled, found := context.Cause(b.ctx).(*StalledError); found && err != nil && err != io.EOF {
		err = stalled
	}
	return n, err
}

func (b *pacedBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
