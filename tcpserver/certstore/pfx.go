package certstore

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"hash"
	"unicode/utf16"
)

// The structures of PKCS#12, RFC 7292 §4. They are read here and not with
// go-pkcs12, which takes one key with its chain only: stores of keytool and
// Windows hold several, and trust stores none.
type (
	pfxPDU struct {
		Version  int
		AuthSafe pfxContentInfo
		MacData  pfxMacData `asn1:"optional"`
	}
	pfxContentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	pfxMacData struct {
		Mac        pfxDigestInfo
		Salt       []byte
		Iterations int `asn1:"optional,default:1"`
	}
	pfxDigestInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	pfxEncryptedData struct {
		Version int
		Info    struct {
			Type      asn1.ObjectIdentifier
			Algorithm pkix.AlgorithmIdentifier
			Data      []byte `asn1:"tag:0,optional"`
		}
	}
	pfxSafeBag struct {
		ID         asn1.ObjectIdentifier
		Value      asn1.RawValue  `asn1:"tag:0,explicit"`
		Attributes []pfxAttribute `asn1:"set,optional"`
	}
	pfxAttribute struct {
		ID     asn1.ObjectIdentifier
		Values asn1.RawValue `asn1:"set"`
	}
	pfxCertBag struct {
		ID   asn1.ObjectIdentifier
		Data []byte `asn1:"tag:0,explicit"`
	}
)

var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidEncryptedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
	oidKeyBag        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
	oidShroudedBag   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	oidCertBag       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}
	oidX509Bag       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}
	oidNestedBag     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 6}
	oidFriendlyName  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 20}
)

// macHashes are the digests of the PKCS#12 MAC, by object identifier.
var macHashes = map[string]func() hash.Hash{
	"1.3.14.3.2.26":          sha1.New,
	"2.16.840.1.101.3.4.2.1": sha256.New,
	"2.16.840.1.101.3.4.2.2": sha512.New384,
	"2.16.840.1.101.3.4.2.3": sha512.New,
	"2.16.840.1.101.3.4.2.4": sha256.New224,
}

// pfxReader gathers what the bags hold.
type pfxReader struct {
	password    string
	keyPassword string
	keys        []named[crypto.Signer]
	certs       []named[*x509.Certificate]
}

func parsePFX(s Source, der []byte) ([]*Certificate, error) {
	var pfx pfxPDU
	if err := unmarshalAll(der, &pfx); err != nil {
		return nil, corrupt("PKCS#12", err)
	}
	if pfx.Version != 3 || !pfx.AuthSafe.Type.Equal(oidData) {
		return nil, fmt.Errorf("%w: PKCS#12 version %d with content %s", ErrUnsupported, pfx.Version, pfx.AuthSafe.Type)
	}
	var safe []byte
	if err := unmarshalAll(pfx.AuthSafe.Content.Bytes, &safe); err != nil {
		return nil, corrupt("PKCS#12 safe", err)
	}
	if err := pfx.MacData.verify(safe, s.Password); err != nil {
		return nil, err
	}
	var contents []pfxContentInfo
	if err := unmarshalAll(safe, &contents); err != nil {
		return nil, corrupt("PKCS#12 safe", err)
	}
	r := &pfxReader{password: s.Password, keyPassword: s.keyPassword()}
	for _, info := range contents {
		if err := r.content(info); err != nil {
			return nil, err
		}
	}
	return assemble(r.keys, r.certs)
}

// verify checks the password against the MAC. A store without a MAC shows a
// wrong password only where it decrypts.
func (m pfxMacData) verify(safe []byte, password string) error {
	alg := m.Mac.Algorithm.Algorithm
	if len(alg) == 0 {
		return nil
	}
	if alg.Equal(oidPBMAC1) {
		return m.verifyPBMAC1(safe, password)
	}
	newHash, ok := macHashes[alg.String()]
	if !ok {
		return fmt.Errorf("%w: PKCS#12 MAC with %s", ErrUnsupported, alg)
	}
	if err := checkIterations(m.Iterations); err != nil {
		return err
	}
	secrets := [][]byte{bmpPassword(password)}
	if password == "" {
		secrets = append(secrets, nil) // some writers take no password for no bytes at all
	}
	for _, secret := range secrets {
		key := pkcs12KDF(newHash, secret, m.Salt, m.Iterations, 3, newHash().Size())
		if macEqual(newHash, key, safe, m.Mac.Digest) {
			return nil
		}
	}
	return ErrWrongPassword
}

// verifyPBMAC1 checks the MAC of RFC 9579.
func (m pfxMacData) verifyPBMAC1(safe []byte, password string) error {
	var p struct{ KDF, MAC pkix.AlgorithmIdentifier }
	if err := unmarshalAll(m.Mac.Algorithm.Parameters.FullBytes, &p); err != nil {
		return corrupt("PBMAC1 parameters", err)
	}
	newHash, ok := hmacs[p.MAC.Algorithm.String()]
	if !ok {
		return fmt.Errorf("%w: PBMAC1 with %s", ErrUnsupported, p.MAC.Algorithm)
	}
	key, err := deriveKey(p.KDF, []byte(password), 0)
	if err != nil {
		return err
	}
	if !macEqual(newHash, key, safe, m.Mac.Digest) {
		return ErrWrongPassword
	}
	return nil
}

func (r *pfxReader) content(info pfxContentInfo) error {
	var bags []byte
	switch {
	case info.Type.Equal(oidData):
		if err := unmarshalAll(info.Content.Bytes, &bags); err != nil {
			return corrupt("PKCS#12 content", err)
		}
	case info.Type.Equal(oidEncryptedData):
		var enc pfxEncryptedData
		if err := unmarshalAll(info.Content.Bytes, &enc); err != nil {
			return corrupt("PKCS#12 encrypted content", err)
		}
		var err error
		if bags, err = decryptPBE(enc.Info.Algorithm, enc.Info.Data, r.password); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%w: PKCS#12 content of type %s", ErrUnsupported, info.Type)
	}
	return r.safe(bags, 0)
}

func (r *pfxReader) safe(der []byte, depth int) error {
	var bags []pfxSafeBag
	if err := unmarshalAll(der, &bags); err != nil {
		return corrupt("PKCS#12 bags", err)
	}
	for _, bag := range bags {
		if err := r.bag(bag, depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *pfxReader) bag(bag pfxSafeBag, depth int) error {
	switch {
	case bag.ID.Equal(oidCertBag):
		var inner pfxCertBag
		if err := unmarshalAll(bag.Value.Bytes, &inner); err != nil {
			return corrupt("PKCS#12 certificate", err)
		}
		if !inner.ID.Equal(oidX509Bag) {
			return nil // an SDSI certificate
		}
		cert, err := x509.ParseCertificate(inner.Data)
		if err != nil {
			return corrupt("PKCS#12 certificate", err)
		}
		r.certs = append(r.certs, named[*x509.Certificate]{cert, bag.friendlyName()})
	case bag.ID.Equal(oidKeyBag):
		return r.key(bag.Value.Bytes, bag.friendlyName())
	case bag.ID.Equal(oidShroudedBag):
		plain, err := parsePKCS8Encrypted(bag.Value.Bytes, r.keyPassword)
		if err != nil {
			return err
		}
		return r.key(plain, bag.friendlyName())
	case bag.ID.Equal(oidNestedBag) && depth < 4:
		return r.safe(bag.Value.Bytes, depth+1)
	}
	return nil // CRLs and secrets are not for us
}

func (r *pfxReader) key(der []byte, name string) error {
	key, err := parsePrivateDER(der)
	if err != nil {
		return err
	}
	r.keys = append(r.keys, named[crypto.Signer]{key, name})
	return nil
}

func (b pfxSafeBag) friendlyName() string {
	for _, attr := range b.Attributes {
		if !attr.ID.Equal(oidFriendlyName) {
			continue
		}
		var v asn1.RawValue
		if _, err := asn1.Unmarshal(attr.Values.Bytes, &v); err != nil || len(v.Bytes)%2 != 0 {
			return ""
		}
		units := make([]uint16, 0, len(v.Bytes)/2)
		for i := 0; i < len(v.Bytes); i += 2 {
			units = append(units, uint16(v.Bytes[i])<<8|uint16(v.Bytes[i+1]))
		}
		return string(utf16.Decode(units))
	}
	return ""
}
