package certstore

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/scrypt"
)

// Bounds on what a store may ask a key derivation to cost, so that a damaged
// one cannot keep the program busy for hours. PKCS#12 writers use up to a
// million iterations.
var (
	maxIterations   = 20_000_000
	maxScryptMemory = 512 << 20
)

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidPBMAC1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
)

// hmacs are the pseudo-random functions of PBKDF2, by object identifier.
var hmacs = map[string]func() hash.Hash{
	"1.2.840.113549.2.7":      sha1.New,
	"1.2.840.113549.2.8":      sha256.New224,
	"1.2.840.113549.2.9":      sha256.New,
	"1.2.840.113549.2.10":     sha512.New384,
	"1.2.840.113549.2.11":     sha512.New,
	"1.2.840.113549.2.12":     sha512.New512_224,
	"1.2.840.113549.2.13":     sha512.New512_256,
	"2.16.840.1.101.3.4.2.14": func() hash.Hash { return sha3.New256() },
	"2.16.840.1.101.3.4.2.16": func() hash.Hash { return sha3.New512() },
}

// blockCiphers are the CBC encryption schemes of PBES2, by object identifier.
var blockCiphers = map[string]struct {
	keyLen int
	make   func([]byte) (cipher.Block, error)
}{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	"1.3.14.3.2.7":            {8, des.NewCipher},
}

type encryptedPrivateKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2Params struct {
	KDF    pkix.AlgorithmIdentifier
	Scheme pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

type scryptParams struct {
	Salt      []byte
	Cost      int
	BlockSize int
	Parallel  int
	KeyLength int `asn1:"optional"`
}

// deriveKey runs the key derivation that a PBES2 or PBMAC1 structure names.
// want is the length of the key in bytes where the structure does not say.
func deriveKey(kdf pkix.AlgorithmIdentifier, secret []byte, want int) ([]byte, error) {
	switch {
	case kdf.Algorithm.Equal(oidPBKDF2):
		var p pbkdf2Params
		if err := unmarshalAll(kdf.Parameters.FullBytes, &p); err != nil {
			return nil, corrupt("PBKDF2 parameters", err)
		}
		prf := sha1.New
		if len(p.PRF.Algorithm) > 0 {
			var ok bool
			if prf, ok = hmacs[p.PRF.Algorithm.String()]; !ok {
				return nil, fmt.Errorf("%w: PBKDF2 with %s", ErrUnsupported, p.PRF.Algorithm)
			}
		}
		if err := checkIterations(p.Iterations); err != nil {
			return nil, err
		}
		length, err := keyLength(p.KeyLength, want)
		if err != nil {
			return nil, err
		}
		return pbkdf2.Key(prf, string(secret), p.Salt, p.Iterations, length)
	case kdf.Algorithm.Equal(oidScrypt):
		var p scryptParams
		if err := unmarshalAll(kdf.Parameters.FullBytes, &p); err != nil {
			return nil, corrupt("scrypt parameters", err)
		}
		if p.Cost < 2 || p.BlockSize < 1 || p.Parallel < 1 || p.Parallel > 64 || p.BlockSize > 1024 ||
			p.Cost > maxScryptMemory/128/p.BlockSize {
			return nil, fmt.Errorf("%w: scrypt with N=%d r=%d p=%d", ErrCorrupt, p.Cost, p.BlockSize, p.Parallel)
		}
		length, err := keyLength(p.KeyLength, want)
		if err != nil {
			return nil, err
		}
		return scrypt.Key(secret, p.Salt, p.Cost, p.BlockSize, p.Parallel, length)
	}
	return nil, fmt.Errorf("%w: key derivation %s", ErrUnsupported, kdf.Algorithm)
}

func keyLength(stated, want int) (int, error) {
	switch {
	case stated == 0 && want > 0:
		return want, nil
	case stated < 1 || stated > 1024, want > 0 && stated != want:
		return 0, fmt.Errorf("%w: derived key of %d bytes", ErrCorrupt, stated)
	}
	return stated, nil
}

func checkIterations(n int) error {
	if n < 1 || n > maxIterations {
		return fmt.Errorf("%w: %d iterations of the key derivation", ErrCorrupt, n)
	}
	return nil
}

// decryptPBE undoes a password based encryption: PBES2 (RFC 8018 §6.2), PBES1
// (§6.1) or the ones of PKCS#12 (RFC 7292 appendix C).
func decryptPBE(alg pkix.AlgorithmIdentifier, data []byte, password string) ([]byte, error) {
	if alg.Algorithm.Equal(oidPBES2) {
		var p pbes2Params
		if err := unmarshalAll(alg.Parameters.FullBytes, &p); err != nil {
			return nil, corrupt("PBES2 parameters", err)
		}
		return decryptPBES2(p, data, []byte(password))
	}
	scheme, ok := pbes1Schemes[alg.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("%w: encryption %s", ErrUnsupported, alg.Algorithm)
	}
	var p struct {
		Salt       []byte
		Iterations int
	}
	if err := unmarshalAll(alg.Parameters.FullBytes, &p); err != nil {
		return nil, corrupt("encryption parameters", err)
	}
	if err := checkIterations(p.Iterations); err != nil {
		return nil, err
	}
	return scheme(data, password, p.Salt, p.Iterations)
}

func decryptPBES2(p pbes2Params, data, secret []byte) ([]byte, error) {
	scheme, ok := blockCiphers[p.Scheme.Algorithm.String()]
	if !ok {
		return decryptAEAD(p, data, secret)
	}
	key, err := deriveKey(p.KDF, secret, scheme.keyLen)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if err := unmarshalAll(p.Scheme.Parameters.FullBytes, &iv); err != nil {
		return nil, corrupt("initialization vector", err)
	}
	block, err := scheme.make(key)
	if err != nil {
		return nil, err
	}
	return decryptCBC(block, iv, data)
}

// decryptCBC decrypts and removes the padding. Padding that is wrong means in
// practice that the password is.
func decryptCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, fmt.Errorf("%w: encrypted part of %d bytes", ErrCorrupt, len(data))
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	pad := int(out[len(out)-1])
	if pad < 1 || pad > size || !bytes.Equal(out[len(out)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, ErrWrongPassword
	}
	return out[:len(out)-pad], nil
}

type pbes1Scheme func(data []byte, password string, salt []byte, iterations int) ([]byte, error)

// pbes1Schemes are the encryptions of PKCS#12 and PKCS#5 version 1.5, which
// old stores use.
var pbes1Schemes = map[string]pbes1Scheme{
	"1.2.840.113549.1.12.1.1": pkcs12RC4(16),
	"1.2.840.113549.1.12.1.2": pkcs12RC4(5),
	"1.2.840.113549.1.12.1.3": pkcs12CBC(24, des.NewTripleDESCipher),
	"1.2.840.113549.1.12.1.4": pkcs12CBC(16, func(k []byte) (cipher.Block, error) {
		return des.NewTripleDESCipher(append(append([]byte(nil), k...), k[:8]...))
	}),
	"1.2.840.113549.1.12.1.5": pkcs12CBC(16, newRC2),
	"1.2.840.113549.1.12.1.6": pkcs12CBC(5, newRC2),
	"1.2.840.113549.1.5.3":    pkcs5CBC(md5.New),
	"1.2.840.113549.1.5.10":   pkcs5CBC(sha1.New),
}

func pkcs12CBC(keyLen int, newBlock func([]byte) (cipher.Block, error)) pbes1Scheme {
	return func(data []byte, password string, salt []byte, iterations int) ([]byte, error) {
		secret := bmpPassword(password)
		block, err := newBlock(pkcs12KDF(sha1.New, secret, salt, iterations, 1, keyLen))
		if err != nil {
			return nil, err
		}
		return decryptCBC(block, pkcs12KDF(sha1.New, secret, salt, iterations, 2, block.BlockSize()), data)
	}
}

func pkcs12RC4(keyLen int) pbes1Scheme {
	return func(data []byte, password string, salt []byte, iterations int) ([]byte, error) {
		c, err := rc4.NewCipher(pkcs12KDF(sha1.New, bmpPassword(password), salt, iterations, 1, keyLen))
		if err != nil {
			return nil, err
		}
		out := make([]byte, len(data))
		c.XORKeyStream(out, data)
		return out, nil
	}
}

// pkcs5CBC is PBES1 with DES, RFC 8018 §6.1.
func pkcs5CBC(newHash func() hash.Hash) pbes1Scheme {
	return func(data []byte, password string, salt []byte, iterations int) ([]byte, error) {
		derived := append([]byte(password), salt...)
		for range iterations {
			h := newHash()
			h.Write(derived)
			derived = h.Sum(nil)
		}
		block, err := des.NewCipher(derived[:8])
		if err != nil {
			return nil, err
		}
		return decryptCBC(block, derived[8:16], data)
	}
}

// parsePKCS8Encrypted opens an EncryptedPrivateKeyInfo and returns the
// PrivateKeyInfo inside.
func parsePKCS8Encrypted(der []byte, password string) ([]byte, error) {
	var info encryptedPrivateKeyInfo
	if err := unmarshalAll(der, &info); err != nil {
		return nil, corrupt("encrypted private key", err)
	}
	plain, err := decryptPBE(info.Algorithm, info.Data, password)
	if err != nil {
		return nil, err
	}
	// One wrong password in 256 leaves padding that looks right.
	var probe asn1.RawValue
	if unmarshalAll(plain, &probe) != nil || probe.Tag != asn1.TagSequence {
		return nil, ErrWrongPassword
	}
	return plain, nil
}

func macEqual(newHash func() hash.Hash, key, data, want []byte) bool {
	m := hmac.New(newHash, key)
	m.Write(data)
	return hmac.Equal(m.Sum(nil), want)
}

// unmarshalAll parses DER that must be all of the data.
func unmarshalAll(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errors.New("data after the end")
	}
	return nil
}
