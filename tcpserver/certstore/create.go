package certstore

import (
	"crypto/x509/pkix"
	"io"
	"time"
)

// KeyType is the kind of key that a new certificate gets.
type KeyType string

// The kinds of keys that can be made.
const (
	ECDSAP256 KeyType = "ecdsa-p256" // the default
	ECDSAP384 KeyType = "ecdsa-p384"
	Ed25519   KeyType = "ed25519"
	RSA2048   KeyType = "rsa-2048"
	RSA3072   KeyType = "rsa-3072"
	RSA4096   KeyType = "rsa-4096"
)

// Template says what a new certificate holds. The zero value is a certificate
// for localhost with an ECDSA P-256 key.
type Template struct {
	// Subject is the distinguished name. Without a common name it takes the
	// first host.
	Subject pkix.Name
	// Hosts are DNS names, IP addresses, e-mail addresses and URIs that the
	// certificate is for. Empty means localhost, 127.0.0.1 and ::1, except for
	// CAs and client certificates.
	Hosts []string
	// Key is the kind of key; empty is ECDSAP256.
	Key KeyType
	// NotBefore is the start of validity; zero is five minutes ago, for
	// clocks that differ.
	NotBefore time.Time
	// ValidFor is the time of validity; zero is 825 days (CA: 10 years), the
	// longest that all TLS clients take.
	ValidFor time.Duration
	// Client makes a certificate for TLS clients in place of one for servers.
	Client bool
}

// CreateSelfSigned makes a certificate with its private key that vouches for
// itself.
func CreateSelfSigned(t Template) (*Certificate, error) { return nil, ErrUnsupported }

// CreateCA makes a certificate authority that can [Issue].
func CreateCA(t Template) (*Certificate, error) { return nil, ErrUnsupported }

// Issue makes a certificate with its private key that the authority ca vouches
// for. Its chain holds the authority.
func Issue(ca *Certificate, t Template) (*Certificate, error) { return nil, ErrUnsupported }

// WritePEM writes the private key (PKCS#8) if there is one, the certificate
// and its chain. A password that is not empty encrypts the key (PBES2 with
// PBKDF2-HMAC-SHA256 and AES-256-CBC, RFC 8018).
func WritePEM(w io.Writer, c *Certificate, password string) error { return ErrUnsupported }

// WriteCertificatePEM writes the certificate alone, without key and chain.
func WriteCertificatePEM(w io.Writer, c *Certificate) error { return ErrUnsupported }

// WritePFX writes the certificate, its chain and its private key as PKCS#12
// (AES-256, HMAC-SHA256), which current systems read.
func WritePFX(w io.Writer, c *Certificate, password string) error { return ErrUnsupported }
