// Package fetch asks web servers on behalf of scripts, and bounds what that
// may cost.
//
// Only http and https, and only what the policy ([reach.Policy]) lets be
// reached. Redirections are followed up to five times, never from https to
// http; to another host none of the headers goes along that could hold a
// secret. There are no cookies and no proxy.
package fetch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"rookery/internal/reach"
)

// Errors of [Client.Do] that callers decide on, beside [reach.ErrPrivate] and
// those of the context.
var (
	// ErrURL reports a URL that is not asked for; the text says why and what is
	// allowed.
	ErrURL = errors.New("URL")
	// ErrTooLarge reports an answer beyond the limit.
	ErrTooLarge = errors.New("the answer is too large")
)

// maxRedirections bounds how often a server may send a request elsewhere.
const maxRedirections = 5

// perHost is how many idle connections to one host are kept.
const perHost = 2

// Options say how a [Client] works.
type Options struct {
	// Reach is what may be reached; nil means the public Internet.
	Reach *reach.Policy
	// UserAgent is what servers are told: "Rookery/1.0".
	UserAgent string
	// MaxSize bounds answers whose request sets no limit of its own, in bytes.
	// 0 means 256 KiB.
	MaxSize int64
}

// Client asks servers. Make it with [New]; its methods may be called from any
// goroutine.
type Client struct {
	o    Options
	http *http.Client
}

// Request is what to ask for.
type Request struct {
	// Method is GET when it is empty.
	Method string
	URL    string
	// Header is sent along; [CheckHeader] says what may be in it.
	Header http.Header
	Body   []byte
	// MaxSize bounds the body of the answer, in bytes, after it was
	// decompressed. 0 means the client's limit.
	MaxSize int64
}

// Answer is what a server said in the end, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// New returns a client. It should be closed.
func New(o Options) *Client {
	if o.Reach == nil {
		o.Reach = reach.NewPolicy()
	}
	if o.MaxSize <= 0 {
		o.MaxSize = 256 << 10
	}
	c := &Client{o: o}
	c.http = &http.Client{Transport: o.Reach.Transport(perHost), CheckRedirect: c.redirect}
	return c
}

// Close lets go of connections that nothing is asked on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Check tells whether a text is a URL that may be asked for, as far as that can
// be seen from it: [ErrURL].
func (c *Client) Check(text string) error {
	if _, err := c.o.Reach.ParseURL(text); err != nil {
		return fmt.Errorf("%w: %w", ErrURL, err)
	}
	return nil
}

// Do asks and returns the whole answer. Errors are in words for the script
// that wants to know: they tell nothing of the network that the program is in.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	if err := c.Check(r.URL); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodGet), r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, plain(err)
	}
	for name, values := range r.Header {
		for _, value := range values {
			if err := CheckHeader(name, value); err != nil {
				return nil, err
			}
			request.Header.Add(name, value)
		}
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", c.o.UserAgent)
	}
	if request.Header.Get("Accept") == "" {
		request.Header.Set("Accept", "*/*")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, plain(err)
	}
	defer answer.Body.Close()
	body, err := read(answer, cmp.Or(r.MaxSize, c.o.MaxSize))
	if err != nil {
		return nil, broken(err)
	}
	return &Answer{Status: answer.StatusCode, Header: answer.Header, Body: body}, nil
}

// read takes in a body as long as it keeps to its limit.
func read(answer *http.Response, most int64) ([]byte, error) {
	tooLarge := fmt.Errorf("%w: allowed are %d bytes", ErrTooLarge, most)
	if answer.ContentLength > most && answer.Request.Method != http.MethodHead {
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = tooLarge
	}
	return body, err
}

// redirect decides whether a redirection is followed; net/http has prepared
// the next request by the rules of RFC 9110 §15.4.
func (c *Client) redirect(next *http.Request, sent []*http.Request) error {
	last := sent[len(sent)-1]
	switch {
	case len(sent) > maxRedirections:
		return fmt.Errorf("more than %d redirections", maxRedirections)
	case last.URL.Scheme == "https" && next.URL.Scheme != "https":
		return errors.New("redirection from https to http: it would go on in the clear")
	}
	if err := c.o.Reach.CheckURL(next.URL); err != nil {
		return fmt.Errorf("redirection: %w: %w", ErrURL, err)
	}
	// Paths and queries often are secrets.
	next.Header.Del("Referer")
	if leaves(next, sent) {
		for name := range next.Header {
			if !harmless[name] {
				next.Header.Del(name)
			}
		}
	}
	return nil
}

// leaves tells whether any redirection led away from the host that was asked
// for. One that leads back is another server's choice, too.
func leaves(next *http.Request, sent []*http.Request) bool {
	away := func(r *http.Request) bool { return !strings.EqualFold(r.URL.Host, sent[0].URL.Host) }
	return away(next) || slices.ContainsFunc(sent, away)
}
