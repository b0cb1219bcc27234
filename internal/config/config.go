package config

import (
	"time"

	"github.com/google/uuid"

	"rookery/internal/rights"
	"rookery/script"
)

// Config is all settings. Durations, sizes and ranges are as the template
// ([Template]) documents them.
type Config struct {
	// StateDir is where state is kept. A relative path is relative to the
	// configuration file's directory once loaded.
	StateDir string `toml:"state_dir"`
	// Range is how far agents see and search by default, in metres.
	Range float32 `toml:"range"`

	Agents  []Agent  `toml:"agents"`
	Groups  []Group  `toml:"groups"`
	Masters []string `toml:"masters"` // "First Last"

	// MasterPassword opens every group; empty: none does. Its file's content
	// is in MasterPassword once loaded.
	MasterPassword     Secret `toml:"master_password"`
	MasterPasswordFile string `toml:"master_password_file"`

	Filters   Filters   `toml:"filters"`
	TCP       TCP       `toml:"tcp"`
	HTTP      HTTP      `toml:"http"`
	WebSocket WebSocket `toml:"websocket"`
	MQTT      MQTT      `toml:"mqtt"`
	UDP       UDP       `toml:"udp"`
	InWorld   InWorld   `toml:"inworld"`

	Throttle Throttle `toml:"throttle"`
	Outgoing Outgoing `toml:"outgoing"`
	Bridge   Bridge   `toml:"bridge"`
	Database Database `toml:"database"`
	Files    Files    `toml:"files"`
	Programs Programs `toml:"programs"`
	ChatLog  ChatLog  `toml:"chatlog"`
	Feeds    Feeds    `toml:"feeds"`
	Timeouts Timeouts `toml:"timeouts"`

	Subscriptions Subscriptions `toml:"subscriptions"`

	Bus Bus `toml:"bus"`
	Log Log `toml:"log"`

	path string
}

// Agent is one avatar to log in.
type Agent struct {
	// Name is what doors, the bus and logs call the agent; by default the
	// avatar's name.
	Name string `toml:"name"`
	// Grid is a login URI, or secondlife, secondlife-beta or embedded. See
	// [Agent.LoginURI].
	Grid string `toml:"grid"`
	// Avatar is "First Last", in place of First and Last. Once loaded First
	// and Last are always filled in, Last with Resident if need be.
	Avatar string `toml:"avatar"`
	First  string `toml:"first"`
	Last   string `toml:"last"`
	// Password is plain or $1$ and the MD5 of it in hex.
	Password     Secret `toml:"password"`
	PasswordFile string `toml:"password_file"`
	// Start are the places to appear in, tried in turn.
	Start []string `toml:"start"`
	// TCPAddress is where this agent's TCP door opens, HOST:PORT. Only the
	// first agent has one without it, at the address of the section tcp.
	TCPAddress string `toml:"tcp_address"`
	// Range in metres; 0 stands for the general one.
	Range float32 `toml:"range"`
	// AutoLogin is whether the agent logs in by itself; otherwise it waits for
	// the command login.
	AutoLogin bool `toml:"auto_login"`
	// AgreeToTOS is whether the agent agrees to the grid's terms of service.
	AgreeToTOS   bool   `toml:"agree_to_tos"`
	MFAToken     Secret `toml:"mfa_token"`
	MFATokenFile string `toml:"mfa_token_file"`
	// MAC and ID0 identify the machine to the grid, 32 hex digits each; empty
	// for those of this machine.
	MAC string `toml:"mac"`
	ID0 string `toml:"id0"`
	// Language is the code of the language that regions are told; empty: they
	// are told none. LanguagePublic is whether scripts may know it.
	Language       string `toml:"language"`
	LanguagePublic bool   `toml:"language_public"`
	// Neighbours is whether the agent sees into the regions around its own.
	Neighbours bool `toml:"neighbours"`
	// Bind is the address of this machine that the agent uses towards the grid;
	// empty: whichever leads there.
	Bind string `toml:"bind"`
}

// Nicknames of grids.
const (
	SecondLife     = "secondlife"
	SecondLifeBeta = "secondlife-beta"
	Embedded       = "embedded"
)

// gridURIs are the login URIs behind the nicknames.
var gridURIs = map[string]string{
	SecondLife:     "https://login.agni.lindenlab.com/cgi-bin/login.cgi",
	SecondLifeBeta: "https://login.aditi.lindenlab.com/cgi-bin/login.cgi",
}

// LoginURI is where the agent logs in. It is empty for the embedded grid,
// whose address is known when it runs.
func (a Agent) LoginURI() string {
	if a.Grid == Embedded {
		return ""
	}
	if uri, ok := gridURIs[a.Grid]; ok {
		return uri
	}
	return a.Grid
}

// Embedded tells whether the agent lives in the embedded grid.
func (a Agent) Embedded() bool { return a.Grid == Embedded }

// Group is a group of scripts that share a password and rights.
type Group struct {
	Name string    `toml:"name"`
	UUID uuid.UUID `toml:"uuid"`
	// Password is plain, 40 hex digits of SHA-1 or an argon2id PHC string.
	Password     Secret `toml:"password"`
	PasswordFile string `toml:"password_file"`
	// Permissions and Notifications are names; "*" is all of them.
	Permissions   []PermissionName   `toml:"permissions"`
	Notifications []NotificationName `toml:"notifications"`
	// Workers is how many commands of the group run at the same time.
	Workers int `toml:"workers"`
	// Schedules is how many scheduled commands the group may keep.
	Schedules int `toml:"schedules"`
	// ChatLog is whether the group's chat is written where all groups' is; see
	// [ChatLog].
	ChatLog bool `toml:"chat_log"`
}

// Rights is the set of the group's permissions.
func (g Group) Rights() rights.Permission {
	var set rights.Permission
	for _, name := range g.Permissions {
		if name == everything {
			return rights.All
		}
		if p, err := rights.ParsePermission(string(name)); err == nil {
			set |= p
		}
	}
	return set
}

// Hears lists the proper names of the notifications the group may hear.
func (g Group) Hears() []string {
	var names []string
	for _, name := range g.Notifications {
		if name == everything {
			return rights.NotificationNames()
		}
		if n, err := rights.ParseNotification(string(name)); err == nil {
			names = append(names, n.Name)
		}
	}
	return names
}

// Filters are what keys and values pass on their way in and out.
type Filters struct {
	Input  []string `toml:"input"`
	Output []string `toml:"output"`

	AESKey      Secret `toml:"aes_key"`
	AESKeyFile  string `toml:"aes_key_file"`
	VigenereKey Secret `toml:"vigenere_key"`
	Enigma      Enigma `toml:"enigma"`
}

// Enigma sets up the filter ENIGMA.
type Enigma struct {
	Rotors    string `toml:"rotors"`
	Plugs     string `toml:"plugs"`
	Reflector string `toml:"reflector"`
}

func (f Filters) settings() script.FilterSettings {
	return script.FilterSettings{
		AESKey:      string(f.AESKey),
		VigenereKey: string(f.VigenereKey),
		Enigma:      script.EnigmaSettings(f.Enigma),
	}
}

// Chains makes the input and the output filters.
func (f Filters) Chains() (input, output script.Filters, err error) {
	if input, err = f.Chain(f.Input); err != nil {
		return nil, nil, err
	}
	output, err = f.Chain(f.Output)
	return input, output, err
}

// Chain makes filters by their names, with the keys of the settings.
func (f Filters) Chain(names []string) (script.Filters, error) {
	return script.NewFilters(names, f.settings())
}

// TCP is the TCP door.
type TCP struct {
	Enabled bool `toml:"enabled"`
	// Address is HOST:PORT; port 0 picks one.
	Address string `toml:"address"`
	TLS     TLS    `toml:"tls"`
	EOL     EOL    `toml:"eol"`
	// HandshakeTimeout bounds the time until the first line has arrived.
	HandshakeTimeout Duration `toml:"handshake_timeout"`
	MaxLine          Size     `toml:"max_line"`
	MaxConnections   int      `toml:"max_connections"`
	// QueueBytes is how much may wait for one client, Overflow what happens
	// beyond that.
	QueueBytes Size     `toml:"queue_bytes"`
	Overflow   Overflow `toml:"overflow"`
	// CommandsInFlight is how many commands of one connection run at a time.
	CommandsInFlight int `toml:"commands_in_flight"`
	// InheritCredentials lets command lines without group and password use
	// those of the first line.
	InheritCredentials bool `toml:"inherit_credentials"`
}

// TLS is how a door is encrypted.
type TLS struct {
	Mode TLSMode `toml:"mode"`
	// Certificate is a PFX file, or a PEM file with the key in it or in Key.
	Certificate  string `toml:"certificate"`
	Key          string `toml:"key"`
	Password     Secret `toml:"password"` // of the PFX file or of the key
	PasswordFile string `toml:"password_file"`

	MinVersion TLSVersion `toml:"min_version"`
	MaxVersion TLSVersion `toml:"max_version"`
	// ClientCA is a PEM file of the authorities that client certificates must
	// come from; with RequireClientCertificate every client must have one.
	ClientCA                 string `toml:"client_ca"`
	RequireClientCertificate bool   `toml:"require_client_certificate"`
	// Hosts are the names and addresses a generated certificate is for, beside
	// localhost.
	Hosts []string `toml:"hosts"`
}

// Timeouts bound how long things may take.
type Timeouts struct {
	Services Duration `toml:"services"` // one request to the grid
	Data     Duration `toml:"data"`     // the gap that ends an answer in several parts
	Command  Duration `toml:"command"`  // one command, unless it names a timeout of its own
}

// Subscriptions bound what durable subscriptions keep while their clients are
// away.
type Subscriptions struct {
	// MaxAge is how long a notification is kept, and for how long a
	// subscription may have no client.
	MaxAge Duration `toml:"max_age"`
	// MaxMessages and MaxBytes bound each subscription, Most those of a group.
	MaxMessages int  `toml:"max_messages"`
	MaxBytes    Size `toml:"max_bytes"`
	Most        int  `toml:"most"`
}

// Bus is where doors and agents meet.
type Bus struct {
	// URLs of a NATS cluster; none means embedded. They may hold passwords.
	URLs        []URL  `toml:"urls"`
	Credentials string `toml:"credentials"` // path of a NATS credentials file
	// Store is the directory of what must survive restarts, relative to
	// StateDir.
	Store string `toml:"store"`
}

// Servers are the URLs as texts, passwords and all.
func (b Bus) Servers() []string {
	servers := make([]string, len(b.URLs))
	for i, u := range b.URLs {
		servers[i] = string(u)
	}
	return servers
}

// Log is what is logged and how.
type Log struct {
	Level  LogLevel  `toml:"level"`
	Format LogFormat `toml:"format"`
	// Audit is the file of the audit trail, relative to the configuration file's
	// directory; empty: there is none beside the log.
	Audit string `toml:"audit"`
	// Heartbeat is the time between two lines that tell how the program is; 0:
	// there are none.
	Heartbeat Duration `toml:"heartbeat"`
}

// Path is the file the settings come from, empty for [Default].
func (c *Config) Path() string { return c.path }

// Default returns the settings that hold where a file says nothing. It has no
// agents and no groups.
func Default() *Config {
	return &Config{
		StateDir: "state",
		Range:    64,
		Filters: Filters{
			Input:  []string{"RFC1738"},
			Output: []string{"RFC1738"},
		},
		TCP: TCP{
			Enabled:          true,
			Address:          "127.0.0.1:8095",
			TLS:              TLS{Mode: TLSGenerated, MinVersion: TLS12, MaxVersion: TLS13},
			EOL:              CRLF,
			HandshakeTimeout: Duration(30 * time.Second),
			MaxLine:          64 << 10,
			MaxConnections:   1000,
			QueueBytes:       1 << 20,
			Overflow:         OverflowDisconnect,
			CommandsInFlight: 4,
		},
		HTTP: HTTP{
			Address:        "127.0.0.1:8080",
			TLS:            plainTLS,
			Language:       LanguageWAS,
			MaxBody:        1 << 20,
			IdleTimeout:    Duration(2 * time.Minute),
			MaxConnections: 1000,
		},
		WebSocket: WebSocket{
			Address:        "127.0.0.1:8088",
			TLS:            plainTLS,
			Language:       LanguageWAS,
			MaxConnections: 1000,
			QueueBytes:     1 << 20,
			Overflow:       OverflowDisconnect,
			PingInterval:   Duration(30 * time.Second),
		},
		MQTT: MQTT{
			Address:        "127.0.0.1:1883",
			TLS:            plainTLS,
			MaxConnections: 1000,
		},
		UDP: UDP{
			Address:        "127.0.0.1:8085",
			SessionTimeout: Duration(5 * time.Minute),
			MaxSessions:    1000,
		},
		InWorld:  InWorld{Enabled: true},
		Throttle: defaultThrottle(),
		Outgoing: defaultOutgoing(),
		Bridge:   defaultBridge(),
		Database: defaultDatabase(),
		Files:    Files{MaxSize: 1 << 20},
		Programs: Programs{MaxOutput: 64 << 10},
		ChatLog:  defaultChatLog(),
		Feeds:    defaultFeeds(),
		Timeouts: Timeouts{
			Services: Duration(60 * time.Second),
			Data:     Duration(2500 * time.Millisecond),
			Command:  Duration(60 * time.Second),
		},
		Subscriptions: Subscriptions{
			MaxAge:      Duration(7 * 24 * time.Hour),
			MaxMessages: 100_000,
			MaxBytes:    64 << 20,
			Most:        10,
		},
		Bus: Bus{Store: "bus"},
		Log: Log{Level: LogInfo, Format: LogText, Heartbeat: Duration(time.Hour)},
	}
}

// defaultAgent and defaultGroup are what a table starts with.
func defaultAgent() Agent {
	return Agent{Start: []string{"last", "home"}, AutoLogin: true, LanguagePublic: true, Neighbours: true}
}

func defaultGroup() Group { return Group{Workers: 5, ChatLog: true} }
