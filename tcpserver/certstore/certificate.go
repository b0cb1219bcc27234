package certstore

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"
)

// Certificate is one entry of a store: an X.509 certificate with or without
// its private key, or a bare key. Its methods give the documented fields; a
// field that the entry does not have is empty.
type Certificate struct {
	source Source
	name   string // alias, comment or label within the store
	cert   *x509.Certificate
	chain  []*x509.Certificate // the rest of the chain, nearest issuer first
	pub    crypto.PublicKey
	key    crypto.Signer
	token  tokenKey // not nil when the entry lives in a PKCS#11 token
}

// tokenKey is what keeps an entry of a PKCS#11 token usable.
type tokenKey interface {
	uri() string
	Close() error
}

// dateLayout is the documented form of dates, "23-Jan-2000 15:00:00".
const dateLayout = "02-Jan-2006 15:04:05"

// X509 returns the parsed certificate, or nil for a bare key. It must not be
// changed.
func (c *Certificate) X509() *x509.Certificate { return c.cert }

// Chain returns the certificates above this one that the store holds, nearest
// issuer first. They must not be changed.
func (c *Certificate) Chain() []*x509.Certificate { return c.chain }

// Key returns the private key, or nil when the store does not hold it. A key
// in a token signs in the token.
func (c *Certificate) Key() crypto.Signer { return c.key }

// Public returns the public key.
func (c *Certificate) Public() crypto.PublicKey { return c.pub }

// Name returns what the store calls the entry: an alias, comment, key id or
// label. It may be empty.
func (c *Certificate) Name() string { return c.name }

// Store returns the path that the certificate was opened from, or for an
// entry of a PKCS#11 token the RFC 7512 URI that opens exactly this entry
// again.
func (c *Certificate) Store() string {
	if c.token != nil {
		return c.token.uri()
	}
	return c.source.Path
}

// StoreB returns the blob that the certificate was opened from, or the bytes
// of Store.
func (c *Certificate) StoreB() []byte {
	if len(c.source.Data) > 0 {
		return append([]byte(nil), c.source.Data...)
	}
	return []byte(c.Store())
}

// StorePassword returns the password that opened the store.
func (c *Certificate) StorePassword() string { return c.source.Password }

// KeyPassword returns the password that opened the private key.
func (c *Certificate) KeyPassword() string { return c.source.keyPassword() }

// StoreType returns the type of the store; for [Auto], the type found.
func (c *Certificate) StoreType() Type { return c.source.Type }

// EffectiveDate is the time from which the certificate is valid, in local
// time, such as "23-Jan-2000 15:00:00".
func (c *Certificate) EffectiveDate() string {
	if c.cert == nil {
		return ""
	}
	return formatDate(c.cert.NotBefore)
}

// ExpirationDate is the time after which the certificate is no longer valid,
// in local time, such as "23-Jan-2001 15:00:00".
func (c *Certificate) ExpirationDate() string {
	if c.cert == nil {
		return ""
	}
	return formatDate(c.cert.NotAfter)
}

func formatDate(t time.Time) string { return t.Local().Format(dateLayout) }

// Subject is the distinguished name of the certificate's subject, in the
// order of the certificate, such as "CN=www.example.com, O=Example, C=US".
func (c *Certificate) Subject() string {
	if c.cert == nil {
		return ""
	}
	return formatName(c.cert.RawSubject)
}

// Issuer is the distinguished name of the certificate's issuer.
func (c *Certificate) Issuer() string {
	if c.cert == nil {
		return ""
	}
	return formatName(c.cert.RawIssuer)
}

// SubjectAltNames are the alternative names, separated by commas: DNS names,
// addresses, e-mail addresses and URIs.
func (c *Certificate) SubjectAltNames() string {
	if c.cert == nil {
		return ""
	}
	var names []string
	names = append(names, c.cert.DNSNames...)
	for _, ip := range c.cert.IPAddresses {
		names = append(names, ip.String())
	}
	names = append(names, c.cert.EmailAddresses...)
	for _, u := range c.cert.URIs {
		names = append(names, u.String())
	}
	return strings.Join(names, ",")
}

// SerialNumber is the serial number in hex, two digits a byte.
func (c *Certificate) SerialNumber() string {
	if c.cert == nil || c.cert.SerialNumber == nil {
		return ""
	}
	b := c.cert.SerialNumber.Bytes()
	if len(b) == 0 {
		b = []byte{0}
	}
	return fmt.Sprintf("%X", b)
}

// Version is "V1", "V2" or "V3".
func (c *Certificate) Version() string {
	if c.cert == nil {
		return ""
	}
	return fmt.Sprintf("V%d", c.cert.Version)
}

// PublicKey is the public key in PEM (SubjectPublicKeyInfo).
func (c *Certificate) PublicKey() string {
	der, err := marshalPublic(c.pub, c.cert)
	if err != nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// PrivateKeyAvailable tells whether the store holds the private key, so that
// the certificate can be used to authenticate.
func (c *Certificate) PrivateKeyAvailable() bool { return c.key != nil }

// PrivateKey is the private key in PEM (PKCS#8, not encrypted). It is empty
// when there is none or when its token does not give it away.
func (c *Certificate) PrivateKey() string {
	if c.key == nil {
		return ""
	}
	der, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// PrivateKeyContainer is the name of a Windows key container, and so always
// empty.
func (c *Certificate) PrivateKeyContainer() string { return "" }

// Encoded is the certificate in PEM. For a bare key it is the public key in
// PEM.
func (c *Certificate) Encoded() string {
	if c.cert == nil {
		return c.PublicKey()
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw}))
}

// EncodedB is Encoded as bytes.
func (c *Certificate) EncodedB() []byte { return []byte(c.Encoded()) }

// TLS returns the certificate with its chain, but for the root, and its
// private key for use in a [tls.Config]. It is an [*Error] when the entry has no certificate
// ([ErrNoCertificate]), no private key ([ErrNoPrivateKey]) or a key of another
// certificate ([ErrKeyMismatch]).
func (c *Certificate) TLS() (tls.Certificate, error) {
	fail := func(err error) (tls.Certificate, error) {
		return tls.Certificate{}, &Error{Code: CodeNoCredential, Type: c.source.Type, Store: c.source.Path, Err: err}
	}
	switch {
	case c.cert == nil:
		return fail(ErrNoCertificate)
	case c.key == nil:
		return fail(ErrNoPrivateKey)
	case !publicEqual(c.key.Public(), c.cert.PublicKey):
		return fail(ErrKeyMismatch)
	}
	out := tls.Certificate{PrivateKey: c.key, Leaf: c.cert, Certificate: [][]byte{c.cert.Raw}}
	for _, above := range c.chain {
		if bytes.Equal(above.RawIssuer, above.RawSubject) {
			break // RFC 8446 §4.4.2: a peer that trusts the root has it
		}
		out.Certificate = append(out.Certificate, above.Raw)
	}
	return out, nil
}

// Close ends the session of an entry that lives in a PKCS#11 token; its key
// cannot sign afterwards. For other entries it does nothing. An entry that
// nobody closes ends its session when it is garbage.
func (c *Certificate) Close() error {
	if c.token == nil {
		return nil
	}
	return c.token.Close()
}

func publicEqual(a, b crypto.PublicKey) bool {
	eq, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && eq.Equal(b)
}
