package certstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"

	"software.sslmate.com/src/go-pkcs12"
)

// pemIterations is the cost of guessing the password of a written key; the
// number is OWASP's for PBKDF2 with HMAC-SHA256.
const pemIterations = 600_000

// WritePEM writes the private key (PKCS#8) if there is one, the certificate
// and its chain. A password that is not empty encrypts the key (PBES2 with
// PBKDF2-HMAC-SHA256 and AES-256-CBC, RFC 8018). A key in a token is
// [ErrNotExportable].
func WritePEM(w io.Writer, c *Certificate, password string) error {
	if c.key != nil {
		der, err := c.exportKey()
		if err != nil {
			return err
		}
		block := &pem.Block{Type: "PRIVATE KEY", Bytes: der}
		if password != "" {
			block.Type = "ENCRYPTED PRIVATE KEY"
			if block.Bytes, err = encryptPKCS8(der, password, pemIterations); err != nil {
				return err
			}
		}
		if err := pem.Encode(w, block); err != nil {
			return err
		}
	}
	if err := WriteCertificatePEM(w, c); err != nil {
		return err
	}
	for _, above := range c.chain {
		if err := pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: above.Raw}); err != nil {
			return err
		}
	}
	return nil
}

// WriteCertificatePEM writes the certificate alone, without key and chain; for
// a bare key, its public key.
func WriteCertificatePEM(w io.Writer, c *Certificate) error {
	_, err := io.WriteString(w, c.Encoded())
	return err
}

// WritePFX writes the certificate, its chain and its private key as PKCS#12
// (AES-256 and HMAC-SHA256), which OpenSSL since 1.1, Java since 8u301 and
// Windows since 10 1709 read.
func WritePFX(w io.Writer, c *Certificate, password string) error {
	switch {
	case c.cert == nil:
		return fmt.Errorf("write PFX: %w", ErrNoCertificate)
	case c.key == nil:
		return fmt.Errorf("write PFX: %w", ErrNoPrivateKey)
	}
	if _, err := c.exportKey(); err != nil {
		return err
	}
	data, err := pkcs12.Modern2023.Encode(c.key, c.cert, c.chain, password)
	if err != nil {
		return fmt.Errorf("write PFX: %w", err)
	}
	_, err = w.Write(data)
	return err
}

func (c *Certificate) exportKey() ([]byte, error) {
	if c.token != nil {
		return nil, ErrNotExportable
	}
	der, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotExportable, err)
	}
	return der, nil
}

func encryptPKCS8(der []byte, password string, iterations int) ([]byte, error) {
	salt, iv := make([]byte, 16), make([]byte, aes.BlockSize)
	rand.Read(salt) // never fails
	rand.Read(iv)
	key, err := pbkdf2.Key(sha256.New, password, salt, iterations, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(der)%aes.BlockSize
	data := append([]byte(nil), der...)
	for range pad {
		data = append(data, byte(pad))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)

	null := asn1.RawValue{FullBytes: asn1.NullBytes}
	kdf, err := asn1.Marshal(pbkdf2Params{
		Salt:       salt,
		Iterations: iterations,
		PRF:        pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, Parameters: null},
	})
	if err != nil {
		return nil, err
	}
	ivDER, err := asn1.Marshal(iv)
	if err != nil {
		return nil, err
	}
	params, err := asn1.Marshal(pbes2Params{
		KDF:    pkix.AlgorithmIdentifier{Algorithm: oidPBKDF2, Parameters: asn1.RawValue{FullBytes: kdf}},
		Scheme: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, Parameters: asn1.RawValue{FullBytes: ivDER}},
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedPrivateKeyInfo{
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidPBES2, Parameters: asn1.RawValue{FullBytes: params}},
		Data:      data,
	})
}
