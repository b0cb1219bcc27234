package tcpserver

import (
	"crypto/tls"
	"crypto/x509"
)

// tlsSetup is what the TLS fields come to.
type tlsSetup struct {
	config *tls.Config
	roots  *x509.CertPool // that vouch for clients; nil for the system's
}

func (s *Server) checkTLS() error {
	if s.SSLProvider != ProviderAutomatic && s.SSLProvider != ProviderPlatform {
		return &Error{Code: 270, Text: "SSLProvider: the internal provider is not supported; allowed are automatic and platform, which are crypto/tls"}
	}
	return nil
}

func (s *Server) newTLSSetup() (*tlsSetup, error) {
	cfg := &tls.Config{}
	if s.TLSConfig != nil {
		cfg = s.TLSConfig.Clone()
	}
	if s.SSLCert != nil {
		cert, err := s.SSLCert.TLS()
		if err != nil {
			return nil, wrap("SSLCert", err)
		}
		cfg.Certificates = append([]tls.Certificate{cert}, cfg.Certificates...)
	}
	if len(cfg.Certificates) == 0 && cfg.GetCertificate == nil && cfg.GetConfigForClient == nil {
		return nil, ErrNoCredentials
	}
	cfg.DynamicRecordSizingDisabled = true
	return &tlsSetup{config: cfg}, nil
}

func (t *tlsSetup) configFor(*Conn) *tls.Config { return t.config }

func describeSession(st tls.ConnectionState) string {
	return "negotiated " + tls.VersionName(st.Version) + " " + tls.CipherSuiteName(st.CipherSuite)
}
