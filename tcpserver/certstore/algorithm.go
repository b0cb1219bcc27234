package certstore

import (
	"crypto"
	//lint:ignore SA1019 for reading only: old stores hold such public keys
	"crypto/dsa"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
)

// signatureNames are the documented form of signature algorithm names, such
// as "RSA_MD5RSA"; they follow the object identifier constants of wincrypt.h.
var signatureNames = map[x509.SignatureAlgorithm]string{
	x509.MD2WithRSA:       "RSA_MD2RSA",
	x509.MD5WithRSA:       "RSA_MD5RSA",
	x509.SHA1WithRSA:      "RSA_SHA1RSA",
	x509.SHA256WithRSA:    "RSA_SHA256RSA",
	x509.SHA384WithRSA:    "RSA_SHA384RSA",
	x509.SHA512WithRSA:    "RSA_SHA512RSA",
	x509.SHA256WithRSAPSS: "RSA_SSA_PSS",
	x509.SHA384WithRSAPSS: "RSA_SSA_PSS",
	x509.SHA512WithRSAPSS: "RSA_SSA_PSS",
	x509.DSAWithSHA1:      "X957_SHA1DSA",
	x509.DSAWithSHA256:    "DSA_SHA256",
	x509.ECDSAWithSHA1:    "ECDSA_SHA1",
	x509.ECDSAWithSHA256:  "ECDSA_SHA256",
	x509.ECDSAWithSHA384:  "ECDSA_SHA384",
	x509.ECDSAWithSHA512:  "ECDSA_SHA512",
	x509.PureEd25519:      "ED25519",
}

// SignatureAlgorithm is the name of the algorithm that signed the certificate,
// such as "RSA_SHA256RSA" or "ECDSA_SHA256", or else its object identifier.
func (c *Certificate) SignatureAlgorithm() string {
	if c.cert == nil {
		return ""
	}
	if name, ok := signatureNames[c.cert.SignatureAlgorithm]; ok {
		return name
	}
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.cert.Raw, &outer); err != nil {
		return ""
	}
	return outer.Algorithm.Algorithm.String()
}

// PublicKeyAlgorithm is "RSA", "ECDSA", "ED25519", "DSA" or "X25519", or the
// object identifier of another algorithm.
func (c *Certificate) PublicKeyAlgorithm() string {
	switch c.pub.(type) {
	case *rsa.PublicKey:
		return "RSA"
	case *ecdsa.PublicKey:
		return "ECDSA"
	case ed25519.PublicKey:
		return "ED25519"
	case *dsa.PublicKey:
		return "DSA"
	case *ecdh.PublicKey:
		return "X25519"
	}
	if c.cert == nil {
		return ""
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.cert.RawSubjectPublicKeyInfo, &info); err != nil {
		return ""
	}
	return info.Algorithm.Algorithm.String()
}

// PublicKeyLength is the length of the public key in bits, or 0 when its
// algorithm is not known.
func (c *Certificate) PublicKeyLength() int {
	switch k := c.pub.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen()
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return 256
	case *dsa.PublicKey:
		return k.P.BitLen()
	case *ecdh.PublicKey:
		return 8 * len(k.Bytes())
	}
	return 0
}

// marshalPublic encodes a public key as SubjectPublicKeyInfo.
func marshalPublic(pub crypto.PublicKey, cert *x509.Certificate) ([]byte, error) {
	if cert != nil {
		return cert.RawSubjectPublicKeyInfo, nil
	}
	switch k := pub.(type) {
	case nil:
		return nil, errors.New("no public key")
	case *dsa.PublicKey:
		return marshalDSA(k)
	}
	return x509.MarshalPKIXPublicKey(pub)
}

// marshalDSA writes what crypto/x509 only reads, RFC 3279 §2.3.2.
func marshalDSA(k *dsa.PublicKey) ([]byte, error) {
	params, err := asn1.Marshal(struct{ P, Q, G *big.Int }{k.P, k.Q, k.G})
	if err != nil {
		return nil, err
	}
	y, err := asn1.Marshal(k.Y)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{
			Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1},
			Parameters: asn1.RawValue{FullBytes: params},
		},
		asn1.BitString{Bytes: y, BitLength: 8 * len(y)},
	})
}
