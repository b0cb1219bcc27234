package simgrid_test

import (
	"errors"
	"net/http"
	"testing"

	"rookery/grid"
	"rookery/grid/login"
	"rookery/grid/message"
	"rookery/simgrid"
)

func tryLogin(t *testing.T, g *simgrid.Grid, form login.Form, p login.Params) (*login.Response, error) {
	t.Helper()
	h := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(h.CloseIdleConnections)
	c := login.Client{HTTP: h, Form: form, Attempts: 1}
	return c.Login(testContext(t), g.LoginURI(), p)
}

func TestLoginWorksInBothForms(t *testing.T) {
	t.Parallel()
	for _, form := range []login.Form{login.XMLRPC, login.LLSD} {
		t.Run(form.String(), func(t *testing.T) {
			t.Parallel()
			g := start(t, simgrid.Config{Welcome: "Good day & welcome <you>"})
			a, err := g.AddAccount("Ada", "", "secret")
			if err != nil {
				t.Fatal(err)
			}
			r, err := tryLogin(t, g, form, login.Params{First: "ada", Last: "resident", Password: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			if r.AgentID != a.ID() || r.First != "Ada" || r.Last != "Resident" {
				t.Errorf("got %s %s %s, want Ada Resident %s", r.AgentID, r.First, r.Last, a.ID())
			}
			if r.Message != "Good day & welcome <you>" {
				t.Errorf("message %q", r.Message)
			}
			rookery := g.Region("rookery")
			if r.Handle() != rookery.Handle() || r.Simulator != rookery.Addr() || r.CircuitCode == 0 || r.SeedCapability == "" {
				t.Errorf("the answer does not lead into Rookery: %+v", r)
			}
			if r.InventoryRoot == (grid.UUID{}) || len(r.Inventory) < 15 || len(r.Library) != 1 || r.Home == nil {
				t.Errorf("inventory root %s, %d folders, library of %d, home %v", r.InventoryRoot, len(r.Inventory), len(r.Library), r.Home)
			}
		})
	}
}

func TestLoginIsRefusedForTheRightReason(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Accounts: []simgrid.AccountConfig{
		{First: "Plain", Last: "Account", Password: "secret"},
		{First: "Second", Last: "Factor", Password: "secret", MFAToken: "123456"},
		{First: "Must", Last: "Agree", Password: "secret", MustAgree: true},
		{First: "Must", Last: "Read", Password: "secret", MustRead: true},
	}, Inhabitants: []simgrid.InhabitantConfig{{First: "Robin", Last: "Nest", Region: "Rookery"}}})
	for name, test := range map[string]struct {
		params login.Params
		want   error
	}{
		"no such avatar":     {login.Params{First: "No", Last: "Body", Password: "secret"}, login.ErrKey},
		"wrong password":     {login.Params{First: "Plain", Last: "Account", Password: "guess"}, login.ErrKey},
		"wrong hash":         {login.Params{First: "Plain", Last: "Account", Password: "$1$00000000000000000000000000000000"}, login.ErrKey},
		"hash is fine":       {login.Params{First: "Plain", Last: "Account", Password: login.HashPassword("secret", 0)}, nil},
		"inhabitant":         {login.Params{First: "Robin", Last: "Nest", Password: "x"}, login.ErrKey},
		"no second factor":   {login.Params{First: "Second", Last: "Factor", Password: "secret"}, login.ErrMFA},
		"wrong token":        {login.Params{First: "Second", Last: "Factor", Password: "secret", Token: "1"}, login.ErrMFA},
		"terms not agreed":   {login.Params{First: "Must", Last: "Agree", Password: "secret"}, login.ErrTOS},
		"terms agreed":       {login.Params{First: "Must", Last: "Agree", Password: "secret", AgreeToTOS: true}, nil},
		"critical not read":  {login.Params{First: "Must", Last: "Read", Password: "secret"}, login.ErrCritical},
		"critical text read": {login.Params{First: "Must", Last: "Read", Password: "secret", ReadCritical: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := tryLogin(t, g, login.XMLRPC, test.params); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestSecondFactorIsRememberedByItsHash(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Accounts: []simgrid.AccountConfig{{First: "Second", Last: "Factor", Password: "secret", MFAToken: "123456"}}})
	p := login.Params{First: "Second", Last: "Factor", Password: "secret", Token: "123456"}
	r, err := tryLogin(t, g, login.XMLRPC, p)
	if err != nil {
		t.Fatal(err)
	}
	p.Token, p.MFAHash = "", r.MFAHash
	if _, err := tryLogin(t, g, login.XMLRPC, p); err != nil {
		t.Errorf("with the hash: %v", err)
	}
}

func TestSceneRefusesLogins(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Accounts: []simgrid.AccountConfig{{First: "Plain", Last: "Account", Password: "secret"}}})
	p := login.Params{First: "Plain", Last: "Account", Password: "secret"}
	g.RefuseLogins(&simgrid.Refusal{Reason: "disabled", Message: "Logins are closed.", Times: 1})
	if _, err := tryLogin(t, g, login.LLSD, p); !errors.Is(err, login.ErrDisabled) {
		t.Errorf("got %v, want disabled", err)
	}
	g.Refuse(g.Account("Plain", "Account"), &simgrid.Refusal{Reason: "suspended", Times: 1})
	if _, err := tryLogin(t, g, login.LLSD, p); !errors.Is(err, login.ErrSuspended) {
		t.Errorf("got %v, want suspended", err)
	}
	// A redirection leads back to the same place, which now lets in.
	g.RefuseLogins(&simgrid.Refusal{URL: g.LoginURI() + "again", Times: 1})
	if _, err := tryLogin(t, g, login.XMLRPC, p); err != nil {
		t.Errorf("after a redirection: %v", err)
	}
}

func TestStartLocations(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Accounts: []simgrid.AccountConfig{{
		First: "Home", Last: "Body", Password: "secret",
		Home: simgrid.Place{Region: "Heronry", Position: grid.Vector3{X: 10, Y: 20, Z: 22}},
	}}})
	for start, want := range map[login.Start]struct{ region, kind string }{
		{}:                        {"Rookery", "last"},
		{Place: login.Home}:       {"Heronry", "home"},
		at("Heronry", 1, 2, 3):    {"Heronry", "url"},
		at("No Region", 1, 2, 30): {"Heronry", "safe"},
	} {
		r, err := tryLogin(t, g, login.XMLRPC, login.Params{First: "Home", Last: "Body", Password: "secret", Starts: []login.Start{start}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Handle() != g.Region(want.region).Handle() || r.StartLocation != want.kind {
			t.Errorf("start %v leads to %v %s, want %v", start, r.Handle(), r.StartLocation, want)
		}
	}
}

func TestRegionsThatAreDownOrFullAreNoStartLocations(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Regions: []simgrid.RegionConfig{{Name: "Open", X: 1}, {Name: "Down", X: 5}, {Name: "Full", X: 9, MaxAgents: 1}}})
	connect(t, g, "Ann", at("Full", 1, 1, 1))
	if err := g.Region("Down").Shutdown("down"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.AddAccount("Ben", "Tester", "secret"); err != nil {
		t.Fatal(err)
	}
	p := login.Params{First: "Ben", Last: "Tester", Password: "secret"}
	for _, region := range []string{"Down", "Full"} {
		p.Starts = []login.Start{at(region, 1, 1, 1)}
		if _, err := tryLogin(t, g, login.XMLRPC, p); !errors.Is(err, login.ErrRegion) {
			t.Errorf("%s: got %v, want a region failure", region, err)
		}
	}
	p.Starts = append(p.Starts, at("Open", 1, 1, 1))
	if _, err := tryLogin(t, g, login.XMLRPC, p); err != nil {
		t.Errorf("the second choice: %v", err)
	}
}

func TestReloginFollowsThePolicy(t *testing.T) {
	t.Parallel()
	p := login.Params{First: "Ann", Last: "Tester", Password: "secret"}
	t.Run("kick the old", func(t *testing.T) {
		t.Parallel()
		g := start(t, simgrid.Config{})
		c := connect(t, g, "Ann")
		if _, err := tryLogin(t, g, login.XMLRPC, p); err != nil {
			t.Fatal(err)
		}
		await[*message.KickUser](c, nil)
	})
	t.Run("refuse once", func(t *testing.T) {
		t.Parallel()
		g := start(t, simgrid.Config{Relogin: simgrid.RefusePresence})
		c := connect(t, g, "Ann")
		if _, err := tryLogin(t, g, login.XMLRPC, p); !errors.Is(err, login.ErrPresence) {
			t.Fatalf("got %v, want presence", err)
		}
		await[*message.KickUser](c, nil)
		if _, err := tryLogin(t, g, login.XMLRPC, p); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("refuse until gone", func(t *testing.T) {
		t.Parallel()
		g := start(t, simgrid.Config{Relogin: simgrid.RefuseUntilGone})
		c := connect(t, g, "Ann")
		for range 2 {
			if _, err := tryLogin(t, g, login.XMLRPC, p); !errors.Is(err, login.ErrPresence) {
				t.Fatalf("got %v, want presence", err)
			}
		}
		w := g.Watch()
		defer w.Close()
		c.logOut()
		if _, err := simgrid.Await[simgrid.LoggedOut](c.ctx, w, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := tryLogin(t, g, login.XMLRPC, p); err != nil {
			t.Fatal(err)
		}
	})
}

func (c *client) logOut() {
	c.send(&message.LogoutRequest{AgentData: message.LogoutRequestAgentData{AgentID: c.resp.AgentID, SessionID: c.resp.SessionID}})
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]simgrid.Config{
		"two regions of one name": {Regions: []simgrid.RegionConfig{{Name: "A", X: 1}, {Name: "a", X: 2}}},
		"overlapping regions":     {Regions: []simgrid.RegionConfig{{Name: "A", X: 1, Size: 512}, {Name: "B", X: 2}}},
		"odd size":                {Regions: []simgrid.RegionConfig{{Name: "A", Size: 300}}},
		"host is a name":          {Host: "localhost"},
		"tick too short":          {Tick: 1},
		"prim outside":            {Prims: []simgrid.PrimConfig{{Region: "Rookery", Position: grid.Vector3{X: 300}}}},
		"prim nowhere":            {Prims: []simgrid.PrimConfig{{Region: "Nowhere"}}},
		"name with a space":       {Accounts: []simgrid.AccountConfig{{First: "A B"}}},
		"home nowhere":            {Accounts: []simgrid.AccountConfig{{First: "A", Home: simgrid.Place{Region: "Nowhere"}}}},
		"inhabitant nowhere":      {Inhabitants: []simgrid.InhabitantConfig{{First: "A", Region: "Nowhere"}}},
		"lines without time":      {Inhabitants: []simgrid.InhabitantConfig{{First: "A", Region: "Rookery", Lines: []string{"x"}}}},
		"name taken":              {Accounts: []simgrid.AccountConfig{{First: "A"}, {First: "a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if g, err := simgrid.Start(c); err == nil {
				t.Error("the grid started")
				_ = g.Close()
			}
		})
	}
}
