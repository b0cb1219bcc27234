package certstore

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// parsePEMKey reads a private key with or without certificates: PKCS#8, plain
// or encrypted, PKCS#1, SEC 1 and OpenSSH keys in PEM, or one such key in DER.
func parsePEMKey(s Source, data []byte) ([]*Certificate, error) {
	var keys []named[crypto.Signer]
	var certs []named[*x509.Certificate]
	blocks := 0
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		blocks++
		switch {
		case strings.HasSuffix(block.Type, "CERTIFICATE"):
			cert, err := parseCertificateBlock(block)
			if err != nil {
				return nil, err
			}
			certs = append(certs, named[*x509.Certificate]{value: cert})
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			key, err := parseKeyBlock(block, s.keyPassword())
			if err != nil {
				return nil, err
			}
			keys = append(keys, named[crypto.Signer]{value: key})
		}
	}
	if blocks == 0 {
		if bytes.Contains(data, []byte("-----BEGIN ")) {
			return nil, fmt.Errorf("%w: a PEM block without its end", ErrCorrupt)
		}
		key, err := parsePrivateDERMaybeEncrypted(unwrap(data), s.keyPassword())
		if err != nil {
			return nil, err
		}
		keys = append(keys, named[crypto.Signer]{value: key})
	}
	if len(keys) == 0 && len(certs) == 0 {
		return nil, fmt.Errorf("%w: no private key in PEM", ErrCorrupt)
	}
	return assemble(keys, certs)
}

// parseCertificateBlock reads CERTIFICATE, X509 CERTIFICATE and OpenSSL's
// TRUSTED CERTIFICATE, which has trust settings behind the certificate.
func parseCertificateBlock(block *pem.Block) (*x509.Certificate, error) {
	der := block.Bytes
	if block.Type == "TRUSTED CERTIFICATE" {
		var first asn1.RawValue
		if _, err := asn1.Unmarshal(der, &first); err == nil {
			der = first.FullBytes
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, corrupt("certificate in PEM", err)
	}
	return cert, nil
}

func parseKeyBlock(block *pem.Block, password string) (crypto.Signer, error) {
	if block.Type == "OPENSSH PRIVATE KEY" {
		return parseOpenSSHKey(pem.EncodeToMemory(block), password)
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" {
		plain, err := parsePKCS8Encrypted(block.Bytes, password)
		if err != nil {
			return nil, err
		}
		return parsePrivateDER(plain)
	}
	//lint:ignore SA1019 the format is insecure, and files in it exist
	if x509.IsEncryptedPEMBlock(block) {
		//lint:ignore SA1019 as above
		plain, err := x509.DecryptPEMBlock(block, []byte(password))
		if errors.Is(err, x509.IncorrectPasswordError) {
			return nil, ErrWrongPassword
		}
		if err != nil {
			return nil, corrupt("encrypted private key", err)
		}
		key, err := parsePrivateDER(plain)
		if errors.Is(err, ErrCorrupt) {
			return nil, ErrWrongPassword // padding that looks right by chance
		}
		return key, err
	}
	return parsePrivateDER(block.Bytes)
}

func parseOpenSSHKey(data []byte, password string) (crypto.Signer, error) {
	raw, err := ssh.ParseRawPrivateKey(data)
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		if password == "" {
			return nil, ErrWrongPassword
		}
		raw, err = ssh.ParseRawPrivateKeyWithPassphrase(data, []byte(password))
		if errors.Is(err, x509.IncorrectPasswordError) {
			return nil, ErrWrongPassword
		}
	}
	if err != nil {
		return nil, corrupt("OpenSSH private key", err)
	}
	if ed, ok := raw.(*ed25519.PrivateKey); ok {
		return *ed, nil
	}
	return signer(raw)
}

// parsePrivateDER reads PKCS#8, PKCS#1 and SEC 1 keys.
func parsePrivateDER(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err == nil {
		return signer(key)
	}
	if rsaKey, rsaErr := x509.ParsePKCS1PrivateKey(der); rsaErr == nil {
		return rsaKey, nil
	}
	if ecKey, ecErr := x509.ParseECPrivateKey(der); ecErr == nil {
		return ecKey, nil
	}
	if strings.Contains(err.Error(), "unknown algorithm") || strings.Contains(err.Error(), "unknown elliptic curve") {
		return nil, fmt.Errorf("%w: private key: %w", ErrUnsupported, err)
	}
	return nil, corrupt("private key", err)
}

func parsePrivateDERMaybeEncrypted(der []byte, password string) (crypto.Signer, error) {
	var info encryptedPrivateKeyInfo
	if unmarshalAll(der, &info) == nil {
		plain, err := parsePKCS8Encrypted(der, password)
		if err != nil {
			return nil, err
		}
		return parsePrivateDER(plain)
	}
	return parsePrivateDER(der)
}

// parsePublic reads certificates and public keys, in PEM or DER.
func parsePublic(data []byte) ([]*Certificate, error) {
	var certs []named[*x509.Certificate]
	var entries []*Certificate
	blocks := 0
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		blocks++
		switch {
		case strings.HasSuffix(block.Type, "CERTIFICATE"):
			cert, err := parseCertificateBlock(block)
			if err != nil {
				return nil, err
			}
			certs = append(certs, named[*x509.Certificate]{value: cert})
		case strings.HasSuffix(block.Type, "PUBLIC KEY"):
			entry, err := parsePublicDER(block.Bytes)
			if err != nil {
				return nil, err
			}
			entries = append(entries, entry)
		}
	}
	if blocks == 0 {
		if bytes.Contains(data, []byte("-----BEGIN ")) {
			return nil, fmt.Errorf("%w: a PEM block without its end", ErrCorrupt)
		}
		parsed, err := x509.ParseCertificates(data)
		if err != nil || len(parsed) == 0 {
			entry, keyErr := parsePublicDER(data)
			if keyErr != nil {
				if err == nil {
					err = keyErr
				}
				return nil, corrupt("certificate or public key", err)
			}
			return []*Certificate{entry}, nil
		}
		for _, cert := range parsed {
			certs = append(certs, named[*x509.Certificate]{value: cert})
		}
	}
	paired, err := assemble(nil, certs)
	if err != nil {
		return nil, err
	}
	if entries = append(paired, entries...); len(entries) == 0 {
		return nil, fmt.Errorf("%w: no certificate and no public key in PEM", ErrCorrupt)
	}
	return entries, nil
}

func parsePublicDER(der []byte) (*Certificate, error) {
	if pub, err := x509.ParsePKIXPublicKey(der); err == nil {
		return &Certificate{pub: pub}, nil
	}
	pub, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil, corrupt("public key", err)
	}
	return &Certificate{pub: pub}, nil
}
