//go:build cgo

package certstore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/miekg/pkcs11"
)

// ckmEdDSA is the mechanism CKM_EDDSA of PKCS#11 3.0.
const ckmEdDSA = 0x1057

// errTokenClosed is a signature asked of a certificate after its Close.
var errTokenClosed = errors.New("PKCS#11 token is closed")

// tokenSigner signs within the token. It is safe for concurrent use: each
// signature has a session of its own, and sessions are used again.
type tokenSigner struct {
	token *token
	key   pkcs11.ObjectHandle
	pub   crypto.PublicKey
}

func (t *token) signer(key object, pub crypto.PublicKey) (crypto.Signer, error) {
	switch pub.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return &tokenSigner{token: t, key: key.handle, pub: pub}, nil
	}
	return nil, fmt.Errorf("%w: key of type %T in a token", ErrUnsupported, pub)
}

// Public returns the public key.
func (s *tokenSigner) Public() crypto.PublicKey { return s.pub }

// Sign signs a digest, for Ed25519 the message.
func (s *tokenSigner) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	mechanism, input, err := s.mechanism(digest, opts)
	if err != nil {
		return nil, err
	}
	session, err := s.token.session()
	if err != nil {
		return nil, err
	}
	ctx := s.token.mod.ctx
	if err = ctx.SignInit(session, []*pkcs11.Mechanism{mechanism}, s.key); err != nil {
		s.token.drop(session)
		return nil, fmt.Errorf("sign in token: %w", err)
	}
	signature, err := ctx.Sign(session, input)
	if err != nil {
		s.token.drop(session)
		return nil, fmt.Errorf("sign in token: %w", err)
	}
	s.token.giveBack(session)
	if _, ok := s.pub.(*ecdsa.PublicKey); !ok {
		return signature, nil
	}
	if len(signature) == 0 || len(signature)%2 != 0 {
		return nil, fmt.Errorf("sign in token: ECDSA signature of %d bytes", len(signature))
	}
	half := len(signature) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]),
	})
}

// digestInfo are the DER prefixes of RSASSA-PKCS1-v1_5, RFC 8017 §9.2 note 1.
var digestInfo = map[crypto.Hash][]byte{
	crypto.SHA1:   {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14},
	crypto.SHA256: {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
	crypto.SHA384: {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
	crypto.SHA512: {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
}

// pssHashes are the hash and mask generation of RSASSA-PSS.
var pssHashes = map[crypto.Hash][2]uint{
	crypto.SHA1:   {pkcs11.CKM_SHA_1, pkcs11.CKG_MGF1_SHA1},
	crypto.SHA256: {pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256},
	crypto.SHA384: {pkcs11.CKM_SHA384, pkcs11.CKG_MGF1_SHA384},
	crypto.SHA512: {pkcs11.CKM_SHA512, pkcs11.CKG_MGF1_SHA512},
}

func (s *tokenSigner) mechanism(digest []byte, opts crypto.SignerOpts) (*pkcs11.Mechanism, []byte, error) {
	hash := opts.HashFunc()
	if hash != 0 && len(digest) != hash.Size() {
		return nil, nil, fmt.Errorf("sign in token: digest of %d bytes for %s", len(digest), hash)
	}
	switch pub := s.pub.(type) {
	case *ecdsa.PublicKey:
		// FIPS 186-4 §6.4: only as many bits as the curve has.
		if size := (pub.Params().N.BitLen() + 7) / 8; len(digest) > size {
			digest = digest[:size]
		}
		return pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil), digest, nil
	case ed25519.PublicKey:
		if hash != 0 {
			return nil, nil, fmt.Errorf("sign in token: %w: Ed25519ph", ErrUnsupported)
		}
		return pkcs11.NewMechanism(ckmEdDSA, nil), digest, nil
	}
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		algorithms, ok := pssHashes[hash]
		if !ok {
			return nil, nil, fmt.Errorf("sign in token: %w: PSS with %s", ErrUnsupported, hash)
		}
		salt := pss.SaltLength
		switch salt {
		case rsa.PSSSaltLengthAuto:
			pub := s.pub.(*rsa.PublicKey)
			salt = (pub.N.BitLen()-1+7)/8 - 2 - hash.Size()
		case rsa.PSSSaltLengthEqualsHash:
			salt = hash.Size()
		}
		params := pkcs11.NewPSSParams(algorithms[0], algorithms[1], uint(salt))
		return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_PSS, params), digest, nil
	}
	prefix, ok := digestInfo[hash]
	if !ok {
		return nil, nil, fmt.Errorf("sign in token: %w: PKCS#1 v1.5 with %s", ErrUnsupported, hash)
	}
	return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS, nil), append(append([]byte(nil), prefix...), digest...), nil
}

// session takes an idle session or opens one. The token stays open until it is
// given back.
func (t *token) session() (pkcs11.SessionHandle, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return 0, errTokenClosed
	}
	t.refs++
	if n := len(t.idle); n > 0 {
		s := t.idle[n-1]
		t.idle = t.idle[:n-1]
		return s, nil
	}
	s, err := t.mod.ctx.OpenSession(t.slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		t.refs--
		return 0, fmt.Errorf("PKCS#11 session: %w", err)
	}
	return s, nil
}

func (t *token) giveBack(s pkcs11.SessionHandle) {
	t.mu.Lock()
	t.idle = append(t.idle, s)
	t.mu.Unlock()
	t.release()
}

func (t *token) drop(s pkcs11.SessionHandle) {
	_ = t.mod.ctx.CloseSession(s)
	t.release()
}
