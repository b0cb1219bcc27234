package tcpserver

import "crypto/x509"

// Events are the functions a server calls; nil ones are skipped. For one
// connection they are called in order and never at the same time; for
// different connections they run in parallel. An event may call any method of
// its connection and of the server except Shutdown and Reset, which wait for
// events to end. A panic in an event closes its connection and is told by the
// Error event; the server lives on.
type Events struct {
	// ConnectionRequest decides whether a client is let in. It is called before
	// the connection has an id, and for several clients at the same time.
	ConnectionRequest func(r *ConnectionRequest)

	// Connected tells that a connection is ready, with status 0 and "OK", or
	// that its TLS handshake failed, with the number and words of the error.
	// It is called again when the handshake after Conn.StartSSL is done.
	Connected func(c *Conn, status int, description string)

	// DataIn brings data: a line without its end, a record, or what was
	// received, as the connection is set. eol is false for a piece of a line
	// longer than MaxLineLength and for what is left when the client closes
	// in the middle of a line or record. The bytes are valid only during the call.
	DataIn func(c *Conn, text []byte, eol bool)

	// DataEnd tells that the client has finished sending, which it may do while
	// it still waits for answers. When the event returns the connection is
	// closed; with Linger everything that was queued until then is delivered.
	DataEnd func(c *Conn)

	// Disconnected tells that a connection is closed: status 0 and "OK" when
	// either side closed it in the normal way, else the error. It comes exactly
	// once for each connection that had a Connected event, as the last event.
	Disconnected func(c *Conn, status int, description string)

	// Error tells about anything exceptional. c is nil when no connection is
	// concerned.
	Error func(c *Conn, code int, description string)

	// ReadyToSend tells that a connection takes data: right after Connected,
	// and after a Send that failed with error 135 and sent nothing.
	ReadyToSend func(c *Conn)

	// SSLClientAuthentication decides on a client's certificate when
	// SSLAuthenticateClients is set, or on its absence.
	SSLClientAuthentication func(c *Conn, a *ClientAuthentication)

	// SSLConnectionRequest tells what a client offers when its handshake starts
	// and may choose another certificate for it.
	SSLConnectionRequest func(c *Conn, r *SSLRequest)

	// SSLStatus tells how a handshake goes, for logs; with
	// Settings.LogSSLPackets also each TLS record.
	SSLStatus func(c *Conn, message string)
}

// ConnectionRequest is a client that wants to be let in.
type ConnectionRequest struct {
	Address string // the client's IP address
	Port    int    // the client's port
	Accept  bool   // true unless AllowedClients or BlockedClients keep the client out; the event has the last word
}

// ClientAuthentication is the certificate a client presented.
type ClientAuthentication struct {
	// Certificates is the client's chain, its own certificate first; empty when
	// it presented none.
	Certificates []*x509.Certificate
	// CertEncoded is the client's certificate in PEM, followed by the rest of
	// its chain with Settings.SSLIncludeCertChain.
	CertEncoded []byte
	CertSubject string // distinguished name of the certificate
	CertIssuer  string // distinguished name of its issuer
	Status      string // "OK", or why the certificate does not verify
	// Accept is true when the certificate verifies; the event has the last
	// word. False fails the handshake.
	Accept bool
}

// SSLRequest is what a client offers at the start of a TLS handshake.
type SSLRequest struct {
	SupportedCipherSuites  string   // comma-separated names
	SupportedSignatureAlgs string   // comma-separated names
	ServerName             string   // the name the client asks for (SNI); may be empty
	Protocols              []string // application protocols the client offers (ALPN)

	// Certificate, when set, is shown to this client instead of SSLCert.
	Certificate Certificate
	// CertStore, when set, names a certificate store to take the certificate
	// from instead: its type (see certstore.Type), the file or the bytes of
	// the store, its password, and the subject to look for ("*" or "" is any).
	CertStoreType int
	CertStore     string
	CertPassword  string
	CertSubject   string
}
