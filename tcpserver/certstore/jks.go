package certstore

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
)

const (
	jksMagic   = 0xfeedfeed
	jceksMagic = 0xcececece
)

// parseJKS reads a Java key store. Since Java 9 keytool writes PKCS#12 under
// the name of a key store, so that is read as well, as Java itself does.
func parseJKS(s Source, data []byte) ([]*Certificate, error) {
	if len(data) > 0 && data[0] == 0x30 {
		return parsePFX(s, data)
	}
	if err := checkJKS(data); err != nil {
		return nil, err
	}
	ks := keystore.New(keystore.WithOrderedAliases(), keystore.WithCaseExactAliases())
	if err := ks.Load(bytes.NewReader(data), latin1(s.Password)); err != nil {
		// The structure is whole, so only the password can be wrong.
		return nil, fmt.Errorf("%w (%w)", ErrWrongPassword, err)
	}
	var entries []*Certificate
	for _, alias := range ks.Aliases() {
		entry, err := jksEntry(ks, alias, s.keyPassword())
		if err != nil {
			return nil, fmt.Errorf("alias %q: %w", alias, err)
		}
		entries = append(entries, entry...)
	}
	return entries, nil
}

func jksEntry(ks keystore.KeyStore, alias, password string) ([]*Certificate, error) {
	if ks.IsTrustedCertificateEntry(alias) {
		trusted, err := ks.GetTrustedCertificateEntry(alias)
		if err != nil {
			return nil, err
		}
		cert, err := x509.ParseCertificate(trusted.Certificate.Content)
		if err != nil {
			return nil, corrupt("certificate", err)
		}
		return []*Certificate{newEntry(cert, nil, nil, alias)}, nil
	}
	private, err := ks.GetPrivateKeyEntry(alias, latin1(password))
	if err != nil {
		return nil, fmt.Errorf("private key: %w (%w)", ErrWrongPassword, err)
	}
	key, err := parsePrivateDER(private.PrivateKey)
	if err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for _, c := range private.CertificateChain {
		cert, err := x509.ParseCertificate(c.Content)
		if err != nil {
			return nil, corrupt("certificate", err)
		}
		chain = append(chain, cert)
	}
	return keyWithChain(key, chain, alias)
}

// keyWithChain makes the entry of a key whose chain the store keeps with it.
func keyWithChain(key crypto.Signer, chain []*x509.Certificate, alias string) ([]*Certificate, error) {
	if len(chain) == 0 {
		return []*Certificate{{name: alias, key: key, pub: key.Public()}}, nil
	}
	if !publicEqual(key.Public(), chain[0].PublicKey) {
		return nil, fmt.Errorf("%w (%s)", ErrKeyMismatch, formatName(chain[0].RawSubject))
	}
	return []*Certificate{{name: alias, cert: chain[0], chain: chain[1:], pub: chain[0].PublicKey, key: key}}, nil
}

// latin1 gives keystore-go the one byte for each character that it expects.
func latin1(password string) []byte {
	out := make([]byte, 0, len(password))
	for _, r := range password {
		out = append(out, byte(r))
	}
	return out
}

// checkJKS walks over the store before keystore-go does, because that trusts
// the lengths it finds and would ask for gigabytes.
func checkJKS(data []byte) error {
	w := jksWalker{rest: data}
	magic, version, count := w.uint32(), w.uint32(), w.uint32()
	switch {
	case magic == jceksMagic:
		return fmt.Errorf("%w: a JCEKS key store; convert it with keytool -importkeystore -deststoretype PKCS12", ErrUnsupported)
	case magic != jksMagic, version != 1 && version != 2:
		return fmt.Errorf("%w: not a Java key store", ErrCorrupt)
	}
	for i := uint32(0); i < count && w.err == nil; i++ {
		tag := w.uint32()
		w.skip(uint32(w.uint16())) // alias
		w.skip(8)                  // date
		switch tag {
		case 1:
			length := w.uint32()
			if length < 40 {
				w.fail("private key too short")
			}
			w.skip(length)
			for n := w.uint32(); n > 0 && w.err == nil; n-- {
				w.certificate(version)
			}
		case 2:
			w.certificate(version)
		default:
			w.fail("entry of unknown kind")
		}
	}
	w.skip(20) // digest
	if w.err == nil && len(w.rest) > 0 {
		w.fail("data after the end")
	}
	return w.err
}

type jksWalker struct {
	rest []byte
	err  error
}

func (w *jksWalker) fail(why string) {
	if w.err == nil {
		w.err = corrupt("Java key store", errors.New(why))
	}
}

func (w *jksWalker) skip(n uint32) []byte {
	if w.err != nil || uint64(n) > uint64(len(w.rest)) {
		w.fail("truncated")
		return nil
	}
	out := w.rest[:n]
	w.rest = w.rest[n:]
	return out
}

func (w *jksWalker) uint32() uint32 {
	if b := w.skip(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (w *jksWalker) uint16() uint16 {
	if b := w.skip(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (w *jksWalker) certificate(version uint32) {
	if version == 2 {
		w.skip(uint32(w.uint16())) // type, X.509
	}
	w.skip(w.uint32())
}
