package script

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// NewAES makes the filter AES, compatible with Corrade's: AES-256-CBC with
// PKCS#7 padding, key and IV from PBKDF2-HMAC-SHA1 with 1000 rounds over 16
// random bytes for every key and value, written as base64(salt) ':'
// base64(cipher text). Nothing protects the text from being changed, and 1000
// rounds are few by now: use [NewAESGCM] where both ends can. The output
// contains '=', so another filter (RFC1738) must follow on the way out.
//
// Decoding with a wrong key is an error, except that about one in 250 wrong
// keys yields a validly padded text, most often not UTF-8 and so an error too.
func NewAES(passphrase string) (Filter, error) {
	if passphrase == "" {
		return nil, errors.New("filter AES: the passphrase is empty")
	}
	return aesCBC{passphrase: passphrase}, nil
}

type aesCBC struct{ passphrase string }

const aesSaltSize = 16

func (aesCBC) Name() string       { return "AES" }
func (aesCBC) escapesLines() bool { return true }

func (f aesCBC) AppendEncode(dst []byte, text string) []byte {
	var salt [aesSaltSize]byte
	rand.Read(salt[:]) // never fails, it ends the program instead
	return f.appendSalted(dst, salt[:], text)
}

func (f aesCBC) appendSalted(dst, salt []byte, text string) []byte {
	block, iv := f.key(salt)
	pad := aes.BlockSize - len(text)%aes.BlockSize
	b := make([]byte, len(text)+pad)
	for i := copy(b, text); i < len(b); i++ {
		b[i] = byte(pad)
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(b, b)
	dst = base64.StdEncoding.AppendEncode(dst, salt)
	dst = append(dst, ':')
	return base64.StdEncoding.AppendEncode(dst, b)
}

// key derives 48 bytes: 32 for the key, 16 for the IV.
func (f aesCBC) key(salt []byte) (cipher.Block, []byte) {
	k, err := pbkdf2.Key(sha1.New, f.passphrase, salt, 1000, 32+aes.BlockSize)
	if err != nil {
		panic("script: pbkdf2: " + err.Error()) // cannot happen with a constant length
	}
	block, err := aes.NewCipher(k[:32])
	if err != nil {
		panic("script: aes: " + err.Error()) // cannot happen with 32 bytes
	}
	return block, k[32:]
}

// errCipherText says the same for every fault: which one it was would help
// only somebody who tries keys or paddings.
var errCipherText = errors.New("wrong key or damaged text")

func (f aesCBC) Decode(text string) (string, error) {
	first, second, ok := strings.Cut(text, ":")
	if !ok || strings.Contains(second, ":") {
		return "", errors.New("want base64 of the salt, a colon and base64 of the cipher text")
	}
	salt, err1 := base64.StdEncoding.DecodeString(strings.TrimSpace(first))
	b, err2 := base64.StdEncoding.DecodeString(strings.TrimSpace(second))
	if err1 != nil || err2 != nil || len(salt) == 0 || len(b) == 0 || len(b)%aes.BlockSize != 0 {
		return "", errCipherText
	}
	block, iv := f.key(salt)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(b, b)
	pad := int(b[len(b)-1])
	if pad == 0 || pad > aes.BlockSize {
		return "", errCipherText
	}
	for _, c := range b[len(b)-pad:] {
		if int(c) != pad {
			return "", errCipherText
		}
	}
	if b = b[:len(b)-pad]; !utf8.Valid(b) {
		return "", errCipherText
	}
	return string(b), nil
}

// NewAESGCM makes the filter AES-256-GCM, the modern counterpart of AES: the
// key comes from argon2id (RFC 9106: 1 pass, 64 MiB, 4 lanes) and a changed or
// foreign text is always noticed. A text is
//
//	base64url, unpadded, of: version 1 (1 byte), salt (16), nonce (12), AES-256-GCM cipher text and tag
//
// with the 17 bytes of version and salt as additional data. It holds no '&',
// '=' or '+', so no further filter needs to follow.
//
// The salt is chosen once for each filter, the nonce for each text. Deriving a
// key takes tens of milliseconds, so keys are kept for the last 64 salts seen
// and derived one at a time: peers should keep their salt as long as they run.
func NewAESGCM(passphrase string) (Filter, error) {
	if passphrase == "" {
		return nil, errors.New("filter AES-256-GCM: the passphrase is empty")
	}
	f := &aesGCM{passphrase: passphrase, keys: make(map[[aesSaltSize]byte]cipher.AEAD)}
	rand.Read(f.salt[:])
	return f, nil
}

type aesGCM struct {
	passphrase string
	salt       [aesSaltSize]byte

	deriving sync.Mutex // one derivation at a time: each takes 64 MiB

	mu    sync.Mutex
	keys  map[[aesSaltSize]byte]cipher.AEAD
	order [][aesSaltSize]byte // salts in keys, oldest first, without our own
}

const (
	gcmVersion   = 1
	gcmNonceSize = 12
	gcmTagSize   = 16
	gcmHeader    = 1 + aesSaltSize
	gcmKeptSalts = 64
)

func (*aesGCM) Name() string       { return "AES-256-GCM" }
func (*aesGCM) escapesLines() bool { return true }

func (f *aesGCM) AppendEncode(dst []byte, text string) []byte {
	b := make([]byte, gcmHeader+gcmNonceSize, gcmHeader+gcmNonceSize+len(text)+gcmTagSize)
	b[0] = gcmVersion
	copy(b[1:], f.salt[:])
	nonce := b[gcmHeader:]
	rand.Read(nonce)
	b = f.aead(f.salt).Seal(b, nonce, []byte(text), b[:gcmHeader])
	return base64.RawURLEncoding.AppendEncode(dst, b)
}

func (f *aesGCM) Decode(text string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < gcmHeader+gcmNonceSize+gcmTagSize || b[0] != gcmVersion {
		return "", errors.New("not a text of this cipher")
	}
	aead := f.aead([aesSaltSize]byte(b[1:gcmHeader]))
	plain, err := aead.Open(nil, b[gcmHeader:gcmHeader+gcmNonceSize], b[gcmHeader+gcmNonceSize:], b[:gcmHeader])
	if err != nil {
		return "", errCipherText
	}
	if !utf8.Valid(plain) {
		return "", errNotUTF8
	}
	return string(plain), nil
}

// aead returns the cipher for a salt, deriving its key if need be.
func (f *aesGCM) aead(salt [aesSaltSize]byte) cipher.AEAD {
	if a, ok := f.known(salt); ok {
		return a
	}
	f.deriving.Lock()
	defer f.deriving.Unlock()
	if a, ok := f.known(salt); ok { // somebody else derived it meanwhile
		return a
	}
	block, err := aes.NewCipher(argon2.IDKey([]byte(f.passphrase), salt[:], 1, 64<<10, 4, 32))
	if err != nil {
		panic("script: aes: " + err.Error()) // cannot happen with 32 bytes
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic("script: gcm: " + err.Error()) // cannot happen with AES
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys[salt] = a
	if salt != f.salt {
		if f.order = append(f.order, salt); len(f.order) > gcmKeptSalts {
			delete(f.keys, f.order[0])
			f.order = f.order[1:]
		}
	}
	return a
}

func (f *aesGCM) known(salt [aesSaltSize]byte) (cipher.AEAD, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.keys[salt]
	return a, ok
}
