package caps

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
	"strconv"
	"strings"
	"time"

	"rookery/grid/llsd"
)

// Defaults of a Client.
const (
	DefaultTimeout = 60 * time.Second
	DefaultMaxBody = 64 << 20
	DefaultRetries = 4
	maxRetryAfter  = time.Minute
	firstBackoff   = 500 * time.Millisecond
)

// A Client calls capabilities. The zero value works; one Client serves any
// number of regions and goroutines.
type Client struct {
	HTTP    *http.Client  // nil means http.DefaultClient
	Timeout time.Duration // of one call with its retries; 0 means DefaultTimeout, negative none
	MaxBody int64         // bytes of an answer; 0 means DefaultMaxBody
	// Retries is how often a call is repeated that the region was too busy
	// for; 0 means DefaultRetries, negative none.
	Retries   int
	UserAgent string
	Log       *slog.Logger // nil is silent
}

// A StatusError is an answer with an HTTP status that is no success. Its text
// does not hold the address, which is a secret.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // 0 when the region did not say
	// Body is the answer when it was LLSD, nil otherwise.
	Body any
	// Text is the beginning of an answer that was not LLSD.
	Text string
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("HTTP status %d %s", e.Status, http.StatusText(e.Status))
	for _, key := range []string{"message", "error_description", "error"} {
		if m := llsd.String(llsd.Get(e.Body, key)); m != "" {
			return s + ": " + m
		}
	}
	return strings.TrimSpace(s)
}

// Busy reports whether the region asks to come back later.
func (e *StatusError) Busy() bool {
	return e.Status == http.StatusServiceUnavailable || e.Status == http.StatusTooManyRequests
}

// Get fetches a capability's LLSD answer. An empty answer is nil.
func (c *Client) Get(ctx context.Context, addr string) (any, error) {
	return c.Call(ctx, http.MethodGet, addr, nil)
}

// Post sends v, of the types that llsd.ToValue takes, and returns the answer.
func (c *Client) Post(ctx context.Context, addr string, v any) (any, error) {
	return c.Call(ctx, http.MethodPost, addr, body{v})
}

// Put replaces with v and returns the answer.
func (c *Client) Put(ctx context.Context, addr string, v any) (any, error) {
	return c.Call(ctx, http.MethodPut, addr, body{v})
}

// Patch changes by v and returns the answer.
func (c *Client) Patch(ctx context.Context, addr string, v any) (any, error) {
	return c.Call(ctx, http.MethodPatch, addr, body{v})
}

// Delete deletes and returns the answer.
func (c *Client) Delete(ctx context.Context, addr string) (any, error) {
	return c.Call(ctx, http.MethodDelete, addr, nil)
}

// body wraps a value, so that undefined can be sent, too.
type body struct{ v any }

// Call makes a request and repeats it while the region is too busy (503 with
// Retry-After). in becomes the body, of the types that llsd.ToValue takes; nil
// is a request without a body. The error is a *StatusError for a status other
// than 2xx. What is not LLSD goes by Do.
func (c *Client) Call(ctx context.Context, method, addr string, in any) (any, error) {
	var payload []byte
	contentType := ""
	if in != nil {
		if b, ok := in.(body); ok {
			in = b.v
		}
		var err error
		if payload, err = llsd.MarshalXML(in); err != nil {
			return nil, err
		}
		contentType = llsd.XML.ContentType()
	}
	data, _, err := c.Do(ctx, method, addr, contentType, payload)
	if err != nil {
		return nil, err
	}
	return parse(data)
}

func parse(data []byte) (any, error) {
	v, err := llsd.ParseBytes(data)
	if errors.Is(err, llsd.ErrEmpty) {
		return nil, nil
	}
	return v, err
}

// Do makes a request with a body of any kind and returns the answer as it
// came, with its headers: uploads and downloads of assets are not LLSD. It
// retries like Call.
func (c *Client) Do(ctx context.Context, method, addr, contentType string, payload []byte) ([]byte, http.Header, error) {
	if err := checkAddr(addr); err != nil {
		return nil, nil, err
	}
	if timeout := c.Timeout; timeout >= 0 {
		if timeout == 0 {
			timeout = DefaultTimeout
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	for retry := 0; ; retry++ {
		data, header, err := c.once(ctx, method, addr, contentType, payload)
		var status *StatusError
		if err == nil || !errors.As(err, &status) || !c.again(status, method) || retry >= c.retries() {
			return data, header, err
		}
		wait := status.RetryAfter
		if wait <= 0 {
			wait = firstBackoff << retry
			wait = wait*3/4 + rand.N(wait/2+1)
		}
		c.log().Debug("capability is busy", "status", status.Status, "retry_in", wait)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return nil, nil, err // waiting would only lose the better error
		}
		if serr := sleep(ctx, wait); serr != nil {
			return nil, nil, serr
		}
	}
}

func (c *Client) again(e *StatusError, method string) bool {
	if e.Busy() {
		return true
	}
	gateway := e.Status == http.StatusBadGateway || e.Status == http.StatusGatewayTimeout
	return gateway && method == http.MethodGet
}

func (c *Client) retries() int {
	if c.Retries == 0 {
		return DefaultRetries
	}
	return c.Retries
}

func (c *Client) once(ctx context.Context, method, addr, contentType string, payload []byte) ([]byte, http.Header, error) {
	var r io.Reader
	if payload != nil {
		r = bytes.NewReader(payload)
	}
	req, err := http.NewRequestWithContext(ctx, method, addr, r)
	if err != nil {
		return nil, nil, hideAddr(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept", "application/llsd+xml, */*;q=0.5")
	if c.UserAgent != "" {
		req.Header.Set("User-Agent", c.UserAgent)
	}
	httpClient := c.HTTP
	if httpClient == nil {
		httpClient = http.DefaultClient
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		return nil, nil, hideAddr(err)
	}
	defer resp.Body.Close()
	most := c.MaxBody
	if most <= 0 {
		most = DefaultMaxBody
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, nil, hideAddr(err)
	}
	if int64(len(data)) > most {
		return nil, nil, fmt.Errorf("capability: the answer is longer than %d bytes", most)
	}
	if resp.StatusCode/100 != 2 {
		return nil, resp.Header, statusError(resp, data)
	}
	return data, resp.Header, nil
}

func statusError(resp *http.Response, data []byte) error {
	e := &StatusError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	v, err := llsd.ParseBytes(data)
	if err != nil {
		const show = 200
		e.Text = strings.ToValidUTF8(string(data[:min(len(data), show)]), "\uFFFD")
		return e
	}
	e.Body = v
	return e
}

// retryAfter reads the header's two forms (RFC 9110 §10.2.3), bounded.
func retryAfter(s string, now time.Time) time.Duration {
	if s == "" {
		return 0
	}
	var d time.Duration
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		d = time.Duration(min(max(n, 0), maxRetryAfter.Seconds()) * float64(time.Second))
	} else if t, err := http.ParseTime(s); err == nil {
		d = t.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

func checkAddr(addr string) error {
	u, err := url.Parse(addr)
	if err != nil {
		return hideAddr(err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return errors.New("capability: the address is not an http:// or https:// address with a host")
	}
	return nil
}

// hideAddr takes the address out of an error of net/http and net/url.
func hideAddr(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return fmt.Errorf("capability: %s: %w", strings.ToLower(ue.Op), ue.Err)
	}
	return fmt.Errorf("capability: %w", err)
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

func (c *Client) log() *slog.Logger {
	if c.Log != nil {
		return c.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Seed asks the seed capability for the named ones, DefaultNames when names is
// nil, and returns those that the region grants.
func (c *Client) Seed(ctx context.Context, seed string, names []string) (Set, error) {
	if names == nil {
		names = DefaultNames
	}
	v, err := c.Post(ctx, seed, names)
	if err != nil {
		return nil, fmt.Errorf("seed capability: %w", err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("seed capability: the answer is %T where a map should be", v)
	}
	set := Set{}
	for name, addr := range m {
		if s := llsd.String(addr); s != "" {
			set[name] = s
		}
	}
	return set, nil
}
