package certstore

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/ssh"
)

// maxArgonMemory bounds what a PPK file may ask for, in KiB. PuTTY writes
// 8,192.
var maxArgonMemory = 1 << 20

// ppk is a PuTTY private key file, appendix C of the PuTTY manual.
type ppk struct {
	version    int
	algorithm  string
	encryption string
	comment    string
	public     []byte
	private    []byte // as in the file, encrypted or not
	mac        []byte
	derivation map[string]string // the Argon2 headers of version 3
}

func parsePPK(s Source, data []byte) ([]*Certificate, error) {
	file, err := readPPK(string(data))
	if err != nil {
		return nil, corrupt("PPK", err)
	}
	private, err := file.open(s.keyPassword())
	if err != nil {
		return nil, err
	}
	pub, err := ssh.ParsePublicKey(file.public)
	if err != nil {
		return nil, corrupt("PPK public key", err)
	}
	if pub.Type() != file.algorithm {
		return nil, corrupt("PPK", fmt.Errorf("public key is %s and not %s", pub.Type(), file.algorithm))
	}
	entry, err := sshEntry(pub, file.comment)
	if err != nil {
		return nil, err
	}
	if entry.key, err = ppkPrivate(entry.pub, private); err != nil {
		return nil, err
	}
	if !publicEqual(entry.key.Public(), entry.pub) {
		return nil, fmt.Errorf("PPK: %w", ErrKeyMismatch)
	}
	return []*Certificate{entry}, nil
}

// readPPK takes the file apart into headers and blobs.
func readPPK(text string) (*ppk, error) {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	file := &ppk{derivation: map[string]string{}}
	blob := func(i int, count string) ([]byte, int, error) {
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 || i+n >= len(lines) {
			return nil, i, fmt.Errorf("truncated: %s lines are missing", count)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.Join(lines[i+1:i+1+n], ""))
		return raw, i + n, err
	}
	for i := 0; i < len(lines); i++ {
		name, value, ok := strings.Cut(lines[i], ": ")
		if !ok {
			if strings.TrimSpace(lines[i]) == "" {
				continue
			}
			return nil, fmt.Errorf("line %d is no header", i+1)
		}
		var err error
		switch name {
		case "PuTTY-User-Key-File-2", "PuTTY-User-Key-File-3":
			file.version = int(name[len(name)-1] - '0')
			file.algorithm = value
		case "PuTTY-User-Key-File-1":
			return nil, fmt.Errorf("%w: PPK version 1; open and save it with a current puttygen", ErrUnsupported)
		case "Encryption":
			file.encryption = value
		case "Comment":
			file.comment = value
		case "Public-Lines":
			file.public, i, err = blob(i, value)
		case "Private-Lines":
			file.private, i, err = blob(i, value)
		case "Private-MAC":
			file.mac, err = hex.DecodeString(value)
		default:
			file.derivation[name] = value
		}
		if err != nil {
			return nil, err
		}
	}
	if file.version == 0 || file.public == nil || file.private == nil || file.mac == nil {
		return nil, errors.New("truncated: a header is missing")
	}
	return file, nil
}

// open decrypts the private blob and checks the MAC, which covers everything.
func (f *ppk) open(password string) ([]byte, error) {
	if f.encryption != "none" && f.encryption != "aes256-cbc" {
		return nil, fmt.Errorf("%w: PPK encryption %q", ErrUnsupported, f.encryption)
	}
	encrypted := f.encryption != "none"
	if !encrypted {
		password = ""
	}
	var newHash func() hash.Hash
	var key, iv, macKey []byte
	var err error
	if f.version == 2 {
		newHash = sha1.New
		key, iv, macKey = ppk2Keys(password)
	} else {
		newHash = sha256.New
		if key, iv, macKey, err = f.ppk3Keys(password, encrypted); err != nil {
			return nil, err
		}
	}
	plain := f.private
	if encrypted {
		if len(plain) == 0 || len(plain)%aes.BlockSize != 0 {
			return nil, fmt.Errorf("%w: PPK private part of %d bytes", ErrCorrupt, len(plain))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		plain = make([]byte, len(f.private))
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, f.private)
	}
	var covered []byte
	for _, part := range [][]byte{[]byte(f.algorithm), []byte(f.encryption), []byte(f.comment), f.public, plain} {
		covered = binary.BigEndian.AppendUint32(covered, uint32(len(part)))
		covered = append(covered, part...)
	}
	if macEqual(newHash, macKey, covered, f.mac) {
		return plain, nil
	}
	if encrypted {
		return nil, ErrWrongPassword
	}
	return nil, fmt.Errorf("%w: PPK with a wrong MAC", ErrCorrupt)
}

func ppk2Keys(password string) (key, iv, macKey []byte) {
	a := sha1.Sum(append([]byte{0, 0, 0, 0}, password...))
	b := sha1.Sum(append([]byte{0, 0, 0, 1}, password...))
	m := sha1.Sum(append([]byte("putty-private-key-file-mac-key"), password...))
	return append(a[:], b[:12]...), make([]byte, aes.BlockSize), m[:]
}

func (f *ppk) ppk3Keys(password string, encrypted bool) (key, iv, macKey []byte, err error) {
	if !encrypted {
		return nil, nil, nil, nil
	}
	number := func(name string, limit int) uint32 {
		n, convErr := strconv.Atoi(f.derivation[name])
		if convErr != nil || n < 1 || n > limit {
			err = errors.Join(err, corrupt("PPK", fmt.Errorf("%s is %q; 1 to %d is allowed", name, f.derivation[name], limit)))
		}
		return uint32(n)
	}
	memory := number("Argon2-Memory", maxArgonMemory)
	passes := number("Argon2-Passes", 10_000)
	parallelism := number("Argon2-Parallelism", 255)
	salt, saltErr := hex.DecodeString(f.derivation["Argon2-Salt"])
	if saltErr != nil {
		err = errors.Join(err, corrupt("PPK salt", saltErr))
	}
	if err != nil {
		return nil, nil, nil, err
	}
	var derived []byte
	switch f.derivation["Key-Derivation"] {
	case "Argon2id":
		derived = argon2.IDKey([]byte(password), salt, passes, memory, uint8(parallelism), 80)
	case "Argon2i":
		derived = argon2.Key([]byte(password), salt, passes, memory, uint8(parallelism), 80)
	default:
		return nil, nil, nil, fmt.Errorf("%w: PPK key derivation %q; Argon2id and Argon2i are", ErrUnsupported, f.derivation["Key-Derivation"])
	}
	return derived[:32], derived[32:48], derived[48:], nil
}

// ppkPrivate reads the numbers of the private blob. In an encrypted file random
// padding follows them.
func ppkPrivate(pub crypto.PublicKey, blob []byte) (crypto.Signer, error) {
	r := &sshReader{rest: blob}
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		d, p, q := r.integer(), r.integer(), r.integer()
		if r.bad {
			break
		}
		return newRSAKey(pub.N, big.NewInt(int64(pub.E)), d, p, q)
	case *ecdsa.PublicKey:
		d := r.integer()
		if r.bad {
			break
		}
		return newECKey(pub.Curve, d)
	case ed25519.PublicKey:
		seed := r.bytes()
		if r.bad || len(seed) != ed25519.SeedSize {
			break
		}
		return ed25519.NewKeyFromSeed(seed), nil
	default:
		return nil, fmt.Errorf("%w: PPK with a key of type %T", ErrUnsupported, pub)
	}
	return nil, corrupt("PPK private key", errors.New("truncated"))
}

// sshReader reads the strings and numbers of RFC 4251 §5.
type sshReader struct {
	rest []byte
	bad  bool
}

func (r *sshReader) bytes() []byte {
	if len(r.rest) < 4 {
		r.bad = true
		return nil
	}
	n := binary.BigEndian.Uint32(r.rest)
	if uint64(n) > uint64(len(r.rest)-4) {
		r.bad = true
		return nil
	}
	out := r.rest[4 : 4+n]
	r.rest = r.rest[4+n:]
	return out
}

func (r *sshReader) integer() *big.Int {
	return new(big.Int).SetBytes(bytes.TrimLeft(r.bytes(), "\x00"))
}

// newRSAKey makes a checked RSA key from its numbers.
func newRSAKey(n, e, d, p, q *big.Int) (*rsa.PrivateKey, error) {
	if !e.IsInt64() || e.Int64() > 1<<31-1 || e.Sign() <= 0 || n.BitLen() > 16384 || n.Sign() <= 0 {
		return nil, corrupt("RSA key", errors.New("numbers out of range"))
	}
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())},
		D:         d,
		Primes:    []*big.Int{p, q},
	}
	if err := key.Validate(); err != nil {
		return nil, corrupt("RSA key", err)
	}
	key.Precompute()
	return key, nil
}

// newECKey makes a checked ECDSA key from its secret number.
func newECKey(curve elliptic.Curve, d *big.Int) (*ecdsa.PrivateKey, error) {
	size := (curve.Params().BitSize + 7) / 8
	if d.BitLen() > 8*size {
		return nil, corrupt("ECDSA key", errors.New("number out of range"))
	}
	key, err := ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, size)))
	if err != nil {
		return nil, corrupt("ECDSA key", err)
	}
	return key, nil
}
