package login

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"rookery/grid"
)

// A Response is a grid's welcome.
type Response struct {
	AgentID         grid.UUID
	SessionID       grid.UUID
	SecureSessionID grid.UUID
	First, Last     string

	// Circuit to the first simulator.
	CircuitCode uint32
	Simulator   netip.AddrPort // its UDP address
	HTTPPort    uint16         // 0 on most grids
	// RegionX and RegionY are the global coordinates of the region's
	// south-west corner in metres.
	RegionX, RegionY uint32
	// RegionSizeX and RegionSizeY are in metres, 256 where the grid does not say.
	RegionSizeX, RegionSizeY uint32
	SeedCapability           string
	StartLocation            string // last, home, safe, url or what the grid calls it
	LookAt                   grid.Vector3
	Home                     *HomeLocation // nil when the avatar has none

	Message           string // of the day
	AgentAccess       string // PG, M or A: what the avatar may see now
	AgentAccessMax    string
	AgentRegionAccess string
	MaxAgentGroups    int // 0 when the grid does not say
	MFAHash           string
	ServerTime        time.Time
	InventoryHost     string
	UDPBlacklist      []string // names of UDP messages not to send

	InventoryRoot grid.UUID
	Inventory     []Folder
	LibraryRoot   grid.UUID
	LibraryOwner  grid.UUID
	Library       []Folder
	Buddies       []Buddy
	Gestures      []Gesture
	InitialOutfit Outfit

	Flags                Flags
	Textures             Textures
	EventCategories      []Category
	ClassifiedCategories []Category
	UIConfig             map[string]string

	MapServerURL     string
	SearchURL        string
	ProfileServerURL string
	DestinationURL   string
	AvatarPickerURL  string
	OpenIDURL        string
	OpenIDToken      string
	AppearanceURL    string // agent_appearance_service
	Currency         string
	AccountType      string

	// Raw is the whole answer, for members that have no field here.
	Raw map[string]any
}

// Handle is the handle of the first region.
func (r *Response) Handle() grid.RegionHandle { return grid.HandleAt(r.RegionX, r.RegionY) }

// LogValue implements slog.LogValuer: a log does not hold the keys to the session.
func (r *Response) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("agent", r.AgentID), slog.Any("simulator", r.Simulator), slog.String("start", r.StartLocation))
}

// HomeLocation is where an avatar's home lies.
type HomeLocation struct {
	Region   grid.RegionHandle
	Position grid.Vector3
	LookAt   grid.Vector3
}

// Folder is a folder of the inventory skeleton.
type Folder struct {
	ID      grid.UUID
	Parent  grid.UUID
	Name    string
	Type    int // default asset type, -1 for none
	Version int
}

// Buddy is a friend with the rights in both directions (1 online, 2 map, 4 objects).
type Buddy struct {
	ID          grid.UUID
	RightsGiven int
	RightsHas   int
}

// Gesture is an active gesture.
type Gesture struct{ ItemID, AssetID grid.UUID }

// Outfit is what a new avatar wears first.
type Outfit struct{ Folder, Gender string }

// Category is a category of events or classifieds.
type Category struct {
	ID   int
	Name string
}

// Flags are the login flags.
type Flags struct{ DaylightSavings, StipendSinceLogin, Gendered, EverLoggedIn bool }

// Textures are the grid's textures of the sky.
type Textures struct{ Sun, Moon, Cloud grid.UUID }

// result is any of the three answers a grid can give.
type result struct {
	response *Response
	failure  *Failure
	redirect *Redirect
}

// Redirect is the answer "indeterminate": ask again, elsewhere. A Handler
// returns it as its error.
type Redirect struct {
	URL      string
	Method   string // "" is login_to_simulator
	Options  []string
	Duration time.Duration // to wait before asking
	Message  string
}

func (r *Redirect) Error() string { return "login is to be continued at " + r.URL }

// decodeResult reads an answer in either form. The members are the same, but
// types vary from grid to grid: numbers come as text, booleans as Y or true.
func decodeResult(v any) (*result, error) {
	raw, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the grid's answer is %T where a struct should be", v)
	}
	m := members(raw)
	switch {
	case m.text("login") == "indeterminate" || m.has("next_url") && !m.truth("login"):
		return &result{redirect: &Redirect{
			URL: m.text("next_url"), Method: m.text("next_method"), Options: m.texts("next_options"),
			Duration: time.Duration(max(0, m.number("next_duration")) * float64(time.Second)), Message: m.text("message"),
		}}, nil
	case !m.truth("login"):
		return &result{failure: m.failure()}, nil
	}
	r, err := m.response()
	if err != nil {
		return nil, err
	}
	return &result{response: r}, nil
}

func (m members) failure() *Failure {
	f := &Failure{
		Reason: m.text("reason"), Message: m.text("message"), MessageID: m.text("message_id"),
		URL:        or(m.text("error_url"), m.text("url")),
		RetryAfter: time.Duration(max(0, m.number("retry_after")) * float64(time.Second)),
	}
	if f.Reason == "" && f.Message == "" {
		f.Message = "the grid gave no reason"
	}
	args := m.sub("message_args")
	for k := range args {
		if f.Args == nil {
			f.Args = map[string]string{}
		}
		f.Args[k] = args.text(k)
	}
	return f
}

func (m members) response() (*Response, error) {
	r := &Response{
		AgentID: m.uuid("agent_id"), SessionID: m.uuid("session_id"), SecureSessionID: m.uuid("secure_session_id"),
		First: unquote(m.text("first_name")), Last: unquote(m.text("last_name")),
		CircuitCode: uint32(m.int("circuit_code")), HTTPPort: uint16(m.int("http_port")),
		RegionX: uint32(m.int("region_x")), RegionY: uint32(m.int("region_y")),
		RegionSizeX: m.size("region_size_x"), RegionSizeY: m.size("region_size_y"),
		SeedCapability: m.text("seed_capability"), StartLocation: m.text("start_location"),
		LookAt: oddVector(m["look_at"]), Home: m.home(),
		Message: m.text("message"), AgentAccess: m.text("agent_access"), AgentAccessMax: m.text("agent_access_max"),
		AgentRegionAccess: m.text("agent_region_access"), MaxAgentGroups: m.maxGroups(), MFAHash: m.text("mfa_hash"),
		InventoryHost: m.text("inventory_host"), UDPBlacklist: m.blacklist(),
		InventoryRoot: m.first("inventory-root").uuid("folder_id"), Inventory: m.folders("inventory-skeleton"),
		LibraryRoot: m.first("inventory-lib-root").uuid("folder_id"), Library: m.folders("inventory-skel-lib"),
		LibraryOwner: m.first("inventory-lib-owner").uuid("agent_id"),
		Buddies:      m.buddies(), Gestures: m.gestures(),
		InitialOutfit: Outfit{m.first("initial-outfit").text("folder_name"), m.first("initial-outfit").text("gender")},
		Flags:         m.first("login-flags").flags(), Textures: m.first("global-textures").textures(),
		EventCategories: m.categories("event_categories"), ClassifiedCategories: m.categories("classified_categories"),
		UIConfig: m.uiConfig(), MapServerURL: m.text("map-server-url"), SearchURL: m.text("search"),
		ProfileServerURL: m.text("profile-server-url"), DestinationURL: m.text("destination_guide_url"),
		AvatarPickerURL: m.text("avatar_picker_url"), OpenIDURL: m.text("openid_url"), OpenIDToken: m.text("openid_token"),
		AppearanceURL: m.text("agent_appearance_service"), Currency: m.text("currency"), AccountType: m.text("account_type"),
		Raw: m,
	}
	if t := m.int("seconds_since_epoch"); t != 0 {
		r.ServerTime = time.Unix(t, 0).UTC()
	}
	addr, err := netip.ParseAddr(m.text("sim_ip"))
	if err != nil {
		return nil, fmt.Errorf("sim_ip in the grid's answer: %w", err)
	}
	port := m.int("sim_port")
	if port < 1 || port > 65535 {
		return nil, fmt.Errorf("sim_port in the grid's answer is %d; want 1 to 65535", port)
	}
	r.Simulator = netip.AddrPortFrom(addr.Unmap(), uint16(port))
	switch {
	case r.AgentID == grid.UUID{}:
		return nil, errors.New("agent_id in the grid's answer is missing or no uuid")
	case r.SessionID == grid.UUID{}:
		return nil, errors.New("session_id in the grid's answer is missing or no uuid")
	}
	return r, nil
}

func (m members) size(key string) uint32 {
	if n := m.int(key); n > 0 {
		return uint32(n)
	}
	return grid.RegionSize
}

func (m members) maxGroups() int {
	for _, key := range []string{"max-agent-groups", "max_groups", "max_agent_groups"} {
		if n := m.int(key); n > 0 {
			return int(n)
		}
	}
	return int(m.sub("account_level_benefits").int("group_membership_limit"))
}

func (m members) home() *HomeLocation {
	h := m.sub("home_info")
	if h == nil {
		h = oddMap(m["home"])
	}
	handle, ok := numbers(h["region_handle"], 2)
	if !ok {
		return nil
	}
	return &HomeLocation{
		Region:   grid.HandleAt(uint32(handle[0]), uint32(handle[1])),
		Position: oddVector(h["position"]), LookAt: oddVector(h["look_at"]),
	}
}

func (m members) folders(key string) []Folder {
	list := m.list(key)
	folders := make([]Folder, 0, len(list))
	for _, f := range list {
		folders = append(folders, Folder{
			ID: f.uuid("folder_id"), Parent: f.uuid("parent_id"), Name: f.text("name"),
			Type: int(f.int("type_default")), Version: int(f.int("version")),
		})
	}
	return folders
}

func (m members) buddies() []Buddy {
	list := m.list("buddy-list")
	buddies := make([]Buddy, 0, len(list))
	for _, b := range list {
		buddies = append(buddies, Buddy{b.uuid("buddy_id"), int(b.int("buddy_rights_given")), int(b.int("buddy_rights_has"))})
	}
	return buddies
}

func (m members) gestures() []Gesture {
	list := m.list("gestures")
	gestures := make([]Gesture, 0, len(list))
	for _, g := range list {
		gestures = append(gestures, Gesture{g.uuid("item_id"), g.uuid("asset_id")})
	}
	return gestures
}

func (m members) flags() Flags {
	return Flags{
		DaylightSavings: m.truth("daylight_savings"), StipendSinceLogin: m.truth("stipend_since_login"),
		Gendered: m.truth("gendered"), EverLoggedIn: m.truth("ever_logged_in"),
	}
}

func (m members) textures() Textures {
	return Textures{Sun: m.uuid("sun_texture_id"), Moon: m.uuid("moon_texture_id"), Cloud: m.uuid("cloud_texture_id")}
}

func (m members) categories(key string) []Category {
	list := m.list(key)
	cats := make([]Category, 0, len(list))
	for _, c := range list {
		cats = append(cats, Category{int(c.int("category_id")), c.text("category_name")})
	}
	return cats
}

func (m members) uiConfig() map[string]string {
	conf := map[string]string{}
	for _, part := range m.list("ui-config") {
		for k := range part {
			conf[k] = part.text(k)
		}
	}
	return conf
}
