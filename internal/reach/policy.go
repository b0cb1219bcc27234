// Package reach says which hosts the program may connect to on behalf of
// scripts.
//
// A script that names a URL or a broker makes the program connect there, from
// inside the network it runs in. So only the public Internet may be reached:
// addresses of the own machine, of private, link-local and other special
// networks are refused unless they are allowed. Every address is checked when
// it is dialled, after names were resolved, so names that resolve to private
// addresses, redirections to them and names that resolve differently a moment
// later are caught. The proxy of the environment is not used, for behind it
// nothing could be checked.
package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// dialTimeout bounds the opening of a connection.
const dialTimeout = 10 * time.Second

// Policy is what may be reached. Make it with [NewPolicy]; its methods may be
// called from any goroutine.
type Policy struct {
	allowed atomic.Pointer[[]Allowed]

	mu    sync.Mutex
	conns map[*conn]struct{} // those that are open
}

// NewPolicy returns a policy of the public Internet and what else is allowed.
func NewPolicy(allowed ...Allowed) *Policy {
	p := &Policy{conns: make(map[*conn]struct{})}
	p.Set(allowed)
	return p
}

// Set allows these private networks from now on, in place of those there were.
// Connections to what is not allowed any more are closed, those too that are
// being used.
func (p *Policy) Set(allowed []Allowed) {
	list := slices.Clone(allowed)
	p.mu.Lock()
	p.allowed.Store(&list)
	var gone []*conn
	for c := range p.conns {
		if !p.may(c) {
			gone = append(gone, c)
		}
	}
	p.mu.Unlock()
	for _, c := range gone {
		_ = c.Close()
	}
}

// Check refuses an address that is neither public nor allowed, with
// [ErrPrivate].
func (p *Policy) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if public(addr) {
		return nil
	}
	for _, a := range *p.allowed.Load() {
		if a.host == "" && a.prefix.Contains(addr) {
			return nil
		}
	}
	return fmt.Errorf("%w %s", ErrPrivate, addr)
}

// CheckHost refuses a host that is an address which may not be reached. What a
// name leads to is found out when it is dialled.
func (p *Policy) CheckHost(host string) error {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	if err := p.Check(addr); err != nil {
		return fmt.Errorf("%w: the setting outgoing.allow_private does not name it", err)
	}
	return nil
}

// CheckURL refuses a URL that is not absolute, has another scheme than http
// and https, a port that there is not, or an address that may not be reached. The error says what
// is wrong and what is allowed.
func (p *Policy) CheckURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("scheme %q: allowed are http and https, as in https://example.com/path", u.Scheme)
	case u.Hostname() == "":
		return errors.New("no host: want an absolute URL such as https://example.com/path")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("port %s: want a number from 1 to 65535", port)
		}
	}
	return p.CheckHost(u.Hostname())
}

// ParseURL reads a URL that [Policy.CheckURL] does not refuse.
func (p *Policy) ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		// The error of package url repeats the text, which may hold secrets.
		return nil, errors.New("want an absolute URL such as https://example.com/path")
	}
	if err := p.CheckURL(u); err != nil {
		return nil, err
	}
	return u, nil
}

// DialContext connects to HOST:PORT, as [net.Dialer.DialContext] does, unless
// it leads to an address that may not be reached: [ErrPrivate].
func (p *Policy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c := &conn{policy: p}
	if name, _, err := net.SplitHostPort(address); err == nil {
		c.host = name
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	if !p.named(c.host) {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return p.Check(to.Addr())
		}
	}
	var err error
	if c.Conn, err = dialer.DialContext(ctx, network, address); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.conns[c] = struct{}{}
	may := p.may(c) // it may have been forbidden meanwhile
	p.mu.Unlock()
	if !may {
		_ = c.Close()
		return nil, fmt.Errorf("%w %s", ErrPrivate, c.RemoteAddr())
	}
	return c, nil
}

// conn is a connection that the policy let be made.
type conn struct {
	net.Conn
	policy *Policy
	host   string
}

// Close closes the connection.
func (c *conn) Close() error {
	c.policy.mu.Lock()
	delete(c.policy.conns, c)
	c.policy.mu.Unlock()
	return c.Conn.Close()
}

// may tells whether a connection is allowed at this moment.
func (p *Policy) may(c *conn) bool {
	to, err := netip.ParseAddrPort(c.RemoteAddr().String())
	return p.named(c.host) || err == nil && p.Check(to.Addr()) == nil
}

// named tells whether a host is allowed by its name.
func (p *Policy) named(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return slices.ContainsFunc(*p.allowed.Load(), func(a Allowed) bool { return a.host != "" && a.host == host })
}

// Transport returns a transport for HTTP that reaches what the policy says.
// PerHost is how many connections to one host are kept for later.
func (p *Policy) Transport(perHost int) *http.Transport {
	return &http.Transport{
		DialContext:            p.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    perHost,
		MaxIdleConns:           100,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    dialTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
}
