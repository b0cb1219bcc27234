package simgrid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"time"

	"rookery/grid"
	"rookery/grid/login"
)

// Refusal is a no to a login. With URL it is a redirection: the login is to be
// continued there (login=indeterminate).
type Refusal struct {
	Reason  string // key, presence, tos, critical, mfa_challenge, …
	Message string
	URL     string // next_url of a redirection
	Times   int    // how many logins it refuses; 0 for all
}

// RefuseLogins answers every login from now on with a refusal; nil lets
// everybody in again.
func (g *Grid) RefuseLogins(r *Refusal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusal = r.copy()
}

// Refuse is RefuseLogins for one account.
func (g *Grid) Refuse(a *Account, r *Refusal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a.refusal = r.copy()
}

func (r *Refusal) copy() *Refusal {
	if r == nil {
		return nil
	}
	c := *r
	return &c
}

// take counts a refusal down and forgets it when it is used up.
func take(r **Refusal) *Refusal {
	used := *r
	if used == nil {
		return nil
	}
	if used.Times > 0 {
		if used.Times--; used.Times == 0 {
			*r = nil
		}
	}
	return used
}

func (r *Refusal) err() error {
	if r.URL != "" {
		return &login.Redirect{URL: r.URL, Message: r.Message}
	}
	return &login.Failure{Reason: r.Reason, Message: r.Message}
}

// SetRelogin changes Config.Relogin.
func (g *Grid) SetRelogin(r Relogin) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.relogin = r
}

// login answers one login.
func (g *Grid) login(_ context.Context, req *login.Request) (*login.Response, error) {
	name := req.First + " " + req.Last
	resp, err := g.tryLogin(req)
	if err != nil {
		reason := "indeterminate"
		if f, ok := err.(*login.Failure); ok {
			reason = f.Reason
		}
		g.log.Info("login refused", "agent", name, "reason", reason)
		g.hub.emit(LoginRefused{Name: name, Reason: reason})
		return nil, err
	}
	return resp, nil
}

func (g *Grid) tryLogin(req *login.Request) (*login.Response, error) {
	a := g.Account(req.First, req.Last)
	if err := g.admit(a, req); err != nil {
		return nil, err
	}
	if err := g.relog(a); err != nil {
		return nil, err
	}
	r, where, start, err := g.startPlace(a, req)
	if err != nil {
		return nil, err
	}
	s := g.newSession(a, r, where)
	r.lock()
	closed := r.closed
	p := r.presenceOf(s)
	addr := r.addr
	r.unlock()
	if closed || p.gone || g.ctx.Err() != nil {
		g.end(s, CauseShutdown)
		return nil, login.Fail(login.ErrRegion, "The region you are attempting to enter is down.")
	}
	g.log.Info("agent logged in", "agent", a.Name(), "region", r.cfg.Name)
	g.hub.emit(LoggedIn{Agent: a.id, Name: a.Name()})
	g.mu.Lock()
	mfa, home, buddies := a.mfaHash, a.home, a.buddies()
	g.mu.Unlock()
	x, y := r.handle.Metres()
	resp := &login.Response{
		AgentID: a.id, SessionID: s.id, SecureSessionID: s.secure, First: a.first, Last: a.last,
		CircuitCode: s.code, Simulator: addr, RegionX: x, RegionY: y,
		RegionSizeX: r.cfg.Size, RegionSizeY: r.cfg.Size, SeedCapability: p.seed.url(),
		StartLocation: start, LookAt: where.LookAt, Home: g.homeOf(home),
		Message: g.cfg.Welcome, AgentAccess: "M", AgentAccessMax: "A", AgentRegionAccess: r.cfg.Access.letters(),
		MaxAgentGroups: 42, MFAHash: mfa, ServerTime: time.Now().UTC(),
		InitialOutfit: login.Outfit{Folder: "Nightclub Female", Gender: "female"},
		Flags:         login.Flags{EverLoggedIn: true, Gendered: true},
		Currency:      "L$", AccountType: "Base",
		Buddies: buddies,
	}
	g.mu.Lock()
	a.inventory.fill(resp)
	g.mu.Unlock()
	return resp, nil
}

// letters is the rating as login answers write it.
func (a Access) letters() string {
	switch a {
	case AccessModerate:
		return "M"
	case AccessAdult:
		return "A"
	}
	return "PG"
}

// admit checks who wants in: refusals set by the scene, password, second
// factor, terms.
func (g *Grid) admit(a *Account, req *login.Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r := take(&g.refusal); r != nil {
		return r.err()
	}
	if a == nil || a.inhabitant || !req.CheckPassword(a.password) {
		return login.Fail(login.ErrKey, "Could not authenticate your avatar. Please check your username and password, and check the grid if problems persist.")
	}
	if r := take(&a.refusal); r != nil {
		return r.err()
	}
	if a.mfaToken != "" {
		same := func(x, y string) bool { return x != "" && subtle.ConstantTimeCompare([]byte(x), []byte(y)) == 1 }
		if !same(req.MFAHash, a.mfaHash) {
			if !same(req.Token, a.mfaToken) {
				return login.Fail(login.ErrMFA, "This login requires an MFA token.")
			}
			a.mfaHash = newSecret()
		}
	}
	if a.mustAgree && !req.AgreeToTOS {
		return login.Fail(login.ErrTOS, "You must agree to the Terms of Service.")
	}
	if a.mustRead && !req.ReadCritical {
		return login.Fail(login.ErrCritical, "You must read the critical message.")
	}
	return nil
}

func newSecret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// relog decides about an account that is in the grid already.
func (g *Grid) relog(a *Account) error {
	g.mu.Lock()
	old, policy := g.sessions[a.id], g.relogin
	g.mu.Unlock()
	if old == nil {
		return nil
	}
	if policy != RefuseUntilGone {
		g.kick(old, "You have been logged out because you logged in elsewhere.", CauseRelogin)
	}
	if policy != KickOld {
		return login.Fail(login.ErrPresence, "You appear to be already logged in. Please wait a minute or two and retry.")
	}
	return nil
}

// startPlace finds out where a login arrives: where it asks for or, as grids
// do, somewhere near when that cannot be had.
func (g *Grid) startPlace(a *Account, req *login.Request) (*Region, Place, string, error) {
	g.mu.Lock()
	home, last := a.home, a.lastSeen
	g.mu.Unlock()
	wanted, kind := last, "last"
	if len(req.Starts) > 0 {
		switch st := req.Starts[0]; st.Place {
		case login.Home:
			wanted, kind = home, "home"
		case login.InRegion:
			wanted, kind = Place{Region: st.Region, Position: st.Position}, "url"
			if g.Region(st.Region) == nil {
				wanted, kind = home, "safe"
			}
		}
	}
	r := g.Region(wanted.Region)
	if r == nil {
		r = g.regions[0]
		wanted = Place{Region: r.cfg.Name, Position: r.middle()}
	}
	switch open, full := r.admits(); {
	case !open:
		return nil, Place{}, "", login.Fail(login.ErrRegion, fmt.Sprintf("The region you are attempting to enter, %s, is down.", r.cfg.Name))
	case full:
		return nil, Place{}, "", login.Fail(login.ErrRegion, fmt.Sprintf("The region is full: %s.", r.cfg.Name))
	}
	wanted.Position = r.inside(wanted.Position)
	if wanted.LookAt == (grid.Vector3{}) {
		wanted.LookAt = grid.Vector3{X: 1}
	}
	return r, wanted, kind, nil
}

// homeOf returns the home of an account as login answers write it.
func (g *Grid) homeOf(home Place) *login.HomeLocation {
	r := g.Region(home.Region)
	if r == nil {
		r = g.regions[0]
		home.Position = r.middle()
	}
	if home.LookAt == (grid.Vector3{}) {
		home.LookAt = grid.Vector3{X: 1}
	}
	return &login.HomeLocation{Region: r.handle, Position: home.Position, LookAt: home.LookAt}
}
