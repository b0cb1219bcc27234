package tcpserver

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"rookery/tcpserver/certstore"
)

// tlsSetup is what the TLS fields come to.
type tlsSetup struct {
	base      *tls.Config            // every handshake starts with it
	versions  map[uint16]*tls.Config // by negotiated version, where versions differ
	userHello func(*tls.ClientHelloInfo) (*tls.Config, error)
	roots     *x509.CertPool // vouch for clients
	allowed   map[uint16][]tls.SignatureScheme
	event     bool // SSLConnectionRequest is wanted
	ask       bool // clients are asked for a certificate
	flags     uint32
	chain     bool
}

// checkTLS checks the TLS fields that must make sense even when TLS is off.
func (s *Server) checkTLS() error {
	switch s.SSLProvider {
	case ProviderAutomatic, ProviderPlatform:
	case ProviderInternal:
		return &Error{Code: 270, Text: "SSLProvider: the internal provider is not supported; allowed are ProviderAutomatic and ProviderPlatform, which are Go's crypto/tls"}
	default:
		return ErrInvalidArgument.because("SSLProvider is %d, allowed are ProviderAutomatic and ProviderPlatform", s.SSLProvider)
	}
	set := &s.Settings
	if set.SSLEnabledProtocols != 0 {
		if _, _, err := protocolRange(set.SSLEnabledProtocols); err != nil {
			return err
		}
	}
	if _, err := chooseSuites(set); err != nil {
		return err
	}
	if _, err := parseGroups("TLS12SupportedGroups", set.TLS12SupportedGroups, false); err != nil {
		return err
	}
	if _, err := parseGroups("TLS13SupportedGroups", set.TLS13SupportedGroups, true); err != nil {
		return err
	}
	if _, err := parseSignatures("TLS12SignatureAlgorithms", set.TLS12SignatureAlgorithms, signatures12, missing12); err != nil {
		return err
	}
	if _, err := parseSignatures("TLS13SignatureAlgorithms", set.TLS13SignatureAlgorithms, signatures13, missing13); err != nil {
		return err
	}
	return checkSecurityFlags(set.SSLSecurityFlags)
}

// newTLSSetup makes the configurations for crypto/tls.
func (s *Server) newTLSSetup() (*tlsSetup, error) {
	set := &s.Settings
	cfg := &tls.Config{}
	if s.TLSConfig != nil {
		cfg = s.TLSConfig.Clone()
	}
	t := &tlsSetup{
		base: cfg, userHello: cfg.GetConfigForClient, ask: s.SSLAuthenticateClients,
		event: s.Events.SSLConnectionRequest != nil, flags: set.SSLSecurityFlags, chain: set.SSLIncludeCertChain,
	}
	// Records as large as they can be: what is queued is encrypted in one go.
	cfg.DynamicRecordSizingDisabled = true
	cfg.SessionTicketsDisabled = cfg.SessionTicketsDisabled || !set.ReuseSSLSession.on(true)
	if err := s.addCertificates(cfg); err != nil {
		return nil, err
	}
	if err := setProtocols(cfg, set); err != nil {
		return nil, err
	}
	if set.SSLKeyLogFile != "" {
		w, err := newKeyLog(set.SSLKeyLogFile)
		if err != nil {
			return nil, err
		}
		cfg.KeyLogWriter = w
	}
	if t.ask {
		if err := t.askClients(set); err != nil {
			return nil, err
		}
	}
	if err := t.splitVersions(set); err != nil {
		return nil, err
	}
	if t.event || t.ask || t.versions != nil {
		cfg.GetConfigForClient = t.forClient
	}
	return t, nil
}

// addCertificates puts SSLCert, with the authorities of SSLCACerts after it,
// before the certificates of TLSConfig.
func (s *Server) addCertificates(cfg *tls.Config) error {
	if s.SSLCert == nil {
		if len(cfg.Certificates) == 0 && cfg.GetCertificate == nil && cfg.GetConfigForClient == nil {
			return ErrNoCredentials.because("TLS needs a certificate: set SSLCert, or Certificates or GetCertificate of TLSConfig")
		}
		return nil
	}
	cert, err := s.SSLCert.TLS()
	if err != nil {
		return wrap("SSLCert", err)
	}
	if len(cert.Certificate) == 0 || cert.PrivateKey == nil {
		return ErrNoCredentials.because("SSLCert needs a certificate with its private key")
	}
	if s.Settings.SSLCACerts != "" {
		chain, err := parseCertificates("SSLCACerts", s.Settings.SSLCACerts)
		if err != nil {
			return err
		}
		cert.Certificate = slices.Clone(cert.Certificate)
		for _, ca := range chain {
			if !slices.ContainsFunc(cert.Certificate, func(der []byte) bool { return string(der) == string(ca.Raw) }) {
				cert.Certificate = append(cert.Certificate, ca.Raw)
			}
		}
	}
	cfg.Certificates = append([]tls.Certificate{cert}, cfg.Certificates...)
	return nil
}

func setProtocols(cfg *tls.Config, set *Settings) (err error) {
	oldest, newest := cfg.MinVersion, cfg.MaxVersion
	switch {
	case set.SSLEnabledProtocols != 0:
		if oldest, newest, err = protocolRange(set.SSLEnabledProtocols); err != nil {
			return err
		}
	case oldest == 0 && newest == 0:
		oldest, newest = tls.VersionTLS12, tls.VersionTLS12
	}
	chosen, err := chooseSuites(set)
	if err != nil {
		return err
	}
	if chosen != nil {
		if newest == 0 {
			newest = tls.VersionTLS13
		}
		if oldest == 0 {
			oldest = tls.VersionTLS12
		}
		if cfg.CipherSuites, oldest, newest, err = limitVersions(chosen, oldest, newest); err != nil {
			return err
		}
	}
	cfg.MinVersion, cfg.MaxVersion = oldest, newest
	return nil
}

// splitVersions makes a configuration for each version that has groups or
// signature algorithms of its own; crypto/tls has one list for all.
func (t *tlsSetup) splitVersions(set *Settings) error {
	for _, v := range []struct {
		version     uint16
		groups      string
		setting     string
		signatures  string
		signSetting string
		known       map[string][]tls.SignatureScheme
		missing     []string
	}{
		{tls.VersionTLS12, set.TLS12SupportedGroups, "TLS12SupportedGroups", set.TLS12SignatureAlgorithms, "TLS12SignatureAlgorithms", signatures12, missing12},
		{tls.VersionTLS13, set.TLS13SupportedGroups, "TLS13SupportedGroups", set.TLS13SignatureAlgorithms, "TLS13SignatureAlgorithms", signatures13, missing13},
	} {
		groups, err := parseGroups(v.setting, v.groups, v.version == tls.VersionTLS13)
		if err != nil {
			return err
		}
		schemes, err := parseSignatures(v.signSetting, v.signatures, v.known, v.missing)
		if err != nil {
			return err
		}
		if groups == nil && schemes == nil {
			continue
		}
		cfg := t.base.Clone()
		if groups != nil {
			cfg.CurvePreferences = groups
		}
		if schemes != nil {
			cfg.Certificates = slices.Clone(cfg.Certificates)
			for i := range cfg.Certificates {
				cfg.Certificates[i].SupportedSignatureAlgorithms = schemes
			}
			if t.allowed == nil {
				t.allowed = map[uint16][]tls.SignatureScheme{}
			}
			t.allowed[v.version] = schemes
		}
		if t.versions == nil {
			t.versions = map[uint16]*tls.Config{}
		}
		t.versions[v.version] = cfg
	}
	return nil
}

// configFor returns the configuration to start a handshake with.
func (t *tlsSetup) configFor(*Conn) *tls.Config { return t.base }

// forClient is called by crypto/tls with what the client offers.
func (t *tlsSetup) forClient(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	side, ok := hello.Conn.(*tlsSide)
	if !ok {
		return nil, nil
	}
	cfg := t.base
	if v := t.versions[negotiated(hello, t.base)]; v != nil {
		cfg = v
	}
	own := false
	change := func() *tls.Config {
		if !own {
			cfg, own = cfg.Clone(), true
		}
		return cfg
	}
	if t.userHello != nil {
		theirs, err := t.userHello(hello)
		if err != nil {
			return nil, err
		}
		if theirs != nil {
			cfg = theirs
		}
	}
	if t.event {
		cert, err := side.c.askForCertificate(hello)
		if err != nil {
			return nil, err
		}
		if cert != nil {
			c := change()
			c.Certificates, c.GetCertificate = []tls.Certificate{*cert}, nil
		}
	}
	if t.ask {
		before := cfg.VerifyConnection
		change().VerifyConnection = func(st tls.ConnectionState) error {
			if before != nil {
				if err := before(st); err != nil {
					return err
				}
			}
			return side.c.authenticate(t, &st)
		}
	}
	return cfg, nil
}

// negotiated is the version that the handshake will come to.
func negotiated(hello *tls.ClientHelloInfo, cfg *tls.Config) (best uint16) {
	for _, v := range hello.SupportedVersions {
		if v >= cfg.MinVersion && (cfg.MaxVersion == 0 || v <= cfg.MaxVersion) && v <= tls.VersionTLS13 {
			best = max(best, v)
		}
	}
	return best
}

// askForCertificate calls SSLConnectionRequest and returns the certificate it
// chose, nil for none.
func (c *Conn) askForCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	r := &SSLRequest{ServerName: hello.ServerName, Protocols: hello.SupportedProtos}
	for i, id := range hello.CipherSuites {
		r.SupportedCipherSuites += comma(i) + tls.CipherSuiteName(id)
	}
	for i, scheme := range hello.SignatureSchemes {
		r.SupportedSignatureAlgs += comma(i) + schemeName(scheme)
	}
	if f := c.opt.events.SSLConnectionRequest; f != nil {
		c.tell("SSLConnectionRequest", func() { f(c, r) })
	}
	chosen := r.Certificate
	if chosen == nil && r.CertStore != "" {
		cert, err := certstore.Open(r.source())
		if err != nil {
			return nil, wrap("SSLConnectionRequest", err)
		}
		chosen = cert
	}
	if chosen == nil {
		return nil, nil
	}
	cert, err := chosen.TLS()
	if err != nil {
		return nil, wrap("SSLConnectionRequest", err)
	}
	return &cert, nil
}

// source is the certificate store that the event named.
func (r *SSLRequest) source() certstore.Source {
	src := certstore.Source{Type: certstore.Type(r.CertStoreType), Password: r.CertPassword, Subject: r.CertSubject}
	switch src.Type {
	case certstore.PFXBlob, certstore.JKSBlob, certstore.PEMKeyBlob, certstore.PublicKeyBlob,
		certstore.SSHPublicKeyBlob, certstore.P7BBlob, certstore.PPKBlob, certstore.XMLBlob,
		certstore.JWKBlob, certstore.BCFKSBlob:
		src.Data = []byte(r.CertStore)
	case certstore.Auto:
		if _, err := os.Stat(r.CertStore); err != nil {
			src.Data = []byte(r.CertStore)
			break
		}
		src.Path = r.CertStore
	default:
		src.Path = r.CertStore
	}
	return src
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// parseCertificates reads certificates in PEM, with anything between them.
func parseCertificates(setting, text string) (certs []*x509.Certificate, err error) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" && block.Type != "X509 CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &Error{Code: 271, Text: setting + ": a certificate cannot be read", Err: err}
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, &Error{Code: 271, Text: setting + ": no PEM certificate (-----BEGIN CERTIFICATE-----) found"}
	}
	return certs, nil
}

var hashedName = regexp.MustCompile(`^[0-9a-f]{8}\.[0-9]+$`)

// parseCertificateDir reads the authorities of OpenSSLCADir.
func parseCertificateDir(dir string) (certs []*x509.Certificate, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &Error{Code: 271, Text: "OpenSSLCADir", Err: err}
	}
	for _, e := range entries {
		ext := strings.ToLower(filepath.Ext(e.Name()))
		if !hashedName.MatchString(e.Name()) && ext != ".pem" && ext != ".crt" && ext != ".cer" {
			continue
		}
		found, err := parseCertificateFile("OpenSSLCADir", filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		certs = append(certs, found...)
	}
	if len(certs) == 0 {
		return nil, &Error{Code: 271, Text: "OpenSSLCADir: " + dir + " has no files named by subject hash (see openssl rehash), *.pem, *.crt or *.cer"}
	}
	return certs, nil
}

func parseCertificateFile(setting, name string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &Error{Code: 271, Text: setting, Err: err}
	}
	return parseCertificates(setting+" "+name, string(text))
}

// keyLog appends to a file of session secrets. It opens the file for each line:
// nobody needs to close it, and it may be moved away meanwhile.
type keyLog struct {
	mu   sync.Mutex
	name string
}

func newKeyLog(name string) (*keyLog, error) {
	k := &keyLog{name: name}
	if _, err := k.Write(nil); err != nil {
		return nil, wrap("SSLKeyLogFile", err)
	}
	return k, nil
}

func (k *keyLog) Write(line []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, err := os.OpenFile(k.name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := f.Write(line)
	if err := f.Close(); err != nil {
		return n, err
	}
	return n, err
}
