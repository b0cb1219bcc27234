package certstore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strings"
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

// KeyTypes returns every kind of key, for help texts.
func KeyTypes() []KeyType {
	return []KeyType{ECDSAP256, ECDSAP384, Ed25519, RSA2048, RSA3072, RSA4096}
}

const (
	defaultValidity   = 825 * 24 * time.Hour // the longest that Apple's TLS clients take from private CAs
	defaultCAValidity = 10 * 365 * 24 * time.Hour
	clockSkew         = 5 * time.Minute
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
	// ValidFor is the time of validity; zero is 825 days, for a CA ten years.
	// An issued certificate never outlives its CA.
	ValidFor time.Duration
	// Client makes a certificate for TLS clients in place of one for servers.
	Client bool
}

// CreateSelfSigned makes a certificate with its private key that vouches for
// itself.
func CreateSelfSigned(t Template) (*Certificate, error) {
	return create(nil, t, false)
}

// CreateCA makes a certificate authority that can [Issue] end certificates,
// but no further authorities.
func CreateCA(t Template) (*Certificate, error) {
	return create(nil, t, true)
}

// Issue makes a certificate with its private key that the authority ca vouches
// for. Its chain holds the authority.
func Issue(ca *Certificate, t Template) (*Certificate, error) {
	switch {
	case ca == nil || ca.cert == nil:
		return nil, fmt.Errorf("issue certificate: authority: %w", ErrNoCertificate)
	case ca.key == nil:
		return nil, fmt.Errorf("issue certificate: authority: %w", ErrNoPrivateKey)
	case !ca.cert.IsCA:
		return nil, fmt.Errorf("issue certificate: %q is no certificate authority", ca.Subject())
	}
	return create(ca, t, false)
}

func create(ca *Certificate, t Template, isCA bool) (*Certificate, error) {
	key, err := newKey(t.Key)
	if err != nil {
		return nil, err
	}
	template, err := t.x509(isCA)
	if err != nil {
		return nil, err
	}
	if _, ok := key.(*rsa.PrivateKey); ok && !isCA {
		template.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	parent, signWith := template, key
	if ca != nil {
		parent, signWith = ca.cert, ca.key
		if template.NotAfter.After(parent.NotAfter) {
			template.NotAfter = parent.NotAfter
		}
		if template.NotBefore.Before(parent.NotBefore) {
			template.NotBefore = parent.NotBefore
		}
		if !template.NotBefore.Before(template.NotAfter) {
			return nil, fmt.Errorf("issue certificate: the authority %q is valid only until %s", ca.Subject(), ca.ExpirationDate())
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signWith)
	if err != nil {
		return nil, fmt.Errorf("create certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("create certificate: %w", err)
	}
	c := &Certificate{source: Source{Type: PEMKeyBlob}, cert: cert, pub: cert.PublicKey, key: key}
	if ca != nil {
		c.chain = append([]*x509.Certificate{ca.cert}, ca.chain...)
	}
	return c, nil
}

func newKey(kind KeyType) (crypto.Signer, error) {
	switch kind {
	case "", ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	allowed := make([]string, 0, len(KeyTypes()))
	for _, k := range KeyTypes() {
		allowed = append(allowed, string(k))
	}
	return nil, fmt.Errorf("create certificate: %w: key type %q; allowed are %s", ErrUnsupported, kind, strings.Join(allowed, ", "))
}

// x509 turns the template into that of crypto/x509.
func (t Template) x509(isCA bool) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("create certificate: %w", err)
	}
	out := &x509.Certificate{
		SerialNumber:          serial.Add(serial, big.NewInt(1)),
		Subject:               t.Subject,
		NotBefore:             t.NotBefore,
		BasicConstraintsValid: true,
		IsCA:                  isCA,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if out.NotBefore.IsZero() {
		out.NotBefore = time.Now().Add(-clockSkew)
	}
	validity := t.ValidFor
	switch {
	case validity < 0:
		return nil, fmt.Errorf("create certificate: validity of %s: it must be positive", validity)
	case validity == 0 && isCA:
		validity = defaultCAValidity
	case validity == 0:
		validity = defaultValidity
	}
	out.NotAfter = out.NotBefore.Add(validity)
	hosts := t.Hosts
	switch {
	case isCA:
		out.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		out.ExtKeyUsage = nil
		out.MaxPathLenZero = true
	case t.Client:
		out.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case len(hosts) == 0:
		hosts = []string{"localhost", "127.0.0.1", "::1"}
	}
	if err := addHosts(out, hosts); err != nil {
		return nil, err
	}
	if out.Subject.CommonName == "" {
		switch {
		case len(hosts) > 0:
			out.Subject.CommonName = hosts[0]
		case isCA:
			out.Subject.CommonName = "Certificate Authority"
		default:
			out.Subject.CommonName = "Client"
		}
	}
	return out, nil
}

func addHosts(cert *x509.Certificate, hosts []string) error {
	for _, host := range hosts {
		ip := net.ParseIP(strings.Trim(host, "[]"))
		switch {
		case ip != nil:
			cert.IPAddresses = append(cert.IPAddresses, ip)
		case strings.Contains(host, "://"):
			u, err := url.Parse(host)
			if err != nil {
				return fmt.Errorf("create certificate: host %q: %w", host, err)
			}
			cert.URIs = append(cert.URIs, u)
		case strings.Contains(host, "@"):
			cert.EmailAddresses = append(cert.EmailAddresses, host)
		case host == "" || strings.ContainsAny(host, " \t\r\n:/,;"):
			return fmt.Errorf("create certificate: host %q: a DNS name, IP address, e-mail address or URI is expected", host)
		default:
			cert.DNSNames = append(cert.DNSNames, host)
		}
	}
	return nil
}
