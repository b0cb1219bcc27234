package tcpserver

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"strings"
)

// Negotiated is what a TLS handshake came to.
type Negotiated struct {
	Version             string // such as "TLS 1.3"
	CipherSuite         string // such as "TLS_AES_128_GCM_SHA256"
	Cipher              string // such as "AES_128_GCM"
	CipherStrength      int    // bits of the cipher's key
	KeyExchange         string // such as "X25519", or "RSA" without forward secrecy
	KeyExchangeStrength int    // bits of the curve or key
	Resumed             bool   // an earlier session was resumed
}

// Negotiated returns what the connection's TLS handshake came to; false when
// it is in plain text.
func (c *Conn) Negotiated() (Negotiated, bool) {
	st, ok := c.TLS()
	if !ok {
		return Negotiated{}, false
	}
	n := negotiatedOf(&st)
	if n.KeyExchange == "RSA" {
		n.KeyExchangeStrength = c.opt.tls.rsaBits()
	}
	return n, true
}

func negotiatedOf(st *tls.ConnectionState) Negotiated {
	n := Negotiated{
		Version: tls.VersionName(st.Version), CipherSuite: tls.CipherSuiteName(st.CipherSuite), Resumed: st.DidResume,
	}
	s, _ := suiteByID(st.CipherSuite)
	n.Cipher, n.CipherStrength = s.cipher, s.bits
	if s.exchange == "RSA" {
		n.KeyExchange = "RSA"
		return n
	}
	n.KeyExchange, n.KeyExchangeStrength = "ECDHE", curveBits[st.CurveID]
	if st.CurveID != 0 {
		n.KeyExchange = st.CurveID.String()
	}
	if name, ok := strings.CutPrefix(n.KeyExchange, "Curve"); ok {
		n.KeyExchange = name
	}
	return n
}

// curveBits are the sizes of the groups; of the hybrid ones, that of their
// classical half.
var curveBits = map[tls.CurveID]int{
	tls.X25519: 255, tls.CurveP256: 256, tls.CurveP384: 384, tls.CurveP521: 521,
	tls.X25519MLKEM768: 255, tls.SecP256r1MLKEM768: 256, tls.SecP384r1MLKEM1024: 384,
}

// rsaBits is the size of the first RSA key among the server's certificates.
func (t *tlsSetup) rsaBits() int {
	for _, cert := range t.base.Certificates {
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			continue
		}
		if key, ok := leaf.PublicKey.(*rsa.PublicKey); ok {
			return key.N.BitLen()
		}
	}
	return 0
}

// describeSession is the SSLStatus message of a handshake that is done.
func describeSession(st tls.ConnectionState) string {
	n := negotiatedOf(&st)
	message := "handshake done: " + n.Version + ", " + n.CipherSuite + ", key exchange " + n.KeyExchange
	if n.Resumed {
		message += ", session resumed"
	}
	return message
}
