package agent

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"rookery/grid"
	"rookery/grid/login"
	"rookery/grid/message"
)

// Run logs in and keeps the agent logged in until ctx ends; then it logs out
// and returns nil. When the grid drops the agent, or cannot take it in now, Run
// tries again with growing pauses. It returns an error wrapping a
// *login.Failure when the grid refuses the login for a reason that trying again
// cannot mend: a wrong password, terms to agree to, a second factor, a ban.
//
// While Run runs, Logout makes it stay away until Login is called. There can
// be one Run at a time.
func (a *Agent) Run(ctx context.Context) error {
	if err := a.setRunning(true); err != nil {
		return err
	}
	defer func() {
		_ = a.setRunning(false)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*a.cfg.LogoutTimeout+time.Second)
		defer cancel()
		_ = a.Logout(ctx)
	}()
	var pause backoff
	for ctx.Err() == nil {
		a.mu.Lock()
		s, away := a.session, a.away
		a.mu.Unlock()
		if s == nil && !away {
			var err error
			s, err = a.login(ctx)
			switch {
			case err == nil:
				pause.since = time.Now()
			case errors.Is(err, ErrOnline): // somebody else was quicker
				continue
			case ctx.Err() != nil:
				return nil
			case permanent(err):
				return err
			default:
				pause.since = time.Time{}
				a.pause(ctx, &pause)
				continue
			}
		}
		if s == nil {
			a.doze(ctx, nil, nil)
			continue
		}
		a.doze(ctx, s.closed, nil)
		if s.lost() {
			a.pause(ctx, &pause)
		}
	}
	return nil
}

// lost tells whether the session ended against the agent's will.
func (s *session) lost() bool {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	return s.ended && s.err != nil
}

func (a *Agent) setRunning(on bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if on && a.running {
		return errors.New("agent runs already")
	}
	a.running = on
	if on {
		a.away = false
	}
	return nil
}

// doze waits for ctx, for a change that Login or Logout made, for c, or for t.
func (a *Agent) doze(ctx context.Context, c <-chan struct{}, t <-chan time.Time) {
	select {
	case <-ctx.Done():
	case <-a.wake:
	case <-c:
	case <-t:
	}
}

// pause waits before the next attempt to log in, unless somebody logs in or
// out meanwhile.
func (a *Agent) pause(ctx context.Context, b *backoff) {
	delay := b.next(a.cfg)
	a.log.Info("logging in again", "attempt", b.attempt, "in", delay.Round(time.Millisecond))
	a.mu.Lock()
	a.emit(Reconnecting{Attempt: b.attempt, Delay: delay})
	a.mu.Unlock()
	t := time.NewTimer(delay)
	defer t.Stop()
	a.doze(ctx, nil, t.C)
}

// backoff grows the pause between attempts to log in.
type backoff struct {
	attempt int
	since   time.Time // when the last session began; zero when there was none
}

func (b *backoff) next(cfg Config) time.Duration {
	// A session that held counts as a fresh start.
	if !b.since.IsZero() && time.Since(b.since) > cfg.BackoffMax {
		b.attempt = 0
	}
	d := cfg.BackoffMin << min(b.attempt, 20)
	if d <= 0 || d > cfg.BackoffMax {
		d = cfg.BackoffMax
	}
	b.attempt++
	return time.Duration((0.75 + rand.Float64()/2) * float64(d))
}

// permanent tells whether trying again cannot help: the grid wants something
// else from the account or its owner. Regions come back, and reasons that
// nobody has heard of may pass.
func permanent(err error) bool {
	for _, kind := range []error{
		login.ErrKey, login.ErrTOS, login.ErrCritical, login.ErrUpdate, login.ErrMFA, login.ErrSuspended, login.ErrUnverified,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// Login logs in once and returns when the agent stands in its first region. It
// returns ErrOnline when it does already, and an error wrapping a
// *login.Failure when the grid refuses.
func (a *Agent) Login(ctx context.Context) error { return a.LoginAt(ctx) }

// LoginAt is Login with start locations of its own, tried in turn, this once;
// without any it takes the configured ones.
func (a *Agent) LoginAt(ctx context.Context, starts ...login.Start) error {
	a.mu.Lock()
	a.away = false
	a.mu.Unlock()
	_, err := a.login(ctx, starts...)
	a.nudgeRun()
	return err
}

func (a *Agent) nudgeRun() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *Agent) takeTurn(ctx context.Context) error {
	select {
	case a.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return waitError(ctx)
	}
}

func (a *Agent) login(ctx context.Context, starts ...login.Start) (*session, error) {
	if err := a.takeTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-a.turn }()
	a.mu.Lock()
	old := a.session
	if old != nil && !old.ended {
		a.mu.Unlock()
		return nil, ErrOnline
	}
	a.mu.Unlock()
	if old != nil { // it may still be closing its circuits
		select {
		case <-old.closed:
		case <-ctx.Done():
			return nil, waitError(ctx)
		}
	}
	s, err := a.enter(ctx, starts)
	if err == nil {
		return s, nil
	}
	progress := LoginProgress{Status: LoginFailed, Message: err.Error(), Err: err}
	var failure *login.Failure
	if errors.As(err, &failure) {
		progress.Reason, progress.Message = failure.Reason, failure.Message
	}
	a.mu.Lock()
	a.state = Offline
	a.emit(progress)
	a.mu.Unlock()
	a.log.Warn("login failed", "error", err)
	return nil, err
}

func (a *Agent) enter(ctx context.Context, starts []login.Start) (*session, error) {
	params := a.cfg.Login
	if len(starts) > 0 {
		params.Starts = starts
	}
	a.mu.Lock()
	params.MFAHash = cmp.Or(a.mfaHash, params.MFAHash)
	a.mu.Unlock()
	token := params.Token
	if params.MFAHash != "" {
		params.Token = "" // the hash stands in for the code, which is used up
	}
	a.step(LoggingIn, LoginProgress{Status: LoginConnecting, Message: "asking " + a.cfg.LoginURI})
	client := login.Client{
		HTTP: a.cfg.HTTP, Form: a.cfg.LoginForm, Attempts: 1, Timeout: a.cfg.LoginTimeout, Log: a.log,
		Progress: func(p login.Progress) {
			if p.Wait > 0 && p.Err == nil {
				a.step(LoggingIn, LoginProgress{Status: LoginRedirecting, Message: p.Message})
			}
		},
	}
	resp, err := client.Login(ctx, a.cfg.LoginURI, params)
	if errors.Is(err, login.ErrMFA) && params.MFAHash != "" && token != "" {
		params.MFAHash, params.Token = "", token // the hash has expired
		resp, err = client.Login(ctx, a.cfg.LoginURI, params)
	}
	if err != nil {
		return nil, err
	}
	if resp.MFAHash != "" {
		a.mu.Lock()
		a.mfaHash = resp.MFAHash
		a.mu.Unlock()
		if a.cfg.KeepMFAHash != nil {
			a.cfg.KeepMFAHash(resp.MFAHash)
		}
	}
	a.step(Connecting, LoginProgress{Status: LoginReading, Message: resp.Message})
	a.step(Connecting, LoginProgress{Status: LoginConnectingSim, Message: "connecting to " + resp.Simulator.String()})
	s, err := a.connect(ctx, resp)
	if err != nil {
		return nil, err
	}
	a.step(Online, LoginProgress{Status: LoginSuccess, Message: resp.Message})
	a.log.Info("logged in", "id", s.id, "name", s.self.name.String())
	s.afterLogin()
	return s, nil
}

// step notes how far a login is, unless the session has ended meanwhile.
func (a *Agent) step(state State, p LoginProgress) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if state == Online && (a.session == nil || a.session.ended) {
		return
	}
	a.state = state
	a.emit(p)
}

// afterLogin asks for what waited while the agent was away. The mute list comes
// first, since it silences messages.
func (s *session) afterLogin() {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	if s.ended {
		return
	}
	s.start(func() {
		if err := s.a.loadMutes(s.ctx); err != nil && s.ctx.Err() == nil {
			s.log.Info("the grid tells no mute list", "error", err)
		}
		s.fetchOffline()
	})
}

// Logout leaves the grid. It waits for the grid's goodbye no longer than
// Config.LogoutTimeout, since OpenSimulator often loses it, and is no error
// when the agent is offline. A login under way is waited for first.
func (a *Agent) Logout(ctx context.Context) error {
	a.mu.Lock()
	a.away = true
	a.mu.Unlock()
	a.nudgeRun()
	if err := a.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-a.turn }()
	a.mu.Lock()
	s := a.session
	if s == nil || s.ended {
		a.mu.Unlock()
		if s != nil {
			<-s.closed
		}
		return nil
	}
	a.state = LoggingOut
	var items []grid.UUID
	w := s.expect(func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.LogoutReply)
		if !ok {
			return waiting
		}
		for _, i := range reply.InventoryData {
			if i.ItemID != (grid.UUID{}) {
				items = append(items, i.ItemID)
			}
		}
		return complete
	})
	root := s.root.circuit
	a.mu.Unlock()

	err := root.SendReliable(s.logoutRequest())
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, a.cfg.LogoutTimeout)
		select { // the simulator may close the circuit instead of answering
		case <-w.complete:
		case <-root.Done():
		case <-limited.Done():
		case <-s.done:
		}
		cancel()
	}
	s.forget(w)
	if s.end(nil) {
		a.mu.Lock()
		a.emit(LoggedOut{Items: items})
		a.mu.Unlock()
		a.log.Info("logged out", "id", s.id)
	}
	select {
	case <-s.closed:
	case <-ctx.Done():
		return waitError(ctx)
	}
	return nil
}
