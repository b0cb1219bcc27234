package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
)

// Form is how a password is stored.
type Form int

// The forms of stored passwords.
const (
	Plain    Form = iota // as it is
	SHA1                 // 40 hex digits: SHA-1 of the password, Corrade's form
	Argon2id             // a PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash
)

const argon2idPrefix = "$argon2id$"

// The cost of new hashes: what OWASP recommends as its second choice, 19 MiB
// and two passes, about 20 ms.
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// Stored hashes may cost more than new ones, but not so much that one attempt
// to log in takes the machine away.
const (
	argonMaxMemory = 256 << 10 // KiB
	argonMaxTime   = 16
)

// HashPassword returns the argon2id form of a password, with a salt of its
// own.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails, it ends the program instead
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("%sv=%d$m=%d,t=%d,p=%d$%s$%s", argon2idPrefix, argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// HashSHA1 returns the form in which Corrade stores passwords: SHA-1 as 40
// lower-case hex digits. It is here for people who share settings with it;
// [HashPassword] is the one to use.
func HashSHA1(password string) string {
	sum := sha1.Sum([]byte(password))
	return hex.EncodeToString(sum[:])
}

// StoredForm tells the form of a stored password. It fails on an empty one and
// on an argon2id text that cannot be used. A plain password of exactly 40 hex
// digits cannot be told from a hash and counts as one.
func StoredForm(stored string) (Form, error) {
	switch {
	case stored == "":
		return Plain, errors.New("the password is empty")
	case strings.HasPrefix(stored, argon2idPrefix):
		_, err := parseArgon2id(stored)
		return Argon2id, err
	case strings.HasPrefix(stored, "$argon2"):
		return Plain, errors.New("of the argon2 hashes only argon2id is allowed")
	case len(stored) == 2*sha1.Size:
		if _, err := hex.DecodeString(stored); err == nil {
			return SHA1, nil
		}
	}
	return Plain, nil
}

type argonHash struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

var errArgonForm = errors.New("an argon2id hash looks like $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH with unpadded base64")

func parseArgon2id(stored string) (argonHash, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 {
		return argonHash{}, errArgonForm
	}
	var h argonHash
	if parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return argonHash{}, fmt.Errorf("argon2id %s is not supported, want v=%d", parts[2], argon2.Version)
	}
	costs := parts[3]
	if n, err := fmt.Sscanf(costs, "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil || n != 3 ||
		costs != fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.time, h.threads) {
		return argonHash{}, errArgonForm
	}
	if h.time < 1 || h.time > argonMaxTime || h.threads < 1 || h.memory < 8*uint32(h.threads) || h.memory > argonMaxMemory {
		return argonHash{}, fmt.Errorf("argon2id %s: allowed are m up to %d, t from 1 to %d, p at least 1",
			costs, argonMaxMemory, argonMaxTime)
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(h.salt) < 8 || len(h.key) < 16 || len(h.key) > 64 {
		return argonHash{}, errArgonForm
	}
	return h, nil
}

// VerifyPassword tells whether given is the password stored in one of the
// forms. The stored hash itself is no password. Comparing takes the same time
// whatever differs. An empty password is never right.
func VerifyPassword(stored, given string) bool {
	form, err := StoredForm(stored)
	if err != nil || given == "" {
		return false
	}
	switch form {
	case SHA1:
		want, err := hex.DecodeString(stored)
		sum := sha1.Sum([]byte(given))
		return err == nil && subtle.ConstantTimeCompare(want, sum[:]) == 1
	case Argon2id:
		h, err := parseArgon2id(stored)
		if err != nil {
			return false
		}
		key := argon2.IDKey([]byte(given), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
		return subtle.ConstantTimeCompare(h.key, key) == 1
	default:
		// Hashes of both, so that the length is not told either.
		a, b := sha256.Sum256([]byte(stored)), sha256.Sum256([]byte(given))
		return subtle.ConstantTimeCompare(a[:], b[:]) == 1
	}
}

// verifier is [VerifyPassword] with a memory: every command line carries its
// password, and argon2id is meant to be slow. What it remembers are outcomes
// under an HMAC of both texts with a key of this process, not the texts.
type verifier struct {
	secret [32]byte
	// slow lets two argon2id computations run at a time: each takes tens of
	// megabytes.
	slow chan struct{}

	mu          sync.Mutex
	young, aged map[[sha256.Size]byte]bool
}

// remembered is how many outcomes are kept at least.
const remembered = 1024

func newVerifier() *verifier {
	v := &verifier{slow: make(chan struct{}, 2), young: map[[sha256.Size]byte]bool{}}
	rand.Read(v.secret[:])
	return v
}

func (v *verifier) verify(stored, given string) bool {
	if !strings.HasPrefix(stored, argon2idPrefix) {
		return VerifyPassword(stored, given)
	}
	mac := hmac.New(sha256.New, v.secret[:])
	fmt.Fprintf(mac, "%d:%s%s", len(stored), stored, given)
	id := [sha256.Size]byte(mac.Sum(nil))
	if ok, known := v.recall(id); known {
		return ok
	}
	v.slow <- struct{}{}
	defer func() { <-v.slow }()
	if ok, known := v.recall(id); known { // the same question was just answered
		return ok
	}
	ok := VerifyPassword(stored, given)
	v.remember(id, ok)
	return ok
}

func (v *verifier) recall(id [sha256.Size]byte) (ok, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if ok, known = v.young[id]; known {
		return ok, true
	}
	if ok, known = v.aged[id]; known {
		v.keep(id, ok)
	}
	return ok, known
}

func (v *verifier) remember(id [sha256.Size]byte, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keep(id, ok)
}

// keep holds two generations: what is asked for moves to the young one, and
// the aged one is dropped when that is full.
func (v *verifier) keep(id [sha256.Size]byte, ok bool) {
	if len(v.young) >= remembered {
		v.aged, v.young = v.young, make(map[[sha256.Size]byte]bool, remembered)
	}
	v.young[id] = ok
}
