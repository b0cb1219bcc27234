package simgrid

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"rookery/grid"
)

// AccountConfig describes somebody who may log in.
type AccountConfig struct {
	// First and Last are the avatar's names: 1 to 31 bytes without spaces.
	// Last is Resident when empty.
	First, Last string
	// Password is the plain password.
	Password string
	// ID is the avatar's id; one is made from the name when null, so that the
	// same names have the same ids in every run.
	ID grid.UUID
	// Home is where "home" logs in and teleports to; the first region's middle
	// when its Region is empty.
	Home Place
	// MFAToken is the code that login must give once, before it is answered
	// with a hash that stands in for it; no second factor when empty.
	MFAToken string
	// MustAgree makes login refuse with reason "tos" until agree_to_tos is set.
	MustAgree bool
	// MustRead makes login refuse with reason "critical" until read_critical is set.
	MustRead bool
	// About is the profile's text.
	About string
	// Born is when the account was made; the start of 2003 when zero.
	Born time.Time
}

// Place is a point in a region.
type Place struct {
	Region   string
	Position grid.Vector3 // region space, metres
	LookAt   grid.Vector3 // unit vector on the ground; east when zero
}

// Account is somebody who may log in, or an inhabitant.
type Account struct {
	id          grid.UUID
	first, last string
	born        time.Time
	inhabitant  bool

	// guarded by Grid.mu
	password     string
	home         Place
	lastSeen     Place
	mfaToken     string
	mfaHash      string
	mustAgree    bool
	mustRead     bool
	about        string
	refusal      *Refusal
	stored       []storedIM
	inventory    *inventory
	mutes        []grid.Mute
	friends      []grid.UUID
	friendOffers []friendOffer
}

// ID returns the avatar's id.
func (a *Account) ID() grid.UUID { return a.id }

// First returns the first name.
func (a *Account) First() string { return a.first }

// Last returns the last name.
func (a *Account) Last() string { return a.last }

// Name returns first and last name with a space between.
func (a *Account) Name() string { return a.first + " " + a.last }

// ErrNameTaken says that an avatar of that name or id exists.
var ErrNameTaken = errors.New("name is taken")

// governor owns what nobody else owns.
var governor = nameID("governor", "")

// nameID makes an id that is the same in every run.
func nameID(kind, name string) grid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("simgrid:"+kind+":"+strings.ToLower(name)))
}

// AddAccount lets somebody log in. An empty last name is Resident.
func (g *Grid) AddAccount(first, last, password string) (*Account, error) {
	return g.NewAccount(AccountConfig{First: first, Last: last, Password: password})
}

// NewAccount is AddAccount with everything that an account can have.
func (g *Grid) NewAccount(c AccountConfig) (*Account, error) {
	a, err := newAccount(c)
	if err != nil {
		return nil, err
	}
	if c.Home.Region != "" && g.Region(c.Home.Region) == nil {
		return nil, fmt.Errorf("account %s: home: %w", a.Name(), &RegionError{c.Home.Region})
	}
	return a, g.register(a)
}

func newAccount(c AccountConfig) (*Account, error) {
	if c.Last == "" {
		c.Last = "Resident"
	}
	for _, n := range []string{c.First, c.Last} {
		if n == "" || len(n) > 31 || strings.ContainsAny(n, " \t\r\n\x00") {
			return nil, fmt.Errorf("avatar name %q: want 1 to 31 bytes without spaces", n)
		}
	}
	if c.ID == (grid.UUID{}) {
		c.ID = nameID("avatar", c.First+" "+c.Last)
	}
	if c.Born.IsZero() {
		c.Born = time.Date(2003, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return &Account{
		id: c.ID, first: c.First, last: c.Last, born: c.Born,
		password: c.Password,
		home:     c.Home, mfaToken: c.MFAToken,
		mustAgree: c.MustAgree, mustRead: c.MustRead, about: c.About,
		inventory: newInventory(c.ID),
	}, nil
}

func (g *Grid) register(a *Account) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := strings.ToLower(a.Name())
	if g.accounts[a.id] != nil || g.names[key] != nil {
		return fmt.Errorf("account %s: %w", a.Name(), ErrNameTaken)
	}
	g.accounts[a.id], g.names[key] = a, a
	return nil
}

// Account returns the account or inhabitant of that name, in any case, or nil.
// An empty last name is Resident.
func (g *Grid) Account(first, last string) *Account {
	if last == "" {
		last = "Resident"
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.names[strings.ToLower(first+" "+last)]
}

// AccountByID returns the account or inhabitant with that id, or nil.
func (g *Grid) AccountByID(id grid.UUID) *Account {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.accounts[id]
}

// truncated cuts a text after at most n bytes, between two characters.
func truncated(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
