package certstore

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// rsaKeyValue is the RSAKeyValue of XML signatures (RFC 3275 §4.4.2.2) with
// the private numbers that .NET adds to it.
type rsaKeyValue struct {
	Modulus, Exponent         string
	P, Q, DP, DQ, InverseQ, D string
}

// parseXML reads an RSAKeyValue, alone or within a KeyInfo, and the
// X509Certificates beside it.
func parseXML(data []byte) ([]*Certificate, error) {
	var keys []named[crypto.Signer]
	var certs []named[*x509.Certificate]
	var public []*rsa.PublicKey
	decoder := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, corrupt("XML key", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "RSAKeyValue":
			var v rsaKeyValue
			if err := decoder.DecodeElement(&v, &start); err != nil {
				return nil, corrupt("XML key", err)
			}
			pub, key, err := v.key()
			if err != nil {
				return nil, err
			}
			if key != nil {
				keys = append(keys, named[crypto.Signer]{value: key})
			} else {
				public = append(public, pub)
			}
		case "X509Certificate":
			var encoded string
			if err := decoder.DecodeElement(&encoded, &start); err != nil {
				return nil, corrupt("XML certificate", err)
			}
			cert, err := parseX509([]byte(encoded))
			if err != nil {
				return nil, err
			}
			certs = append(certs, named[*x509.Certificate]{value: cert})
		case "DSAKeyValue", "ECKeyValue":
			return nil, fmt.Errorf("%w: XML key of type %s; RSAKeyValue is", ErrUnsupported, start.Name.Local)
		}
	}
	entries, err := assemble(keys, certs)
	if err != nil {
		return nil, err
	}
	for _, pub := range public {
		if !holds(entries, pub) {
			entries = append(entries, &Certificate{pub: pub})
		}
	}
	if len(entries) == 0 {
		return nil, corrupt("XML key", errors.New("no RSAKeyValue"))
	}
	return entries, nil
}

func holds(entries []*Certificate, pub crypto.PublicKey) bool {
	for _, e := range entries {
		if publicEqual(e.pub, pub) {
			return true
		}
	}
	return false
}

// key returns the public key, and the private one if its numbers are there.
func (v rsaKeyValue) key() (*rsa.PublicKey, *rsa.PrivateKey, error) {
	var bad error
	number := func(name, text string) *big.Int {
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			bad = errors.Join(bad, corrupt("XML key, "+name, err))
		}
		return new(big.Int).SetBytes(raw)
	}
	n, e := number("Modulus", v.Modulus), number("Exponent", v.Exponent)
	d, p, q := number("D", v.D), number("P", v.P), number("Q", v.Q)
	if bad != nil {
		return nil, nil, bad
	}
	if n.Sign() == 0 || e.Sign() == 0 || e.BitLen() > 31 || n.BitLen() > 16384 {
		return nil, nil, corrupt("XML key", errors.New("no Modulus or Exponent, or out of range"))
	}
	if d.Sign() == 0 {
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil, nil
	}
	if p.Sign() == 0 || q.Sign() == 0 {
		return nil, nil, corrupt("XML key", errors.New("private number D without P and Q"))
	}
	key, err := newRSAKey(n, e, d, p, q)
	if err != nil {
		return nil, nil, err
	}
	return &key.PublicKey, key, nil
}
