package certstore

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"
)

// The structures of Bouncy Castle's FIPS key store, from the ASN.1 in the
// documentation of its org.bouncycastle.asn1.bc package.
type (
	bcfksStore struct {
		Data      asn1.RawValue
		Integrity asn1.RawValue
	}
	bcfksEncrypted struct {
		Algorithm pkix.AlgorithmIdentifier
		Content   []byte
	}
	bcfksIntegrity struct {
		MAC    pkix.AlgorithmIdentifier
		KDF    pkix.AlgorithmIdentifier
		Digest []byte
	}
	bcfksData struct {
		Version   int
		Integrity pkix.AlgorithmIdentifier
		Created   time.Time `asn1:"generalized"`
		Modified  time.Time `asn1:"generalized"`
		Entries   []bcfksEntry
		Comment   string `asn1:"utf8,optional"`
	}
	bcfksEntry struct {
		Kind     int
		Alias    string    `asn1:"utf8"`
		Created  time.Time `asn1:"generalized"`
		Modified time.Time `asn1:"generalized"`
		Data     []byte
		Comment  string `asn1:"utf8,optional"`
	}
	bcfksPrivateKey struct {
		Key   encryptedPrivateKeyInfo
		Chain []asn1.RawValue
	}
)

// The kinds of entries that concern certificates.
const (
	bcfksCertificate         = 0
	bcfksPrivateKeyKind      = 1
	bcfksProtectedPrivateKey = 3
)

var (
	oidAES128CCM = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 7}
	oidAES192CCM = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 27}
	oidAES256CCM = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 47}
	oidAES256KWP = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 48}
	// Bouncy Castle puts the plain key wrap's number where it pads, too.
	oidAES256KW = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 45}
)

// bcfksReader reads one store.
type bcfksReader struct {
	keyPassword string
	// scryptQuirk is set for stores of Bouncy Castle versions that run scrypt
	// with the block size in the place of the parallelization that they state.
	scryptQuirk bool
}

func parseBCFKS(s Source, der []byte) ([]*Certificate, error) {
	var store bcfksStore
	if err := unmarshalAll(der, &store); err != nil {
		return nil, corrupt("BCFKS", err)
	}
	r := &bcfksReader{keyPassword: s.keyPassword()}
	if err := r.verify(store, s.Password); err != nil {
		return nil, err
	}
	inner := store.Data.FullBytes
	var enc bcfksEncrypted
	if unmarshalAll(inner, &enc) == nil {
		var err error
		if inner, err = r.decrypt(enc.Algorithm, enc.Content, s.Password, "STORE_ENCRYPTION"); err != nil {
			return nil, err
		}
	}
	var data bcfksData
	if err := unmarshalAll(inner, &data); err != nil {
		return nil, corrupt("BCFKS content", err)
	}
	var entries []*Certificate
	for _, e := range data.Entries {
		entry, err := r.entry(e)
		if err != nil {
			return nil, fmt.Errorf("alias %q: %w", e.Alias, err)
		}
		entries = append(entries, entry...)
	}
	return entries, nil
}

func (r *bcfksReader) entry(e bcfksEntry) ([]*Certificate, error) {
	switch e.Kind {
	case bcfksCertificate:
		cert, err := x509.ParseCertificate(e.Data)
		if err != nil {
			return nil, corrupt("certificate", err)
		}
		return []*Certificate{newEntry(cert, nil, nil, e.Alias)}, nil
	case bcfksPrivateKeyKind, bcfksProtectedPrivateKey:
		var p bcfksPrivateKey
		if err := unmarshalAll(e.Data, &p); err != nil {
			return nil, corrupt("BCFKS private key", err)
		}
		plain, err := r.decrypt(p.Key.Algorithm, p.Key.Data, r.keyPassword, "PRIVATE_KEY_ENCRYPTION")
		if err != nil {
			return nil, err
		}
		key, err := parsePrivateDER(plain)
		if err != nil {
			return nil, err
		}
		var chain []*x509.Certificate
		for _, raw := range p.Chain {
			cert, err := x509.ParseCertificate(raw.FullBytes)
			if err != nil {
				return nil, corrupt("certificate", err)
			}
			chain = append(chain, cert)
		}
		return keyWithChain(key, chain, e.Alias)
	}
	return nil, nil // secret keys
}

// verify checks the MAC over the store data, and with it the password.
func (r *bcfksReader) verify(store bcfksStore, password string) error {
	if store.Integrity.Class == asn1.ClassContextSpecific {
		return fmt.Errorf("%w: a BCFKS store protected by a signature", ErrUnsupported)
	}
	var check bcfksIntegrity
	if err := unmarshalAll(store.Integrity.FullBytes, &check); err != nil {
		return corrupt("BCFKS integrity check", err)
	}
	newHash, ok := hmacs[check.MAC.Algorithm.String()]
	if !ok {
		return fmt.Errorf("%w: BCFKS MAC %s", ErrUnsupported, check.MAC.Algorithm)
	}
	for {
		key, err := deriveKey(r.quirked(check.KDF), bcfksSecret(password, "INTEGRITY_CHECK"), 0)
		if err != nil {
			return err
		}
		if macEqual(newHash, key, store.Data.FullBytes, check.Digest) {
			return nil
		}
		if r.scryptQuirk || !check.KDF.Algorithm.Equal(oidScrypt) {
			return ErrWrongPassword
		}
		r.scryptQuirk = true
	}
}

// quirked rewrites the parameters of scrypt to what was really run.
func (r *bcfksReader) quirked(kdf pkix.AlgorithmIdentifier) pkix.AlgorithmIdentifier {
	var p scryptParams
	if !r.scryptQuirk || unmarshalAll(kdf.Parameters.FullBytes, &p) != nil {
		return kdf
	}
	p.Parallel = p.BlockSize
	der, err := asn1.Marshal(p)
	if err != nil {
		return kdf
	}
	kdf.Parameters.FullBytes = der
	return kdf
}

// bcfksSecret is the password, as PKCS#12 writes it, followed by what the key
// is for, so that each use has a key of its own.
func bcfksSecret(password, purpose string) []byte {
	var secret []byte
	for _, part := range []string{password, purpose} {
		if part != "" {
			secret = append(secret, bmpPassword(part)...)
		}
	}
	return secret
}

func (r *bcfksReader) decrypt(alg pkix.AlgorithmIdentifier, data []byte, password, purpose string) ([]byte, error) {
	var p pbes2Params
	if !alg.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("%w: BCFKS encryption %s", ErrUnsupported, alg.Algorithm)
	}
	if err := unmarshalAll(alg.Parameters.FullBytes, &p); err != nil {
		return nil, corrupt("PBES2 parameters", err)
	}
	p.KDF = r.quirked(p.KDF)
	return decryptPBES2(p, data, bcfksSecret(password, purpose))
}

// decryptAEAD is PBES2 with the authenticated encryptions of Bouncy Castle.
func decryptAEAD(p pbes2Params, data, secret []byte) ([]byte, error) {
	scheme := p.Scheme.Algorithm
	size := 32
	switch {
	case scheme.Equal(oidAES128CCM):
		size = 16
	case scheme.Equal(oidAES192CCM):
		size = 24
	case scheme.Equal(oidAES256CCM), scheme.Equal(oidAES256KWP), scheme.Equal(oidAES256KW):
	default:
		return nil, fmt.Errorf("%w: encryption %s", ErrUnsupported, scheme)
	}
	key, err := deriveKey(p.KDF, secret, size)
	if err != nil {
		return nil, err
	}
	var plain []byte
	if scheme.Equal(oidAES256KWP) || scheme.Equal(oidAES256KW) {
		plain, err = unwrapKWP(key, data)
	} else {
		ccm := struct {
			Nonce  []byte
			TagLen int `asn1:"optional,default:12"` // RFC 5084 §3.1
		}{}
		if err := unmarshalAll(p.Scheme.Parameters.FullBytes, &ccm); err != nil {
			return nil, corrupt("CCM parameters", err)
		}
		plain, err = openCCM(key, ccm.Nonce, data, ccm.TagLen)
	}
	if errors.Is(err, errUnauthentic) {
		return nil, ErrWrongPassword
	}
	if err != nil {
		return nil, corrupt("encrypted part", err)
	}
	return plain, nil
}
