package tcpserver

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"time"
)

// askClients has clients asked for a certificate, which authenticate decides on.
func (t *tlsSetup) askClients(set *Settings) error {
	var trusted []*x509.Certificate
	for _, source := range []struct {
		value string
		read  func() ([]*x509.Certificate, error)
	}{
		{set.SSLClientCACerts, func() ([]*x509.Certificate, error) {
			return parseCertificates("SSLClientCACerts", set.SSLClientCACerts)
		}},
		{set.OpenSSLCAFile, func() ([]*x509.Certificate, error) {
			return parseCertificateFile("OpenSSLCAFile", set.OpenSSLCAFile)
		}},
		{set.OpenSSLCADir, func() ([]*x509.Certificate, error) { return parseCertificateDir(set.OpenSSLCADir) }},
	} {
		if source.value == "" {
			continue
		}
		certs, err := source.read()
		if err != nil {
			return err
		}
		trusted = append(trusted, certs...)
	}
	// A pool that TLSConfig brings is the whole of what is trusted; else the
	// system's authorities count too.
	hints := t.base.ClientCAs
	if hints == nil {
		hints = x509.NewCertPool()
		system, err := x509.SystemCertPool()
		if err != nil {
			system = x509.NewCertPool()
		}
		t.roots = system
	} else {
		hints = hints.Clone()
		t.roots = hints.Clone()
	}
	for _, cert := range trusted {
		hints.AddCert(cert)
		t.roots.AddCert(cert)
	}
	// crypto/tls shows clients the names of ClientCAs so that they can choose;
	// the decision is authenticate's.
	t.base.ClientCAs = hints
	t.base.ClientAuth = tls.RequestClientCert
	return nil
}

// authenticate calls SSLClientAuthentication with the verdict on the client's
// certificate and returns an error when it is not accepted.
func (c *Conn) authenticate(t *tlsSetup, st *tls.ConnectionState) error {
	a := &ClientAuthentication{Certificates: st.PeerCertificates, Status: "OK", Accept: true}
	verdict := t.verify(st)
	if verdict != nil {
		a.Status, a.Accept = verdict.describe(), false
	}
	if len(st.PeerCertificates) > 0 {
		leaf := st.PeerCertificates[0]
		a.CertSubject, a.CertIssuer = leaf.Subject.String(), leaf.Issuer.String()
		shown := st.PeerCertificates[:1]
		if t.chain {
			shown = st.PeerCertificates
		}
		for _, cert := range shown {
			a.CertEncoded = append(a.CertEncoded, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
		}
	}
	if f := c.opt.events.SSLClientAuthentication; f != nil {
		c.tell("SSLClientAuthentication", func() { f(c, a) })
	}
	if a.Accept {
		return nil
	}
	if verdict == nil {
		verdict = &Error{Code: 280, Text: "the client's certificate was refused by the SSLClientAuthentication event"}
	}
	return verdict
}

func checkSecurityFlags(flags uint32) error {
	const (
		inEffect = 0x2 | 0x100 | 0x200 | 0x400 | 0x800 | 0x80000000
		known    = FlagIgnoreTime | FlagIgnoreNesting | FlagUnknownAuthority | FlagWrongUsage | inEffect
	)
	switch {
	case flags&(0x4000|0x8000) != 0:
		return ErrInvalidArgument.because("SSLSecurityFlags: there are no test roots (0x4000, 0x8000) here; name authorities in SSLClientCACerts")
	case flags&^known != 0:
		return ErrInvalidArgument.because("SSLSecurityFlags: bits 0x%x mean nothing; allowed are 0x1, 0x2, 0x4, 0x10, 0x20, 0x100, 0x200, 0x400, 0x800 and 0x80000000", flags&^known)
	}
	return nil
}

// verify checks the client's chain as SSLSecurityFlags says.
func (t *tlsSetup) verify(st *tls.ConnectionState) *Error {
	if len(st.PeerCertificates) == 0 {
		return &Error{Code: 281, Text: errorTexts[281]}
	}
	leaf := st.PeerCertificates[0]
	if allowed := t.allowed[st.Version]; allowed != nil && !slices.Contains(allowed, signedWith(leaf.SignatureAlgorithm)) {
		return &Error{Code: 280, Text: "the client's certificate is signed with " + leaf.SignatureAlgorithm.String() + ", which the allowed signature algorithms leave out"}
	}
	opts := x509.VerifyOptions{
		Roots: t.roots, Intermediates: x509.NewCertPool(), CurrentTime: time.Now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if t.flags&FlagWrongUsage != 0 {
		opts.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	}
	for _, cert := range st.PeerCertificates[1:] {
		opts.Intermediates.AddCert(cert)
	}
	if t.flags&FlagUnknownAuthority != 0 {
		// Whatever stands at the top of what the client sent is taken for an
		// authority; time, usage and signatures below it still count.
		opts.Roots = t.roots.Clone()
		opts.Roots.AddCert(st.PeerCertificates[len(st.PeerCertificates)-1])
	}
	_, err := leaf.Verify(opts)
	if err != nil && t.flags&FlagIgnoreTime != 0 {
		err = verifyAtAnyTime(st.PeerCertificates, opts, err)
	}
	if err != nil {
		return wrap("the client's certificate does not verify", err)
	}
	return nil
}

// verifyAtAnyTime looks for a moment at which the chain holds: when there is
// one, it is at a boundary of a certificate's validity.
func verifyAtAnyTime(chain []*x509.Certificate, opts x509.VerifyOptions, err error) error {
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		return err
	}
	for _, cert := range chain {
		for _, at := range []time.Time{cert.NotBefore, cert.NotAfter} {
			opts.CurrentTime = at
			if _, again := chain[0].Verify(opts); again == nil {
				return nil
			}
		}
	}
	return err
}

// signedWith is the TLS name of a certificate's signature.
func signedWith(a x509.SignatureAlgorithm) tls.SignatureScheme {
	return map[x509.SignatureAlgorithm]tls.SignatureScheme{
		x509.SHA1WithRSA: tls.PKCS1WithSHA1, x509.SHA256WithRSA: tls.PKCS1WithSHA256,
		x509.SHA384WithRSA: tls.PKCS1WithSHA384, x509.SHA512WithRSA: tls.PKCS1WithSHA512,
		x509.SHA256WithRSAPSS: tls.PSSWithSHA256, x509.SHA384WithRSAPSS: tls.PSSWithSHA384,
		x509.SHA512WithRSAPSS: tls.PSSWithSHA512, x509.ECDSAWithSHA1: tls.ECDSAWithSHA1,
		x509.ECDSAWithSHA256: tls.ECDSAWithP256AndSHA256, x509.ECDSAWithSHA384: tls.ECDSAWithP384AndSHA384,
		x509.ECDSAWithSHA512: tls.ECDSAWithP521AndSHA512, x509.PureEd25519: tls.Ed25519,
	}[a]
}
