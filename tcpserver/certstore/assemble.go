package certstore

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/x509"
	"errors"
	"fmt"
)

// named is a key or certificate with what the store calls it.
type named[T any] struct {
	value T
	name  string
}

// assemble pairs the keys of a store with its certificates. A key that
// belongs to none of the certificates beside it is an error: such a store was
// put together wrongly, and TLS would fail with it much later.
func assemble(keys []named[crypto.Signer], certs []named[*x509.Certificate]) ([]*Certificate, error) {
	certs = distinct(certs)
	pool := make([]*x509.Certificate, len(certs))
	for i, c := range certs {
		pool[i] = c.value
	}
	var entries []*Certificate
	used := make([]bool, len(certs))
	for _, k := range keys {
		matched := false
		for i, c := range certs {
			if used[i] || !publicEqual(k.value.Public(), c.value.PublicKey) {
				continue
			}
			used[i], matched = true, true
			name := k.name
			if name == "" {
				name = c.name
			}
			entries = append(entries, newEntry(c.value, pool, k.value, name))
		}
		if matched {
			continue
		}
		if len(certs) > 0 && len(keys) == 1 {
			return nil, fmt.Errorf("%w (%s)", ErrKeyMismatch, formatName(certs[0].value.RawSubject))
		}
		entries = append(entries, &Certificate{name: k.name, key: k.value, pub: k.value.Public()})
	}
	for i, c := range certs {
		if !used[i] {
			entries = append(entries, newEntry(c.value, pool, nil, c.name))
		}
	}
	return entries, nil
}

// distinct drops the further copies of a certificate: keytool writes the chain
// of every key. A name is kept wherever it stands.
func distinct(certs []named[*x509.Certificate]) []named[*x509.Certificate] {
	var out []named[*x509.Certificate]
	at := map[string]int{}
	for _, c := range certs {
		i, seen := at[string(c.value.Raw)]
		if !seen {
			at[string(c.value.Raw)] = len(out)
			out = append(out, c)
		} else if out[i].name == "" {
			out[i].name = c.name
		}
	}
	return out
}

func newEntry(cert *x509.Certificate, pool []*x509.Certificate, key crypto.Signer, name string) *Certificate {
	return &Certificate{name: name, cert: cert, chain: chainOf(cert, pool), pub: cert.PublicKey, key: key}
}

// chainOf follows the issuers of cert within the pool.
func chainOf(cert *x509.Certificate, pool []*x509.Certificate) []*x509.Certificate {
	var chain []*x509.Certificate
	seen := map[*x509.Certificate]bool{cert: true}
	for at := cert; !bytes.Equal(at.RawIssuer, at.RawSubject); {
		var issuer *x509.Certificate
		for _, candidate := range pool {
			if !seen[candidate] && bytes.Equal(candidate.RawSubject, at.RawIssuer) && signedBy(at, candidate) {
				issuer = candidate
				break
			}
		}
		if issuer == nil {
			break
		}
		seen[issuer] = true
		chain = append(chain, issuer)
		at = issuer
	}
	return chain
}

// signedBy tells whether parent vouches for child. Signatures with hashes that
// crypto/x509 no longer checks count as good: whether to trust the chain is
// for the peer to decide.
func signedBy(child, parent *x509.Certificate) bool {
	err := child.CheckSignatureFrom(parent)
	var insecure x509.InsecureAlgorithmError
	return err == nil || errors.As(err, &insecure)
}

// signer makes sure that a parsed private key is one that can sign.
func signer(key any) (crypto.Signer, error) {
	if _, ok := key.(*ecdh.PrivateKey); ok {
		return nil, fmt.Errorf("%w: an X25519 key cannot sign", ErrUnsupported)
	}
	if s, ok := key.(crypto.Signer); ok {
		return s, nil
	}
	return nil, fmt.Errorf("%w: private keys of type %T", ErrUnsupported, key)
}

func corrupt(what string, err error) error {
	if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrUnsupported) || errors.Is(err, ErrWrongPassword) {
		return err
	}
	return fmt.Errorf("%s: %w: %w", what, ErrCorrupt, err)
}
