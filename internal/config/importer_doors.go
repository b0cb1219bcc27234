package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// doors carries over the servers: settings of their own in release 9, elements
// of Servers later.
func (m *importer) doors(root *element) {
	servers := root.child("Servers")
	m.tcp(root, servers.child("TCPServer"))
	m.http(root, servers.child("HTTPServer"))
	m.webSocket(root, servers.child("WebSocketsServer"))
	m.mqtt(servers.child("MQTTServer"))
	m.udp(servers.child("UDPServer"))
}

// address writes HOST:PORT.
func (m *importer) address(host, port *element, otherwise string) {
	h, p := host.text, port.text
	if h == "" || h == "+" || h == "*" {
		h = "0.0.0.0"
	}
	if p == "" {
		p = otherwise
	}
	if _, err := strconv.ParseUint(p, 10, 16); err != nil {
		m.note(port, port.name, "%q is not a port, the default is used", p)
		return
	}
	m.set("address", net.JoinHostPort(h, p))
}

// addressOf writes HOST:PORT of a URL, where + and * stand for any host, and
// tells whether the URL asks for encryption.
func (m *importer) addressOf(e *element, otherwise string) (encrypted bool) {
	text := strings.NewReplacer("//+", "//0.0.0.0", "//*", "//0.0.0.0").Replace(e.text)
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		m.note(e, e.name, "%q is not a URL with a host, the default is used", e.text)
		return false
	}
	port := u.Port()
	if port == "" {
		port = otherwise
	}
	m.set("address", net.JoinHostPort(u.Hostname(), port))
	if u.Path != "" && u.Path != "/" {
		m.note(e, e.name, "the path %s is not used: every path is served", u.Path)
	}
	return u.Scheme == "https" || u.Scheme == "wss"
}

// tls writes the encryption of a door: a PFX file, or what otherwise says.
func (m *importer) tls(key string, path, password, protocol *element, otherwise TLSMode) {
	m.section("[" + key + ".tls]")
	if path.text == "" {
		m.set("mode", string(otherwise))
	} else {
		m.set("mode", string(TLSPFX))
		m.set("certificate", path.text)
		if password.text != "" {
			m.set("password", password.text)
		}
	}
	var version TLSVersion
	switch err := version.UnmarshalText([]byte(protocol.text)); {
	case protocol.text == "", strings.EqualFold(protocol.text, "Default"), strings.EqualFold(protocol.text, "None"):
	case err != nil:
		m.note(protocol, protocol.name, "%v", err)
	default:
		m.set("min_version", version.String())
	}
}

// tcp carries the TCP server over. Without a certificate release 9 refused
// every client and later ones spoke plainly; either way one is made here.
func (m *importer) tcp(root, server *element) {
	enabled, host, port := root.child("EnableTCPNotificationsServer"), root.child("TCPNotificationsServerAddress"), root.child("TCPNotificationsServerPort")
	path, password, protocol := root.child("TCPNotificationsCertificatePath"), root.child("TCPNotificationsCertificatePassword"), root.child("TCPNotificationsSSLProtocol")
	if server.there() {
		enabled, host, port = server.child("Enable"), server.child("IPAddress"), server.child("Port")
		certificate := server.child("TCPCertificate")
		path, password, protocol = certificate.child("Path"), certificate.child("Password"), certificate.child("Protocol")
	}
	if !enabled.there() && !host.there() && !port.there() {
		return
	}
	m.section("[tcp]")
	m.set("enabled", enabled.truth())
	m.address(host, port, "8095")
	if enabled.truth() && path.text == "" {
		m.note(enabled, "TCP server", "it has no certificate: one will be made; with clients that cannot encrypt set tcp.tls.mode to off")
	}
	m.tls("tcp", path, password, protocol, TLSGenerated)
}

func (m *importer) http(root, server *element) {
	enabled, prefix := root.child("EnableHTTPServer"), root.child("HTTPServerPrefix")
	if server.there() {
		enabled = server.child("Enable")
		prefix = server.child("Prefix")
		for i, e := range server.child("Prefixes").all("Prefix") {
			if i == 0 {
				prefix = e
			} else {
				m.note(e, "Servers.HTTPServer.Prefixes", "there is one address: %q is left out", e.text)
			}
		}
	}
	if !enabled.truth() {
		return
	}
	m.section("[http]")
	m.set("enabled", true)
	encrypted := false
	if prefix.text != "" {
		encrypted = m.addressOf(prefix, "8080")
	}
	m.language(root)
	m.span(root.child("HTTPServerIdleTimeout"), "idle_timeout")
	if encrypted {
		m.tls("http", &element{}, &element{}, &element{}, TLSGenerated)
	}
}

// language sets the language of the door in the present section.
func (m *importer) language(root *element) {
	e := root.child("ScriptLanguage")
	var l Language
	switch err := l.UnmarshalText([]byte(e.text)); {
	case !e.there():
	case err != nil:
		m.note(e, e.name, "%v", err)
	default:
		m.set("language", string(l))
	}
}

func (m *importer) webSocket(root, server *element) {
	enabled, address, certificate := server.child("Enable"), server.child("URL"), server.child("WebSocketsCertificate")
	path, password := certificate.child("Path"), certificate.child("Password")
	if !enabled.truth() {
		return
	}
	m.section("[websocket]")
	m.set("enabled", true)
	encrypted := false
	if address.text != "" {
		encrypted = m.addressOf(address, "8088")
	}
	m.language(root)
	if encrypted {
		m.tls("websocket", path, password, certificate.child("Protocol"), TLSGenerated)
	}
}

func (m *importer) mqtt(server *element) {
	enabled, host, port, certificate := server.child("Enable"), server.child("IPAddress"), server.child("Port"), server.child("MQTTCertificate")
	path, password := certificate.child("Path"), certificate.child("Password")
	if !enabled.truth() {
		return
	}
	m.section("[mqtt]")
	m.set("enabled", true)
	m.address(host, port, "1883")
	if path.text != "" {
		m.tls("mqtt", path, password, certificate.child("Protocol"), TLSOff)
	}
}

func (m *importer) udp(server *element) {
	enabled, host, port := server.child("Enable"), server.child("IPAddress"), server.child("Port")
	if !enabled.truth() {
		return
	}
	m.section("[udp]")
	m.set("enabled", true)
	m.address(host, port, "8085")
}
