package agent_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/simgrid"
)

func TestAgentEntersTheWorldAndLeavesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Welcome: "Mind the step."})
	b := w.bot("Early", startAt("Rookery", 100, 120, 30))
	if got := b.State(); got != agent.Online {
		t.Fatalf("state %v", got)
	}
	me := b.Self()
	arrived := await(w, func(e simgrid.Arrived) bool { return e.Agent == me.ID })
	if arrived.Region != "Rookery" || me.Name != (agent.Name{First: "Early", Last: "Bot"}) {
		t.Fatalf("%v arrived in %s", me.Name, arrived.Region)
	}
	r, ok := b.Region()
	if !ok || r.Name != "Rookery" || r.ID != w.Region("Rookery").ID() || r.Handle != w.Region("Rookery").Handle() ||
		!r.Current || !r.Handshake || !r.Moved || r.Addr != w.Region("Rookery").Addr() {
		t.Fatalf("region %+v, %v", r, ok)
	}
	if p := heard(b, 0, func(e agent.LoginProgress) bool { return e.Status == agent.LoginSuccess }); p.Message != "Mind the step." {
		t.Errorf("message of the day %q", p.Message)
	}
	if err := b.Login(w.ctx); !errors.Is(err, agent.ErrOnline) {
		t.Errorf("second login: %v", err)
	}
	must(t, b.Logout(w.ctx))
	out := await(w, func(e simgrid.LoggedOut) bool { return e.Agent == me.ID })
	if out.Cause != simgrid.CauseLogout {
		t.Fatalf("left by %s", out.Cause)
	}
	if b.State() != agent.Offline {
		t.Fatalf("state %v", b.State())
	}
	heard[agent.LoggedOut](b, 0, nil)
	if err := b.Say(w.ctx, "anybody?"); !errors.Is(err, agent.ErrOffline) {
		t.Errorf("say while offline: %v", err)
	}
	must(t, b.Login(w.ctx)) // and back
}

func TestAgentLogsInByLLSDToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Structured", func(c *agent.Config) { c.LoginForm = login.LLSD })
	await(w, func(e simgrid.Arrived) bool { return e.Agent == b.Self().ID })
}

func TestACodeOfTheSecondFactorIsNeededOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Accounts: []simgrid.AccountConfig{{First: "Factor", Last: "Two", Password: "secret", MFAToken: "123456"}}})
	var kept []string
	secured := func(token, hash string) *bot {
		return w.newBot("Factor", func(c *agent.Config) {
			c.Login.Last, c.Login.Password, c.Login.Token, c.Login.MFAHash = "Two", "secret", token, hash
			c.KeepMFAHash = func(hash string) { kept = append(kept, hash) }
		})
	}
	for token, why := range map[string]string{"": "no code", "654321": "a wrong code"} {
		if err := secured(token, "").Login(w.ctx); !errors.Is(err, login.ErrMFA) {
			t.Errorf("login with %s: %v", why, err)
		}
	}
	b := secured("123456", "")
	must(t, b.Login(w.ctx))
	if len(kept) != 1 || kept[0] == "" {
		t.Fatalf("kept %q", kept)
	}
	must(t, b.Logout(w.ctx))
	must(t, b.Login(w.ctx)) // the code is not asked for again
	must(t, b.Logout(w.ctx))
	must(t, secured("", kept[0]).Login(w.ctx)) // nor in a later run
	if err := secured("", "another hash").Login(w.ctx); !errors.Is(err, login.ErrMFA) {
		t.Errorf("login with a wrong hash: %v", err)
	}
	must(t, secured("123456", "an expired hash").Login(w.ctx))
}

func TestStepsOfALoginAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Stepper", nil)
	heard(b, 0, func(e agent.LoginProgress) bool { return e.Status == agent.LoginSuccess })
	var got []agent.LoginStatus
	for _, p := range all[agent.LoginProgress](b) {
		got = append(got, p.Status)
	}
	want := []agent.LoginStatus{agent.LoginConnecting, agent.LoginReading, agent.LoginConnectingSim, agent.LoginSuccess}
	if len(got) != len(want) {
		t.Fatalf("told %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("told %v, want %v", got, want)
		}
	}
	changed := heard[agent.RegionChanged](b, 0, nil)
	if changed.Old != "" || changed.New != "Rookery" {
		t.Errorf("region changed: %+v", changed)
	}
}

func TestRunGivesUpWhenThePasswordIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.newBot("Forgetful", func(c *agent.Config) { c.Login.Password = "not it" })
	err := b.Run(w.ctx)
	if !errors.Is(err, login.ErrKey) {
		t.Fatalf("run: %v", err)
	}
	p := heard(b, 0, func(e agent.LoginProgress) bool { return e.Status == agent.LoginFailed })
	if p.Reason != "key" || p.Message == "" || !errors.Is(p.Err, login.ErrKey) {
		t.Errorf("told %+v", p)
	}
}

func TestConfigurationMistakesAreNamed(t *testing.T) {
	t.Parallel()
	ok := agent.Config{LoginURI: "http://localhost/", Login: login.Params{First: "A", Password: "b"}}
	for name, change := range map[string]func(*agent.Config){
		"no address":        func(c *agent.Config) { c.LoginURI = "" },
		"no name":           func(c *agent.Config) { c.Login.First = "" },
		"no password":       func(c *agent.Config) { c.Login.Password = "" },
		"negative range":    func(c *agent.Config) { c.Range = -1 },
		"back-off reversed": func(c *agent.Config) { c.BackoffMin, c.BackoffMax = 2*time.Second, time.Second },
		"hasty updates":     func(c *agent.Config) { c.UpdateInterval = time.Millisecond },
		"negative timeout":  func(c *agent.Config) { c.ServiceTimeout = -1 },
	} {
		c := ok
		change(&c)
		if _, err := agent.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := agent.New(ok); err != nil {
		t.Error(err)
	}
}

// run runs a bot until the test ends or stop is called.
func (b *bot) run() (stop func() error) {
	b.w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	var err error
	stopped := false
	stop = func() error {
		if !stopped {
			stopped = true
			cancel()
			err = <-done
		}
		return err
	}
	b.w.t.Cleanup(func() { _ = stop() })
	return stop
}

func success(p agent.LoginProgress) bool { return p.Status == agent.LoginSuccess }

func TestRunReconnectsWhenTheGridDropsIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config simgrid.Config
		change func(*agent.Config)
		drop   func(w *world, id grid.UUID) error
		reason string
	}{
		"kicked": {
			drop: func(w *world, id grid.UUID) error { return w.Kick(id, "Out you go.") }, reason: "Out you go.",
		},
		"network broke": {
			config: simgrid.Config{Relogin: simgrid.RefusePresence},
			change: func(c *agent.Config) { c.CircuitTimeout = 700 * time.Millisecond },
			drop: func(w *world, id grid.UUID) error {
				_, err := w.Silence(id)
				return err
			},
		},
		"region went down": {
			drop: func(w *world, _ grid.UUID) error {
				if err := w.Region("Rookery").Shutdown("Going down for a restart."); err != nil {
					return err
				}
				return w.Region("Rookery").Restart()
			},
			reason: "Going down for a restart.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.config)
			b := w.newBot("Boomerang", c.change)
			stop := b.run()
			heard(b, 0, success)
			id := b.Self().ID
			mark := b.mark()
			must(t, c.drop(w, id))
			lost := heard[agent.Disconnected](b, mark, nil)
			if lost.Err == nil || c.reason != "" && lost.Reason != c.reason {
				t.Errorf("told %+v, want reason %q", lost, c.reason)
			}
			heard[agent.Reconnecting](b, mark, nil)
			heard(b, mark, success)
			must(t, b.Say(w.ctx, "I am back"))
			await(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == id && e.Text == "I am back" })
			must(t, stop())
			await(w, func(e simgrid.LoggedOut) bool { return e.Agent == id && e.Cause == simgrid.CauseLogout })
		})
	}
}

func TestRunWaitsUntilTheOldSessionIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Relogin: simgrid.RefuseUntilGone})
	first := w.bot("Twin", nil)
	second := w.newBot("Twin", nil)
	stop := second.run()
	p := heard(second, 0, func(e agent.LoginProgress) bool { return e.Status == agent.LoginFailed })
	if !errors.Is(p.Err, login.ErrPresence) || p.Reason != "presence" {
		t.Errorf("told %+v", p)
	}
	must(t, first.Logout(w.ctx))
	heard(second, 0, success)
	must(t, stop())
}

func TestLogoutKeepsRunAwayUntilLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.newBot("Commuter", nil)
	stop := b.run()
	heard(b, 0, success)
	id := b.Self().ID
	must(t, b.Logout(w.ctx))
	await(w, func(e simgrid.LoggedOut) bool { return e.Agent == id })
	if b.State() != agent.Offline {
		t.Fatal(b.State())
	}
	mark := b.mark()
	must(t, b.Login(w.ctx))
	heard(b, mark, success)
	mark = b.mark()
	must(t, w.Kick(id, "and Run is still there")) // so Run brings it back
	heard(b, mark, success)
	must(t, stop())
	if b.State() != agent.Offline {
		t.Errorf("state after run %v", b.State())
	}
}

func TestSecondRunIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.newBot("Single", nil)
	stop := b.run()
	heard(b, 0, success)
	if err := b.Run(w.ctx); err == nil {
		t.Error("two runs at once")
	}
	must(t, stop())
}
