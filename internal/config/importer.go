package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rookery/grid/login"
	"rookery/script"
)

// Note is what became of one setting of an imported file.
type Note struct {
	Line    int
	Setting string // its path in that file
	Text    string // why it could not be carried over
}

// String writes the line, the setting and the text.
func (n Note) String() string {
	return fmt.Sprintf("line %d: %s: %s", n.Line, n.Setting, n.Text)
}

// Import turns a configuration of Corrade into one of Rookery: Corrade.ini of
// release 9 or Configuration.xml of release 11 and later. Hashed passwords
// keep working. The notes tell, setting by setting in the order of the file,
// what could not be carried over and why.
func Import(document []byte) (text string, notes []Note, err error) {
	root, err := parseXML(document)
	if err != nil {
		return "", nil, fmt.Errorf("read the configuration of Corrade: %w", err)
	}
	m := &importer{}
	switch root.name {
	case "Configuration", "CorradeConfiguration":
	default:
		return "", nil, fmt.Errorf("the outermost element is <%s>: want <Configuration> (Corrade.ini) or <CorradeConfiguration> (Configuration.xml)", root.name)
	}
	m.out.WriteString("# Settings brought over from Corrade. 'rookery config init' shows all there are.\n")
	m.general(root)
	m.agent(root)
	m.groups(root)
	m.filters(root)
	m.doors(root)
	m.outgoing(root)
	m.chatLog(root)
	m.feeds(root)
	m.timeouts(root)
	m.throttle(root)
	m.log(root)
	root.unused("", func(path string, e *element) {
		if e.text == "" && len(e.children) == 0 {
			return // it sets nothing
		}
		m.note(e, path, "%s", reasonFor(path))
	})
	slices.SortStableFunc(m.notes, func(a, b Note) int { return cmp.Compare(a.Line, b.Line) })
	return m.out.String(), m.notes, nil
}

type importer struct {
	out   strings.Builder
	notes []Note
}

func (m *importer) note(e *element, setting, format string, args ...any) {
	m.notes = append(m.notes, Note{Line: e.line, Setting: setting, Text: fmt.Sprintf(format, args...)})
}

// section starts a table.
func (m *importer) section(header string) { fmt.Fprintf(&m.out, "\n%s\n", header) }

// set writes a setting.
func (m *importer) set(key string, value any) {
	switch value := value.(type) {
	case string:
		fmt.Fprintf(&m.out, "%s = %s\n", key, quote(value))
	case []string:
		quoted := make([]string, len(value))
		for i, v := range value {
			quoted[i] = quote(v)
		}
		fmt.Fprintf(&m.out, "%s = [%s]\n", key, strings.Join(quoted, ", "))
	default:
		fmt.Fprintf(&m.out, "%s = %v\n", key, value)
	}
}

// number carries a whole number over if it is in range.
func (m *importer) number(e *element, key string, least, most int) {
	if !e.there() || e.text == "" {
		return
	}
	n, err := strconv.Atoi(e.text)
	if err != nil || n < least || n > most {
		m.note(e, e.name, "%q: allowed are %d to %d, the default is used", e.text, least, most)
		return
	}
	m.set(key, n)
}

func (m *importer) general(root *element) {
	root.child("Version")
	if e := root.child("Range"); e.there() {
		if metres, err := script.ParseFloat32(e.text); err != nil || metres < 1 || metres > maxRange {
			m.note(e, e.name, "%q: allowed are 1 to %d m, the default is used", e.text, maxRange)
		} else {
			m.set("range", metres)
		}
	}
	var masters []string
	for _, e := range root.child("Masters").all("Master") {
		first, last := e.child("FirstName").text, e.child("LastName").text
		if first == "" {
			m.note(e, "Masters.Master", "it has no first name")
			continue
		}
		masters = append(masters, strings.TrimSpace(first+" "+last))
	}
	if len(masters) > 0 {
		m.set("masters", masters)
	}
	enabled, password := root.child("EnableMasterPasswordOverride"), root.child("MasterPasswordOverride")
	switch {
	case password.text == "":
	case enabled.truth():
		m.set("master_password", password.text)
	default:
		m.note(password, password.name, "it was not enabled")
	}
}

var notHex = regexp.MustCompile(`[^0-9A-Fa-f]`)

func (m *importer) agent(root *element) {
	m.section("[[agents]]")
	uri := root.child("LoginURL", "LoginURI")
	name := uri.text
	for nickname, known := range gridURIs {
		if strings.EqualFold(strings.TrimSuffix(uri.text, "/"), known) {
			name = nickname
		}
	}
	if !uri.there() || uri.text == "" {
		name = SecondLife
	}
	m.set("grid", name)
	m.set("first", root.child("FirstName").text)
	if last := root.child("LastName").text; last != "" {
		m.set("last", last)
	}
	if e := root.child("Password"); e.text != "" {
		m.set("password", e.text)
	} else {
		m.note(root, "Password", "there is none: put in password or password_file")
		m.set("password", "")
	}
	if e := root.child("TOSAccepted"); e.there() {
		m.set("agree_to_tos", e.truth())
	}
	if e := root.child("AutoConnect"); e.there() {
		m.set("auto_login", e.truth())
	}
	m.starts(root.child("StartLocations"))
	m.machine("mac", root.child("NetworkCardMAC"))
	m.machine("id0", root.child("DriveIdentifierHash"))
	m.towardsTheGrid(root)
}

// machine carries over what identifies the machine to the grid.
func (m *importer) machine(key string, e *element) {
	switch digits := notHex.ReplaceAllString(e.text, ""); {
	case e.text == "":
	case len(digits) == 32:
		m.set(key, digits)
	default:
		m.note(e, e.name, "%q: grids want 32 hex digits; those of this machine are used", e.text)
	}
}

// starts reads the places: texts in release 9, elements later.
func (m *importer) starts(list *element) {
	var starts []string
	add := func(e *element, text string) {
		parts := strings.Split(text, "/")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		text = strings.Join(parts, "/")
		if _, err := login.ParseStart(text); err != nil || text == "" {
			m.note(e, "StartLocations", "%q is not a place: %v", text, err)
			return
		}
		starts = append(starts, text)
	}
	for _, e := range list.all("string") {
		add(e, e.text)
	}
	for _, e := range list.all("StartLocation") {
		text := e.text
		if region := e.child("Region"); region.there() {
			text = region.text
			for _, axis := range []string{"X", "Y", "Z"} {
				if at := e.child(axis); at.there() {
					text += "/" + at.text
				}
			}
		}
		add(e, text)
	}
	if len(starts) > 0 {
		m.set("start", starts)
	}
}

// reasons tells why settings have no place here, by their path or its beginning;
// the first that fits counts. Of a setting that has none Import knows nothing:
// it is no setting of Corrade.
var reasons = []struct{ prefix, text string }{
	{"TCPNotificationThrottle", "not needed: notifications go out as they happen"},
	{"TCPNotificationQueueLength", "each client has a queue of its own, in bytes: see tcp.queue_bytes"},
	{"CallbackThrottle", "it was a poll interval, not a limit: see outgoing.callbacks.rate"},
	{"NotificationThrottle", "it was a poll interval, not a limit: see outgoing.notifications.posts.rate"},
	{"ConnectionLimit", "connections are limited for each host: see outgoing.callbacks.per_host"},
	{"ConnectionIdleTime", "idle connections are closed after half a minute"},
	{"UseNaggle", "requests are sent at once, without Nagle's delay"},
	{"UseExpect100Continue", "requests are sent without asking first"},
	{"AutoScriptedAgentStatus", "left out: register the account as a scripted agent on the grid's web site"},
	{"ClientIdentificationTag", "the grid makes the agent's appearance: there is no tag in it"},
	{"AutoActivateGroup", "the agent does not activate groups in this version"},
	{"GroupCreateFee", "there is no command creategroup in this version, and the grid knows its fee"},
	{"RebakeDelay", "not needed: the grid bakes the avatar"},
	{"MembershipSweepInterval", "the notification membership is not told in this version"},
	{"SchedulesResolution", "not needed: schedules run when they are due"},
	{"ThrottleTotal", "a region is not asked for a total: see throttle"},
	{"CacheEnableAutoPrune", "no assets are kept: there is nothing to prune"},
	{"CacheAutoPruneInterval", "no assets are kept: there is nothing to prune"},
	{"ClientLog", "the program log is always written, to standard error: see log"},
	{"OpenMetaverseLog", "there is no log of its own for the grid protocol: see log"},
	{"Maximum", "not needed: there is no shared pool of threads"},
	{"SchedulerExpiration", "not needed: there is no shared pool of threads"},
	{"ExitCode", "exit codes are fixed: see rookery --help"},
	{"DataDecayType", "the gap between parts of an answer is fixed: see timeouts.data"},
	{"LogoutGrace", "not needed any more"},
	{"EnableHTTPServerAuthentication", "it was for peers only; http.user and http.password ask everybody"},
	{"HTTPServerUsername", "it was for peers only; http.user and http.password ask everybody"},
	{"HTTPServerPassword", "it was for peers only; http.user and http.password ask everybody"},
	{"HTTPServer", "timeouts of the HTTP server are fixed but for http.idle_timeout"},
	{"HTTPCommandTimeout", "a command ends after timeouts.command"},
	{"EnableNucleusServer", noConsole},
	{"NucleusServer", noConsole},
	{"EnableSIML", "there is no chat bot: the command ai is not available in this version"},
	{"EnableRLV", noRLV},
	{"RLV", noRLV},
	{"EnableHorde", noPeers},
	{"Horde", noPeers},
	{"StitchURL", "the program is not updated from within: install another version over it"},
	{"Feedback", "nothing about its use is sent to anybody"},
	{"NotificationSettings.AutoPrune", "a URL whose receiver answers 410, or 404 in Second Life, is forgotten: see outgoing.notifications.prune"},
	{"NotificationSettings", "not needed: notifications are told as they happen"},
	{"Servers.HTTPServer.Compression", "clients that ask for it get compressed answers"},
	{"Servers.WebSocketsServer.Compression", noCompression},
	{"Servers.MQTTServer.Compression", noCompression},
	{"Servers.TCPServer.Compression", noCompression},
	{"Servers.UDPServer.Compression", noCompression},
	{"Groups.Group.DatabaseFile", "the group's database is in state_dir: move the file to databases/UUID.db there"},
	{"Groups.Group.Cookies", "cookie jars are in a format that only .NET reads"},
	{"Groups.Group.CacheMembers", "members of groups are not kept in this version"},
}

const (
	noConsole     = "there is no web console in this version"
	noRLV         = "objects cannot restrain the agent: RLV is not available in this version"
	noPeers       = "programs do not share what they know: one of them may have several agents"
	noCompression = "not needed: answers and notifications are short"
)

func reasonFor(path string) string {
	for _, r := range reasons {
		if strings.HasPrefix(path, r.prefix) {
			return r.text
		}
	}
	return unknownSetting
}

const unknownSetting = "no such setting of Corrade is known here"
