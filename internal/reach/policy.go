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

	mu         sync.Mutex
	transports []*http.Transport
}

// NewPolicy returns a policy of the public Internet and what else is allowed.
func NewPolicy(allowed ...Allowed) *Policy {
	p := &Policy{}
	p.Set(allowed)
	return p
}

// Set allows these private networks from now on, in place of those there were.
// Connections of transports that have nothing to do are closed; one that is
// busy is not cut.
func (p *Policy) Set(allowed []Allowed) {
	list := slices.Clone(allowed)
	p.allowed.Store(&list)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.transports {
		t.CloseIdleConnections()
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
// and https, or names an address that may not be reached. The error says what
// is wrong and what is allowed.
func (p *Policy) CheckURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("scheme %q: allowed are http and https, as in https://example.com/path", u.Scheme)
	case u.Hostname() == "":
		return errors.New("no host: want an absolute URL such as https://example.com/path")
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
	dialer := net.Dialer{Timeout: dialTimeout}
	if name, _, err := net.SplitHostPort(address); err != nil || !p.named(name) {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return p.Check(to.Addr())
		}
	}
	return dialer.DialContext(ctx, network, address)
}

// named tells whether a host is allowed by its name.
func (p *Policy) named(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return slices.ContainsFunc(*p.allowed.Load(), func(a Allowed) bool { return a.host != "" && a.host == host })
}

// Transport returns a transport for HTTP that reaches what the policy says,
// for as long as the policy lives. PerHost is how many connections to one host
// are kept for later.
func (p *Policy) Transport(perHost int) *http.Transport {
	t := &http.Transport{
		DialContext:            p.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    perHost,
		MaxIdleConns:           100,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    dialTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.transports = append(p.transports, t)
	return t
}
