package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/access"
	"rookery/internal/rights"
)

// release9 is laid out as Corrade.ini of release 9.
const release9 = "\xef\xbb\xbf" + `<?xml version="1.0" encoding="utf-8"?>
<Configuration xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <Version>1.35</Version>
  <FirstName>Robin</FirstName>
  <LastName>Rook</LastName>
  <Password>$1$59bcc3ad6775562f845953cf01624225</Password>
  <LoginURL>https://login.agni.lindenlab.com/cgi-bin/login.cgi</LoginURL>
  <TOSAccepted>true</TOSAccepted>
  <AutoScriptedAgentStatus>true</AutoScriptedAgentStatus>
  <StartLocations>
    <string>last</string>
    <string>Da Boom / 128 / 64.5 / 21</string>
    <string>a/b/c/d</string>
  </StartLocations>
  <NetworkCardMAC>01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef</NetworkCardMAC>
  <DriveIdentifierHash>none</DriveIdentifierHash>
  <Range>96.5</Range>
  <Masters>
    <Master><FirstName>Juno</FirstName><LastName>Fox</LastName></Master>
    <Master><FirstName>Solo</FirstName><LastName/></Master>
  </Masters>
  <EnableMasterPasswordOverride>true</EnableMasterPasswordOverride>
  <MasterPasswordOverride>91dfd9ddb4198affc5c194cd8ce6d338fde470e2</MasterPasswordOverride>
  <Groups>
    <Group>
      <ChatLog>logs/groups/test.log</ChatLog>
      <ChatLogEnabled>false</ChatLogEnabled>
      <DatabaseFile />
      <Name>The "Good" Group</Name>
      <Notifications>
        <Notifications>local</Notifications>
        <Notifications>message</Notifications>
        <Notifications>none</Notifications>
        <Notifications>telepathy</Notifications>
      </Notifications>
      <Password>91dfd9ddb4198affc5c194cd8ce6d338fde470e2</Password>
      <Permissions>
        <Permissions>movement</Permissions>
        <Permissions>talk</Permissions>
      </Permissions>
      <Schedules>3</Schedules>
      <UUID>01234567-89ab-cdef-0123-456789abcdef</UUID>
      <Workers>7</Workers>
    </Group>
  </Groups>
  <InputFilters><Filter>RFC1738</Filter><Filter>ENIGMA</Filter></InputFilters>
  <OutputFilters><Filter>ENIGMA</Filter><Filter>RFC1738</Filter></OutputFilters>
  <AESKey />
  <VIGENERESecret>hoppipola</VIGENERESecret>
  <ENIGMAConfiguration>
    <rotors><char>51</char><char>103</char><char>49</char></rotors>
    <plugs><char>122</char><char>112</char><char>113</char></plugs>
    <reflector>98</reflector>
  </ENIGMAConfiguration>
  <EnableTCPNotificationsServer>true</EnableTCPNotificationsServer>
  <TCPNotificationsServerAddress>127.0.0.1</TCPNotificationsServerAddress>
  <TCPNotificationsServerPort>8096</TCPNotificationsServerPort>
  <TCPNotificationsCertificatePath>importer_test.go</TCPNotificationsCertificatePath>
  <TCPNotificationsCertificatePassword>pfx password</TCPNotificationsCertificatePassword>
  <TCPNotificationsSSLProtocol>Tls12</TCPNotificationsSSLProtocol>
  <TCPNotificationThrottle>1000</TCPNotificationThrottle>
  <EnableHTTPServer>true</EnableHTTPServer>
  <HTTPServerPrefix>http://+:8080/bot/</HTTPServerPrefix>
  <HTTPServerPassword>hush</HTTPServerPassword>
  <ServicesTimeout>45000</ServicesTimeout>
  <DataTimeout>0</DataTimeout>
  <MaximumCommandThreads>10</MaximumCommandThreads>
  <HordePeers><HordePeer><SharedSecret>hush</SharedSecret></HordePeer></HordePeers>
</Configuration>
`

func TestRelease9IsBroughtOver(t *testing.T) {
	t.Parallel()
	text, notes, err := Import([]byte(release9))
	if err != nil {
		t.Fatal(err)
	}
	c, problems := Parse("rookery.toml", []byte(text), nil)
	if problems.Err() != nil {
		t.Fatalf("%v\n%s", problems, text)
	}
	a, g := c.Agents[0], c.Groups[0]
	got := []any{
		a.Name, a.Grid, string(a.Password), a.AgreeToTOS, a.Start, a.MAC, a.ID0, a.Range, c.Masters, string(c.MasterPassword),
		g.Name, g.UUID.String(), g.Rights(), g.Hears(), g.Workers, g.Schedules,
		c.Filters.Input, c.Filters.Output, c.Filters.Enigma,
		c.TCP.Enabled, c.TCP.Address, c.TCP.TLS.Mode, c.TCP.TLS.Certificate, string(c.TCP.TLS.Password), c.TCP.TLS.MinVersion,
		c.Timeouts.Services.String(), c.Timeouts.Data.String(), c.HTTP.Enabled, c.HTTP.Address, c.HTTP.TLS.Mode,
	}
	want := []any{
		"Robin Rook", SecondLife, "$1$59bcc3ad6775562f845953cf01624225", true,
		[]string{"last", "Da Boom/128/64.5/21"},
		"0123456789abcdef0123456789abcdef", "", float32(96.5),
		[]string{"Juno Fox", "Solo Resident"},
		"91dfd9ddb4198affc5c194cd8ce6d338fde470e2",
		`The "Good" Group`, "01234567-89ab-cdef-0123-456789abcdef", rights.Movement | rights.Talk,
		[]string{"message", "local"},
		7, 3,
		[]string{"RFC1738", "ENIGMA"},
		[]string{"ENIGMA", "RFC1738"},
		Enigma{"3g1", "zpq", "b"},
		true, "127.0.0.1:8096", TLSPFX, "importer_test.go", "pfx password", TLS12,
		"45s", "2.5s", true, "0.0.0.0:8080", TLSOff,
	}
	want[13] = []string{"local", "message"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	access, err := access.New(c.Access())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := access.Authenticate(t.Context(), `the "good" group`, "mypassword", ""); err != nil {
		t.Errorf("the hashed password does not work any more: %v", err)
	}

	lines := make([]string, len(notes))
	for i, n := range notes {
		lines[i] = n.String()
	}
	all := strings.Join(lines, "\n")
	for _, says := range []string{
		"line 9: AutoScriptedAgentStatus: left out",
		`line 13: StartLocations: "a/b/c/d" is not a place`,
		`line 16: DriveIdentifierHash: "none": grids want 32 hex digits`,
		`line 34: Groups.Group.Notifications: "telepathy" is not known here`,
		"TCPNotificationThrottle: not needed",
		"HTTPServerPrefix: the path /bot/ is not used",
		"HTTPServerPassword: it was for peers only",
		`DataTimeout: "0" is not a time`,
		"MaximumCommandThreads: not needed",
		"HordePeers: programs do not share what they know",
	} {
		if !strings.Contains(all, says) {
			t.Errorf("missing %q in\n%s", says, all)
		}
	}
	if strings.Contains(all, "hush") || strings.Contains(all, "Version") {
		t.Errorf("too much in\n%s", all)
	}
}

func TestRelease11IsBroughtOver(t *testing.T) {
	t.Parallel()
	text, notes, err := Import([]byte(`<CorradeConfiguration xmlns="urn:corrade-configuration-schema">
<FirstName>Robin</FirstName><LastName>Resident</LastName><Password>plain</Password>
<LoginURI>http://grid.example:8002/</LoginURI>
<Servers>
  <HTTPServer><Enable>1</Enable><Prefixes><Prefix>https://*/</Prefix><Prefix>http://a/</Prefix></Prefixes></HTTPServer>
  <WebSocketsServer><Enable>1</Enable><URL>wss://127.0.0.1:8088</URL><WebSocketsCertificate><Path>importer_test.go</Path><Password>hush</Password></WebSocketsCertificate></WebSocketsServer>
  <MQTTServer><Enable>1</Enable><IPAddress>127.0.0.1</IPAddress><Port>x</Port></MQTTServer>
  <UDPServer><Enable>1</Enable><IPAddress>127.0.0.1</IPAddress></UDPServer>
  <TCPServer><Enable>1</Enable><IPAddress>0.0.0.0</IPAddress><Port>8085</Port><Compression>0</Compression>
    <TCPCertificate><Path></Path><Password></Password><Protocol>Tls</Protocol></TCPCertificate></TCPServer>
</Servers>
<StartLocations><StartLocation><Region>home</Region></StartLocation><StartLocation><Region>Ahern</Region></StartLocation></StartLocations>
<Groups><Group><Name>G</Name><Password>91DFD9DDB4198AFFC5C194CD8CE6D338FDE470E2</Password>
<Notifications><Notification>local</Notification></Notifications><Permissions><Permission>bridge</Permission></Permissions></Group></Groups>
<Range>18</Range><ScriptLanguage>JSON</ScriptLanguage><AutoConnect>0</AutoConnect>
</CorradeConfiguration>`))
	if err != nil {
		t.Fatal(err)
	}
	c, problems := Parse("rookery.toml", []byte(text), nil)
	if problems.Err() != nil {
		t.Fatalf("%v\n%s", problems, text)
	}
	a, g := c.Agents[0], c.Groups[0]
	got := []any{
		a.Name, a.LoginURI(), a.Start, a.AutoLogin, c.Range, g.Rights(), g.Hears(), c.TCP.Address, c.TCP.TLS.Mode,
		c.HTTP.Address, c.HTTP.TLS.Mode, c.HTTP.Language, c.WebSocket.Enabled, c.WebSocket.Address, c.WebSocket.Language, c.WebSocket.TLS.Mode,
		string(c.WebSocket.TLS.Password), c.MQTT.Enabled, c.MQTT.Address, c.UDP.Enabled, c.UDP.Address,
	}
	want := []any{
		"Robin Resident", "http://grid.example:8002/",
		[]string{"home", "Ahern"},
		false, float32(18), rights.Bridge,
		[]string{"local"},
		"0.0.0.0:8085", TLSGenerated,
		"0.0.0.0:8080", TLSGenerated, LanguageJSON, true, "127.0.0.1:8088", LanguageJSON, TLSPFX,
		"hush", true, "127.0.0.1:1883", true, "127.0.0.1:8085",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var settings []string
	for _, n := range notes {
		settings = append(settings, n.Setting)
	}
	if diff := cmp.Diff([]string{"Servers.HTTPServer.Prefixes", "Port", "TCP server", "Servers.TCPServer.Compression", "Protocol", "Groups.Group.UUID"}, settings); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoConfigurationOfCorradeIsRefused(t *testing.T) {
	t.Parallel()
	for document, says := range map[string]string{
		"":                           "no XML element",
		"a = 1":                      "no XML element",
		"<a/>":                       "the outermost element is <a>: want <Configuration>",
		"<Configuration>\n<a></b>":   "line 2",
		strings.Repeat("<a>", 100):   "nested more than 32 deep",
		"<Configuration>&x;</Config": "line 1",
	} {
		if _, _, err := Import([]byte(document)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.20q: %v, want %q in it", document, err, says)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(release9))
	f.Add([]byte("<CorradeConfiguration><Servers><TCPServer><Port>x</Port></TCPServer></Servers></CorradeConfiguration>"))
	f.Fuzz(func(t *testing.T, document []byte) {
		text, _, err := Import(document)
		if err != nil {
			return
		}
		if _, d := decode("x.toml", []byte(text), nil); d.places == nil {
			t.Errorf("not TOML: %v\n%s", d.problems, text)
		}
	})
}
