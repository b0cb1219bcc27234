package tcpserver

import "time"

// Settings are the configuration settings as typed fields; Config reaches the
// same ones by their documented names.
type Settings struct {
	// AllowedClients lists who may connect, separated by commas: host names,
	// IPv4 and IPv6 addresses, CIDR blocks, and patterns with "*". Empty and
	// "*" mean everybody.
	AllowedClients string
	// BlockedClients lists who may not connect, in the same form.
	BlockedClients string
	// BindExclusively, on by default, fails when another socket is bound to the
	// port. Off lets several servers share it (SO_REUSEPORT).
	BindExclusively Switch
	// DefaultConnectionTimeout is how long a client may be silent within the
	// TLS handshake. 0 means no limit other than HandshakeTimeout.
	DefaultConnectionTimeout time.Duration
	// InBufferSize and OutBufferSize are the socket's buffers in bytes; 0
	// leaves them to the system.
	InBufferSize  int
	OutBufferSize int
	// KeepAliveTime is how long a connection is silent before the first TCP
	// keep-alive probe, and KeepAliveInterval the time between probes. 0 leaves
	// them to the system (2 hours, 75 seconds on Linux). Whole seconds; parts
	// are rounded up.
	KeepAliveTime     time.Duration
	KeepAliveInterval time.Duration
	// MaxConnections bounds the connections at one time, 1 to 100,000. 0 means
	// 1000. Further clients are closed at once and told by an Error event.
	MaxConnections int
	// TCPNoDelay sends small packets at once (no Nagle algorithm).
	TCPNoDelay bool
	// UseIPv6 is 0 for IPv4 only, 1 for IPv6 only, 2 for both.
	UseIPv6 int

	// LogSSLPackets tells each TLS record by an SSLStatus event: its kind and
	// length, and with MaskSensitiveData off its bytes as they are on the wire.
	LogSSLPackets bool
	// OpenSSLCADir and OpenSSLCAFile hold authorities that vouch for clients,
	// in PEM: a directory of files named by subject hash (or *.pem, *.crt,
	// *.cer), and one file.
	OpenSSLCADir  string
	OpenSSLCAFile string
	// OpenSSLCipherList restricts the cipher suites of TLS 1.2 and earlier, in
	// the notation of OpenSSL's ciphers(1).
	OpenSSLCipherList string
	// ReuseSSLSession, on by default, lets clients resume sessions.
	ReuseSSLSession Switch
	// SSLCACerts holds certificates in PEM that are sent after the server's own.
	SSLCACerts string
	// SSLCipherStrength is the smallest key, in bits, of a cipher that may be
	// used. 0 means any that SSLEnabledCipherSuites allows.
	SSLCipherStrength int
	// SSLClientCACerts holds authorities in PEM that vouch for clients, beside
	// those the system trusts.
	SSLClientCACerts string
	// SSLEnabledCipherSuites names the cipher suites, separated by ";". Empty
	// and "*" mean all that crypto/tls holds safe.
	SSLEnabledCipherSuites string
	// SSLEnabledProtocols is a sum of ProtocolTLS1, ProtocolTLS11,
	// ProtocolTLS12 and ProtocolTLS13. 0 means TLSConfig's versions, and
	// ProtocolTLS12 when that has none either.
	SSLEnabledProtocols int
	// SSLIncludeCertChain puts a client's whole chain in
	// ClientAuthentication.CertEncoded.
	SSLIncludeCertChain bool
	// SSLKeyLogFile is a file to which the secrets of all sessions are appended
	// for debugging, in the form Wireshark reads. It makes the traffic readable
	// for whoever has the file.
	SSLKeyLogFile string
	// SSLSecurityFlags is a sum of Flag… values that soften the verification of
	// client certificates.
	SSLSecurityFlags uint32
	// TLS12SignatureAlgorithms lists what may sign at TLS 1.2, such as
	// "sha256-rsa,sha256-ecdsa". Empty means any that crypto/tls holds safe.
	TLS12SignatureAlgorithms string
	// TLS12SupportedGroups lists key exchange groups for TLS 1.2, such as
	// "ecdhe_secp256r1". Empty means crypto/tls's choice.
	TLS12SupportedGroups string
	// TLS13SignatureAlgorithms lists what may sign at TLS 1.3, such as
	// "rsa_pss_sha256,ed25519". Empty means any that crypto/tls holds safe.
	TLS13SignatureAlgorithms string
	// TLS13SupportedGroups lists key exchange groups for TLS 1.3, such as
	// "ecdhe_x25519". Empty means crypto/tls's choice.
	TLS13SupportedGroups string

	// CodePage is the number of the code page that text methods convert to and
	// from. 0 means 65001, UTF-8.
	CodePage uint32
	// MaskSensitiveData, on by default, keeps passwords and packet contents out
	// of messages.
	MaskSensitiveData Switch
}

// The protocol bits of Settings.SSLEnabledProtocols.
const (
	ProtocolTLS1  = 192
	ProtocolTLS11 = 768
	ProtocolTLS12 = 3072
	ProtocolTLS13 = 12288

	// ProtocolsModern is what a server of today offers.
	ProtocolsModern = ProtocolTLS12 | ProtocolTLS13
)

// The bits of Settings.SSLSecurityFlags that have something to soften here.
// Revocation (0x100 to 0x800) and certificate trust lists (0x2) are never
// checked and a client's name is never compared (0x80000000), so those bits
// are accepted and always in effect.
const (
	FlagIgnoreTime       = 0x00000001 // accept certificates that are not yet or no longer valid
	FlagIgnoreNesting    = 0x00000004 // validity times need not nest; they never have to here
	FlagUnknownAuthority = 0x00000010 // accept certificates from unknown authorities
	FlagWrongUsage       = 0x00000020 // accept certificates that are not for client authentication
)
