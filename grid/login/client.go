package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"rookery/grid/llsd"
)

// A Form is how requests and answers are written.
type Form uint8

// The forms. Every grid reads XML-RPC.
const (
	XMLRPC Form = iota
	LLSD
)

func (f Form) String() string {
	if f == LLSD {
		return "llsd"
	}
	return "xml-rpc"
}

func (f Form) contentType() string {
	if f == LLSD {
		return llsd.XML.ContentType()
	}
	return "text/xml"
}

const defaultMethod = "login_to_simulator"

// Defaults of a Client.
const (
	DefaultAttempts   = 8
	DefaultMinBackoff = 2 * time.Second
	DefaultMaxBackoff = 30 * time.Second
	DefaultTimeout    = 90 * time.Second
	maxRedirects      = 6
	maxAnswer         = 64 << 20 // skeletons of large inventories run to megabytes
	maxWait           = 5 * time.Minute
)

// A Client logs avatars in. The zero value works.
type Client struct {
	HTTP *http.Client // nil means http.DefaultClient
	Form Form
	// Attempts is how often a login is tried when the grid refuses for a
	// passing reason or does not answer; 0 means DefaultAttempts, which
	// outlast the minute that OpenSimulator keeps a lost session. 1 is no retry.
	Attempts int
	// MinBackoff doubles from attempt to attempt up to MaxBackoff, each time
	// varied by a quarter either way. 0 means the defaults.
	MinBackoff, MaxBackoff time.Duration
	// Timeout limits one request, DefaultTimeout when 0: grids answer late
	// while they clear up a session that ended uncleanly.
	Timeout time.Duration
	// Progress, when set, is told what happens, from the goroutine of Login.
	Progress func(Progress)
	Log      *slog.Logger // nil is silent
}

// Progress is a step of a login.
type Progress struct {
	Attempt int   // from 1
	Start   Start // the place being tried
	// Wait is the time until the next step; 0 means that a request is being made now.
	Wait time.Duration
	// Err is why there is a wait, nil when the grid asked for it in a redirection.
	Err     error
	Message string // the grid's, in a redirection
}

// Login logs in at the address uri. The error is a *Failure when the grid
// refused, in the end, every start location in p; it wraps ctx's when that ended.
func (c *Client) Login(ctx context.Context, uri string, p Params) (*Response, error) {
	u, err := checkURI(uri)
	if err != nil {
		return nil, err
	}
	if p.First == "" {
		return nil, errors.New("login: the avatar's first name is missing")
	}
	if p.Password == "" {
		return nil, errors.New("login: the password is missing")
	}
	starts := p.Starts
	if len(starts) == 0 {
		starts = []Start{{}}
	}
	for attempt := 1; ; attempt++ {
		var err error
		for _, start := range starts {
			var r *Response
			c.tell(Progress{Attempt: attempt, Start: start})
			if r, err = c.once(ctx, u, &p, start, attempt); err == nil {
				return r, nil
			}
			c.log().Debug("login refused", "start", start.String(), "attempt", attempt, "err", err)
			// Only a place that cannot be reached makes another place worth a try.
			if !errors.Is(err, ErrRegion) {
				break
			}
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("login: %w", context.Cause(ctx))
		}
		failure := (*Failure)(nil)
		refused := errors.As(err, &failure)
		switch last := attempt >= c.attempts() || !temporary(err); {
		case last && refused:
			return nil, err // which says that it is a login that was refused
		case last:
			return nil, fmt.Errorf("login: %w", err)
		}
		wait := c.backoff(attempt)
		if refused && failure.RetryAfter > 0 {
			wait = min(failure.RetryAfter, maxWait)
		}
		c.tell(Progress{Attempt: attempt, Wait: wait, Err: err})
		if err := sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("login: %w", err)
		}
	}
}

func checkURI(uri string) (*url.URL, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("login address: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("login address %q: want http:// or https://", uri)
	}
	if u.Host == "" {
		return nil, fmt.Errorf("login address %q: the host is missing", uri)
	}
	return u, nil
}

func (c *Client) attempts() int {
	if c.Attempts > 0 {
		return c.Attempts
	}
	return DefaultAttempts
}

func (c *Client) backoff(attempt int) time.Duration {
	wait, most := c.MinBackoff, c.MaxBackoff
	if wait <= 0 {
		wait = DefaultMinBackoff
	}
	if most <= 0 {
		most = max(DefaultMaxBackoff, wait)
	}
	for range attempt - 1 {
		if wait *= 2; wait >= most {
			wait = most
			break
		}
	}
	return wait*3/4 + rand.N(wait/2+1)
}

// temporary reports whether the same may succeed later: a passing refusal, or
// no proper answer at all.
func temporary(err error) bool {
	if f := (*Failure)(nil); errors.As(err, &f) {
		return f.Temporary()
	}
	return !errors.Is(err, ErrRedirect)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

func (c *Client) tell(p Progress) {
	if c.Progress != nil {
		c.Progress(p)
	}
}

func (c *Client) log() *slog.Logger {
	if c.Log != nil {
		return c.Log
	}
	return slog.New(slog.DiscardHandler)
}

// once makes one login, following "indeterminate".
func (c *Client) once(ctx context.Context, u *url.URL, p *Params, start Start, attempt int) (*Response, error) {
	method, params := defaultMethod, p.members(p.hashFor(u), start)
	for range maxRedirects {
		res, err := c.request(ctx, u, method, params)
		if err != nil {
			return nil, err
		}
		switch {
		case res.response != nil:
			return res.response, nil
		case res.failure != nil:
			return nil, res.failure
		}
		next := res.redirect
		if u, err = follow(u, next.URL); err != nil {
			return nil, err
		}
		method = or(next.Method, defaultMethod)
		if len(next.Options) > 0 {
			params["options"] = list(next.Options, func(s string) any { return s })
		}
		wait := min(next.Duration, maxWait)
		c.tell(Progress{Attempt: attempt, Start: start, Wait: wait, Message: next.Message})
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: more than %d times", ErrRedirect, maxRedirects)
}

func (c *Client) request(ctx context.Context, u *url.URL, method string, params map[string]any) (*result, error) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := c.encode(method, params)
	if err != nil {
		return nil, err
	}
	resp, err := c.post(ctx, u, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
	}
	if len(answer) > maxAnswer {
		return nil, fmt.Errorf("%s: the answer is longer than %d bytes", u.Redacted(), maxAnswer)
	}
	res, err := decodeAnswer(answer)
	if err != nil && resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: HTTP status %s", u.Redacted(), resp.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
	}
	return res, nil
}

// post sends the request, and again where HTTP redirects it: http.Client would
// turn it into a GET, or send a password from https to http.
func (c *Client) post(ctx context.Context, u *url.URL, body []byte) (*http.Response, error) {
	httpClient := *http.DefaultClient
	if c.HTTP != nil {
		httpClient = *c.HTTP
	}
	httpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range maxRedirects {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", c.Form.contentType())
		req.Header.Set("Accept", c.Form.contentType())
		resp, err := httpClient.Do(req)
		if err != nil {
			return nil, err
		}
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			return resp, nil
		}
		location, err := resp.Location()
		resp.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRedirect, err)
		}
		if u, err = follow(u, location.String()); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: more than %d times", ErrRedirect, maxRedirects)
}

// follow checks the address to which a login is sent on.
func follow(from *url.URL, to string) (*url.URL, error) {
	u, err := checkURI(to)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRedirect, err)
	}
	if from.Scheme == "https" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: from https to %s, which would send the password in the clear", ErrRedirect, to)
	}
	return u, nil
}

func (c *Client) encode(method string, params map[string]any) ([]byte, error) {
	if c.Form == LLSD {
		return llsd.MarshalXML(params)
	}
	return encodeCall(method, params), nil
}

// DecodeResponse reads an answer in whichever form it came. A refusal is
// returned as a *Failure, a redirection as a *Redirect.
func DecodeResponse(b []byte) (*Response, error) {
	res, err := decodeAnswer(b)
	switch {
	case err != nil:
		return nil, err
	case res.failure != nil:
		return nil, res.failure
	case res.redirect != nil:
		return nil, res.redirect
	}
	return res.response, nil
}

func decodeAnswer(b []byte) (*result, error) {
	if isXMLRPC(b) {
		c, err := parseXMLRPC(bytes.NewReader(b))
		switch {
		case err != nil:
			return nil, err
		case c.fault != nil:
			return nil, c.fault
		case len(c.params) == 0:
			return nil, errors.New("xml-rpc: an answer without a value")
		}
		return decodeResult(c.params[0])
	}
	v, err := llsd.Parse(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return decodeResult(v)
}

// isXMLRPC looks for the root of XML-RPC near the head: declarations may stand before it.
func isXMLRPC(b []byte) bool {
	head := b[:min(len(b), 1024)]
	return bytes.Contains(head, []byte("<methodResponse")) || bytes.Contains(head, []byte("<methodCall"))
}
