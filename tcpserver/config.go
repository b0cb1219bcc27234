package tcpserver

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config reads a configuration setting, Config("Name"), or sets one,
// Config("Name=Value"), by its documented name in any case. It returns the
// value after that. Truth values are True, False, Yes, No, 1 and 0 in any
// case. What a handshake came to belongs to a connection:
// Config("SSLNegotiatedVersion[17]").
//
// A setting that is changed while the server listens holds for connections
// that arrive from then on, like Apply. Every error is error 10022, which names
// what is allowed, or the error of the setting, such as 108.
func (s *Server) Config(setting string) (string, error) {
	name, value, set := strings.Cut(setting, "=")
	name = strings.TrimSpace(name)
	base, id, perConn := strings.Cut(name, "[")
	if perConn {
		if !strings.HasSuffix(id, "]") {
			return "", ErrInvalidArgument.because("setting %q lacks the closing ]", name)
		}
		name, id = base, strings.TrimSuffix(id, "]")
	}
	i := slices.IndexFunc(configTable, func(c configEntry) bool { return strings.EqualFold(c.name, name) })
	if i < 0 {
		names := make([]string, len(configTable))
		for i, c := range configTable {
			names[i] = c.name
		}
		return "", ErrInvalidArgument.because("unknown setting %q; settings are %s", name, strings.Join(names, ", "))
	}
	entry := configTable[i]
	if entry.conn != nil {
		return s.connConfig(entry, id, perConn, set)
	}
	if perConn {
		return "", ErrInvalidArgument.because("%s is a setting of the server, not of a connection", entry.name)
	}
	s.fields.Lock()
	defer s.fields.Unlock()
	if set {
		if entry.set == nil {
			return "", ErrInvalidArgument.because("%s can only be read", entry.name)
		}
		before := s.Settings
		err := entry.set(&s.Settings, strings.TrimSpace(value))
		if err == nil {
			_, err = s.plainOptions()
		}
		if err == nil {
			err = s.apply()
		}
		if err != nil {
			s.Settings = before
			return "", wrapSetting(entry.name, err)
		}
	}
	return entry.get(&s.Settings), nil
}

// wrapSetting keeps an error's number and makes sure that the setting is named.
func wrapSetting(name string, err error) error {
	e := wrap("", err)
	if strings.Contains(e.describe(), name) {
		return e
	}
	return &Error{Code: e.Code, Text: name + ": " + e.Text, Err: e.Err}
}

func (s *Server) connConfig(entry configEntry, id string, perConn, set bool) (string, error) {
	if set {
		return "", ErrInvalidArgument.because("%s can only be read", entry.name)
	}
	if !perConn {
		return "", ErrInvalidArgument.because("%s belongs to a connection: read %s[connectionId]", entry.name, entry.name)
	}
	c, err := s.Conn(id)
	if err != nil {
		return "", err
	}
	n, ok := c.Negotiated()
	if !ok {
		return "", nil
	}
	return entry.conn(n), nil
}

type configEntry struct {
	name string
	get  func(*Settings) string
	set  func(*Settings, string) error
	conn func(Negotiated) string
}

var configTable = []configEntry{
	text("AllowedClients", "*", func(s *Settings) *string { return &s.AllowedClients }),
	onOff("BindExclusively", true, func(s *Settings) *Switch { return &s.BindExclusively }),
	text("BlockedClients", "", func(s *Settings) *string { return &s.BlockedClients }),
	period("DefaultConnectionTimeout", time.Second, func(s *Settings) *time.Duration { return &s.DefaultConnectionTimeout }),
	number("InBufferSize", 0, func(s *Settings) *int { return &s.InBufferSize }),
	period("KeepAliveInterval", time.Millisecond, func(s *Settings) *time.Duration { return &s.KeepAliveInterval }),
	period("KeepAliveTime", time.Millisecond, func(s *Settings) *time.Duration { return &s.KeepAliveTime }),
	number("MaxConnections", defaultMaxConnections, func(s *Settings) *int { return &s.MaxConnections }),
	number("OutBufferSize", 0, func(s *Settings) *int { return &s.OutBufferSize }),
	truth("TcpNoDelay", func(s *Settings) *bool { return &s.TCPNoDelay }),
	number("UseIPv6", 0, func(s *Settings) *int { return &s.UseIPv6 }),

	truth("LogSSLPackets", func(s *Settings) *bool { return &s.LogSSLPackets }),
	checked(text("OpenSSLCADir", "", func(s *Settings) *string { return &s.OpenSSLCADir }), func(v string) error {
		_, err := parseCertificateDir(v)
		return err
	}),
	checked(text("OpenSSLCAFile", "", func(s *Settings) *string { return &s.OpenSSLCAFile }), func(v string) error {
		_, err := parseCertificateFile("OpenSSLCAFile", v)
		return err
	}),
	text("OpenSSLCipherList", "DEFAULT", func(s *Settings) *string { return &s.OpenSSLCipherList }),
	fixed("OpenSSLPrngSeedData", "", "the random numbers of crypto/tls come from the operating system and cannot be seeded; leave it empty"),
	onOff("ReuseSSLSession", true, func(s *Settings) *Switch { return &s.ReuseSSLSession }),
	fixed("SSLAcceptAnyServerCert", "False", "a server sees no server certificates; what clients present is decided by SSLSecurityFlags and the SSLClientAuthentication event; allowed is False"),
	checked(text("SSLCACerts", "", func(s *Settings) *string { return &s.SSLCACerts }), func(v string) error {
		_, err := parseCertificates("SSLCACerts", v)
		return err
	}),
	number("SSLCipherStrength", 0, func(s *Settings) *int { return &s.SSLCipherStrength }),
	checked(text("SSLClientCACerts", "", func(s *Settings) *string { return &s.SSLClientCACerts }), func(v string) error {
		_, err := parseCertificates("SSLClientCACerts", v)
		return err
	}),
	text("SSLEnabledCipherSuites", "*", func(s *Settings) *string { return &s.SSLEnabledCipherSuites }),
	number("SSLEnabledProtocols", ProtocolTLS12, func(s *Settings) *int { return &s.SSLEnabledProtocols }),
	fixed("SSLEnableRenegotiation", "False", "crypto/tls never renegotiates as a server; the renegotiation_info extension is always answered; allowed is False"),
	truth("SSLIncludeCertChain", func(s *Settings) *bool { return &s.SSLIncludeCertChain }),
	text("SSLKeyLogFile", "", func(s *Settings) *string { return &s.SSLKeyLogFile }),
	{name: "SSLNegotiatedCipher", conn: func(n Negotiated) string { return n.Cipher }},
	{name: "SSLNegotiatedCipherStrength", conn: func(n Negotiated) string { return strconv.Itoa(n.CipherStrength) }},
	{name: "SSLNegotiatedCipherSuite", conn: func(n Negotiated) string { return n.CipherSuite }},
	{name: "SSLNegotiatedKeyExchange", conn: func(n Negotiated) string { return n.KeyExchange }},
	{name: "SSLNegotiatedKeyExchangeStrength", conn: func(n Negotiated) string { return strconv.Itoa(n.KeyExchangeStrength) }},
	{name: "SSLNegotiatedVersion", conn: func(n Negotiated) string { return n.Version }},
	flags("SSLSecurityFlags", func(s *Settings) *uint32 { return &s.SSLSecurityFlags }),
	fixed("SSLServerCACerts", "", "a server sees no server certificates; authorities that vouch for clients go in SSLClientCACerts; leave it empty"),
	text("TLS12SignatureAlgorithms", "sha512-ecdsa,sha512-rsa,sha384-ecdsa,sha384-rsa,sha256-ecdsa,sha256-rsa,sha1-ecdsa,sha1-rsa",
		func(s *Settings) *string { return &s.TLS12SignatureAlgorithms }),
	text("TLS12SupportedGroups", "ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1,ecdhe_x25519",
		func(s *Settings) *string { return &s.TLS12SupportedGroups }),
	fixed("TLS13KeyShareGroups", "", "a server makes the one key share that the client's choice asks for, none in advance; groups go in TLS13SupportedGroups; leave it empty"),
	text("TLS13SignatureAlgorithms", "rsa_pss_sha256,rsa_pss_sha384,rsa_pss_sha512,rsa_pkcs1_sha256,rsa_pkcs1_sha384,rsa_pkcs1_sha512,"+
		"ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,ecdsa_secp521r1_sha512,ed25519",
		func(s *Settings) *string { return &s.TLS13SignatureAlgorithms }),
	text("TLS13SupportedGroups", "ecdhe_x25519,ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1,x25519mlkem768,secp256r1mlkem768,secp384r1mlkem1024",
		func(s *Settings) *string { return &s.TLS13SupportedGroups }),

	{name: "BuildInfo", get: func(*Settings) string { return buildInfo() }},
	codePage(),
	{name: "LicenseInfo", get: func(*Settings) string {
		return "Product: tcpserver\nLicense: Apache License 2.0\nLicense Source: the file LICENSE of the module\nLicense Type: open source, no key, no expiry"
	}},
	onOff("MaskSensitiveData", true, func(s *Settings) *Switch { return &s.MaskSensitiveData }),
	fixed("UseInternalSecurityAPI", "False", "there is one implementation, Go's crypto/tls; allowed is False"),
}

// text is a setting of any text; "" in the field reads as the default.
func text(name, byDefault string, field func(*Settings) *string) configEntry {
	return configEntry{
		name: name,
		get: func(s *Settings) string {
			if v := *field(s); v != "" {
				return v
			}
			return byDefault
		},
		set: func(s *Settings, v string) error {
			if v == byDefault {
				v = ""
			}
			*field(s) = v
			return nil
		},
	}
}

// checked adds a check of a text that is not empty.
func checked(e configEntry, check func(string) error) configEntry {
	set := e.set
	e.set = func(s *Settings, v string) error {
		if v != "" {
			if err := check(v); err != nil {
				return err
			}
		}
		return set(s, v)
	}
	return e
}

func number(name string, byDefault int, field func(*Settings) *int) configEntry {
	return configEntry{
		name: name,
		get: func(s *Settings) string {
			if v := *field(s); v != 0 {
				return strconv.Itoa(v)
			}
			return strconv.Itoa(byDefault)
		},
		set: func(s *Settings, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil {
				return notNumber(name, v)
			}
			if n == 0 && byDefault != 0 {
				return ErrInvalidArgument.because("%s is 0, allowed is 1 or more", name)
			}
			*field(s) = n
			return nil
		},
	}
}

func notNumber(name, v string) error {
	return ErrInvalidArgument.because("%s: %q is not a whole number", name, v)
}

// period is a time that is written as a whole number of units.
func period(name string, unit time.Duration, field func(*Settings) *time.Duration) configEntry {
	return configEntry{
		name: name,
		get:  func(s *Settings) string { return strconv.FormatInt(int64(*field(s)/unit), 10) },
		set: func(s *Settings, v string) error {
			n, err := strconv.ParseInt(v, 10, 32)
			if err != nil || n < 0 {
				return ErrInvalidArgument.because("%s: %q is not a whole number of %s, 0 or more", name, v,
					map[time.Duration]string{time.Second: "seconds", time.Millisecond: "milliseconds"}[unit])
			}
			*field(s) = time.Duration(n) * unit
			return nil
		},
	}
}

func parseTruth(name, v string) (bool, error) {
	switch strings.ToLower(v) {
	case "true", "yes", "1":
		return true, nil
	case "false", "no", "0":
		return false, nil
	}
	return false, ErrInvalidArgument.because("%s: %q is not a truth value; allowed are True, False, Yes, No, 1 and 0", name, v)
}

func showTruth(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

func truth(name string, field func(*Settings) *bool) configEntry {
	return configEntry{
		name: name,
		get:  func(s *Settings) string { return showTruth(*field(s)) },
		set: func(s *Settings, v string) (err error) {
			*field(s), err = parseTruth(name, v)
			return err
		},
	}
}

func onOff(name string, byDefault bool, field func(*Settings) *Switch) configEntry {
	return configEntry{
		name: name,
		get:  func(s *Settings) string { return showTruth(field(s).on(byDefault)) },
		set: func(s *Settings, v string) error {
			on, err := parseTruth(name, v)
			if err != nil {
				return err
			}
			*field(s) = Off
			if on {
				*field(s) = On
			}
			return nil
		},
	}
}

// flags is a number that may be written in hex, 0x….
func flags(name string, field func(*Settings) *uint32) configEntry {
	return configEntry{
		name: name,
		get:  func(s *Settings) string { return strconv.FormatUint(uint64(*field(s)), 10) },
		set: func(s *Settings, v string) error {
			n, err := strconv.ParseUint(v, 0, 32)
			if err != nil {
				return ErrInvalidArgument.because("%s: %q is not a whole number of at most 32 bits, decimal or 0x hex", name, v)
			}
			*field(s) = uint32(n)
			return nil
		},
	}
}

// fixed is a setting that can only have one value here; any other is refused
// with the reason.
func fixed(name, value, why string) configEntry {
	return configEntry{
		name: name,
		get:  func(*Settings) string { return value },
		set: func(_ *Settings, v string) error {
			if value == "False" {
				if on, err := parseTruth(name, v); err != nil || !on {
					return err
				}
			} else if v == value {
				return nil
			}
			code := ErrInvalidArgument.Code
			if name == "UseInternalSecurityAPI" {
				code = 270
			}
			return &Error{Code: code, Text: fmt.Sprintf("%s: %s", name, why)}
		},
	}
}

func codePage() configEntry {
	return configEntry{
		name: "CodePage",
		get: func(s *Settings) string {
			if s.CodePage == 0 {
				return "65001"
			}
			return strconv.FormatUint(uint64(s.CodePage), 10)
		},
		set: func(s *Settings, v string) error {
			n, err := strconv.ParseUint(v, 0, 32)
			if err != nil || n == 0 {
				return ErrInvalidArgument.because("CodePage: %q is not the number of a code page, such as 65001 for UTF-8", v)
			}
			s.CodePage = uint32(n)
			return nil
		},
	}
}

func buildInfo() string {
	module, version := "rookery/tcpserver", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version += " " + s.Value
			}
		}
	}
	return fmt.Sprintf("%s %s, %s, %s/%s", module, version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
