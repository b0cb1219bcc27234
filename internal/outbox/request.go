package outbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"rookery/internal/fetch"
	"rookery/internal/reach"
)

const (
	// maxRedirections bounds how often a receiver may send a post elsewhere.
	maxRedirections = 5
	// maxAnswer is how much of an answer is read, and answerTime for how long, so
	// that the connection can be used again; nobody looks at it.
	maxAnswer  = 64 << 10
	answerTime = time.Second
)

func newClient(policy *reach.Policy, perHost int) *http.Client {
	return &http.Client{
		Transport: policy.Transport(perHost),
		// Followed by hand: see Outbox.try.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// statusError is an answer that is no success.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("the receiver answered %d %s", int(e), http.StatusText(int(e)))
}

// try posts once. Redirections are followed with the method and the body kept,
// even those with 301 and 302, which browsers turn into GET (RFC 9110 §15.4.2
// lets them): they are mostly receivers that moved to https. 303 says that the
// post was taken. wish is how long the host wants to be left alone; again
// tells whether another try may help.
func (b *Outbox) try(to *url.URL, p Post) (status int, wish time.Duration, again bool, err error) {
	ctx, cancel := context.WithTimeout(b.ctx, b.o.Timeout)
	defer cancel()
	for hops := 0; ; hops++ {
		if err := b.o.Reach.CheckURL(to); err != nil {
			return status, 0, false, err
		}
		answer, err := b.post(ctx, to, p)
		if err != nil {
			return 0, 0, mayHelp(err), err
		}
		status = answer.StatusCode
		switch status {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			next, err := answer.Location()
			switch {
			case err != nil:
				return status, 0, false, fmt.Errorf("redirection: %w", err)
			case hops == maxRedirections:
				return status, 0, false, fmt.Errorf("more than %d redirections", maxRedirections)
			case to.Scheme == "https" && next.Scheme != "https":
				return status, 0, false, errors.New("redirection from https to http: the text would travel in the clear")
			}
			to = next
			continue
		case http.StatusRequestTimeout, http.StatusTooManyRequests:
			return status, fetch.RetryAfter(answer.Header), true, statusError(status)
		}
		switch {
		case status >= 500:
			return status, fetch.RetryAfter(answer.Header), true, statusError(status)
		case status >= 400:
			return status, 0, false, statusError(status)
		}
		return status, 0, false, nil
	}
}

// post sends one request and returns its answer, the body read.
func (b *Outbox) post(ctx context.Context, to *url.URL, p Post) (*http.Response, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(p.Body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", p.ContentType)
	r.Header.Set("User-Agent", b.o.UserAgent)
	r.Header.Set("Accept", "*/*")
	answer, err := b.client.Do(r)
	if err != nil {
		// A *url.Error would put the whole URL into the log.
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return nil, err
	}
	defer answer.Body.Close()
	// Who answers drop by drop shall not keep a place that others wait for.
	defer time.AfterFunc(answerTime, cancel).Stop()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	return answer, nil
}

// mayHelp tells whether a request that failed may succeed later.
func mayHelp(err error) bool {
	var certificate *tls.CertificateVerificationError
	return !errors.Is(err, reach.ErrPrivate) && !errors.As(err, &certificate)
}
