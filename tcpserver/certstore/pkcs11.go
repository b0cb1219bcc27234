//go:build cgo

package certstore

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"slices"
	"sync"

	"github.com/miekg/pkcs11"
)

// module is one loaded PKCS#11 library. A library may be initialized only once
// in a process, so everything that uses it shares it.
type module struct {
	path string
	ctx  *pkcs11.Ctx
	refs int
	// pins holds for each slot the hash of the PIN that logged in. The log-in
	// counts for the whole process, so a second PIN has to be compared here.
	pins map[uint]*slotLogin
}

type slotLogin struct {
	refs int
	pin  [sha256.Size]byte
}

var (
	modulesMu sync.Mutex
	modules   = map[string]*module{}
)

// token is an open token: a session that keeps the log-in and its objects.
type token struct {
	mod      *module
	slot     uint
	uri      tokenURI
	keeper   pkcs11.SessionHandle
	loggedIn bool

	mu     sync.Mutex
	refs   int
	closed bool
	idle   []pkcs11.SessionHandle
}

// loadPKCS11 lists the certificates and keys of every token that the source
// names. Path (or Data) is the module or an RFC 7512 URI.
func loadPKCS11(s Source) ([]*Certificate, error) {
	text := s.Path
	if len(s.Data) > 0 {
		text = string(s.Data)
	}
	uri, err := parseTokenURI(text)
	if err != nil {
		return nil, err
	}
	if s.Password == "" {
		s.Password = uri.pin
	}
	mod, err := openModule(uri.module)
	if err != nil {
		return nil, err
	}
	defer mod.release()
	slots, err := mod.ctx.GetSlotList(true)
	if err != nil {
		return nil, fmt.Errorf("PKCS#11 slots: %w", err)
	}
	var entries []*Certificate
	var firstErr error
	for _, slot := range slots {
		found, err := mod.loadSlot(slot, uri, s.Password)
		if err != nil && firstErr == nil {
			firstErr = err
		}
		entries = append(entries, found...)
	}
	if len(entries) == 0 {
		if firstErr == nil {
			firstErr = fmt.Errorf("%w: no token of %s holds it", ErrNotFound, uri)
		}
		return nil, firstErr
	}
	return entries, nil
}

func openModule(path string) (*module, error) {
	modulesMu.Lock()
	defer modulesMu.Unlock()
	if m, ok := modules[path]; ok {
		m.refs++
		return m, nil
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("PKCS#11 module: %w", err)
	}
	ctx := pkcs11.New(path)
	if ctx == nil {
		return nil, fmt.Errorf("%w: %s is no PKCS#11 module for this system", ErrCorrupt, path)
	}
	if err := ctx.Initialize(); err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		ctx.Destroy()
		return nil, fmt.Errorf("PKCS#11 module %s: %w", path, err)
	}
	m := &module{path: path, ctx: ctx, refs: 1, pins: map[uint]*slotLogin{}}
	modules[path] = m
	return m, nil
}

func (m *module) retain() {
	modulesMu.Lock()
	m.refs++
	modulesMu.Unlock()
}

func (m *module) release() {
	modulesMu.Lock()
	defer modulesMu.Unlock()
	if m.refs--; m.refs > 0 {
		return
	}
	delete(modules, m.path)
	_ = m.ctx.Finalize()
	m.ctx.Destroy()
}

func (m *module) loadSlot(slot uint, uri tokenURI, pin string) ([]*Certificate, error) {
	info, err := m.ctx.GetTokenInfo(slot)
	if err != nil {
		return nil, nil // an empty reader
	}
	if uri.token != "" && uri.token != info.Label || uri.serial != "" && uri.serial != info.SerialNumber ||
		uri.slot != nil && *uri.slot != slot || info.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
		return nil, nil
	}
	t := &token{mod: m, slot: slot, uri: tokenURI{module: m.path, token: info.Label, serial: info.SerialNumber}, refs: 1}
	if t.keeper, err = m.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION); err != nil {
		return nil, fmt.Errorf("PKCS#11 session: %w", err)
	}
	m.retain()
	defer t.release()
	if pin != "" {
		if err := t.login(pin); err != nil {
			return nil, err
		}
	}
	return t.entries(uri)
}

func (t *token) login(pin string) error {
	modulesMu.Lock()
	defer modulesMu.Unlock()
	hash := sha256.Sum256([]byte(pin))
	if l, ok := t.mod.pins[t.slot]; ok {
		if l.pin != hash {
			return fmt.Errorf("PIN of token %q: %w", t.uri.token, ErrWrongPassword)
		}
		l.refs++
		t.loggedIn = true
		return nil
	}
	err := t.mod.ctx.Login(t.keeper, pkcs11.CKU_USER, pin)
	switch {
	case err == nil, errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)):
		t.mod.pins[t.slot] = &slotLogin{refs: 1, pin: hash}
		t.loggedIn = true
		return nil
	case errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_INCORRECT)), errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_LEN_RANGE)),
		errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_INVALID)):
		return fmt.Errorf("PIN of token %q: %w", t.uri.token, ErrWrongPassword)
	case errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_LOCKED)):
		return fmt.Errorf("PIN of token %q is locked: %w", t.uri.token, ErrWrongPassword)
	}
	return fmt.Errorf("log in to token %q: %w", t.uri.token, err)
}

func (t *token) retain() {
	t.mu.Lock()
	t.refs++
	t.mu.Unlock()
}

func (t *token) release() {
	t.mu.Lock()
	t.refs--
	last := t.refs == 0 && !t.closed
	if last {
		t.closed = true
	}
	idle := t.idle
	if last {
		t.idle = nil
	}
	t.mu.Unlock()
	if !last {
		return
	}
	for _, s := range idle {
		_ = t.mod.ctx.CloseSession(s)
	}
	if t.loggedIn {
		modulesMu.Lock()
		if l := t.mod.pins[t.slot]; l != nil {
			if l.refs--; l.refs == 0 {
				delete(t.mod.pins, t.slot)
				_ = t.mod.ctx.Logout(t.keeper)
			}
		}
		modulesMu.Unlock()
	}
	_ = t.mod.ctx.CloseSession(t.keeper)
	t.mod.release()
}

// object is a certificate or key of the token.
type object struct {
	handle pkcs11.ObjectHandle
	id     []byte
	label  string
}

func (t *token) entries(uri tokenURI) ([]*Certificate, error) {
	wanted := func(o object) bool {
		return (uri.object == "" || uri.object == o.label) && (len(uri.id) == 0 || bytes.Equal(uri.id, o.id))
	}
	certObjects, err := t.find(pkcs11.CKO_CERTIFICATE)
	if err != nil {
		return nil, err
	}
	keys, err := t.find(pkcs11.CKO_PRIVATE_KEY)
	if err != nil {
		return nil, err
	}
	certs := make([]*x509.Certificate, len(certObjects))
	for i, o := range certObjects {
		if certs[i], err = t.certificate(o); err != nil {
			return nil, err
		}
	}
	pool := slices.DeleteFunc(slices.Clone(certs), func(c *x509.Certificate) bool { return c == nil })
	var entries []*Certificate
	add := func(e *Certificate, o object) {
		t.retain()
		entry := &tokenEntry{token: t, object: o}
		e.token = entry
		entries = append(entries, e)
		// A certificate that nobody closes ends its session when neither it nor
		// its key, which a tls.Certificate may hold, is in use any more.
		if s, ok := e.key.(*tokenSigner); ok {
			runtime.AddCleanup(s, func(entry *tokenEntry) { _ = entry.Close() }, entry)
		} else {
			runtime.AddCleanup(e, func(entry *tokenEntry) { _ = entry.Close() }, entry)
		}
	}
	paired := map[int]bool{}
	for i, o := range certObjects {
		if certs[i] == nil || !wanted(o) {
			continue
		}
		e := newEntry(certs[i], pool, nil, o.label)
		for k, key := range keys {
			if len(o.id) > 0 && bytes.Equal(key.id, o.id) {
				paired[k] = true
				if e.key, err = t.signer(key, certs[i].PublicKey); err != nil {
					return nil, err
				}
			}
		}
		add(e, o)
	}
	for k, key := range keys {
		if paired[k] || !wanted(key) {
			continue
		}
		pub, err := t.publicRSA(key)
		if err != nil || pub == nil {
			continue // its public part is not in the token
		}
		s, err := t.signer(key, pub)
		if err != nil {
			return nil, err
		}
		add(&Certificate{name: key.label, pub: pub, key: s}, key)
	}
	return entries, nil
}

func (t *token) find(class uint) ([]object, error) {
	ctx := t.mod.ctx
	if err := ctx.FindObjectsInit(t.keeper, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class)}); err != nil {
		return nil, fmt.Errorf("search token: %w", err)
	}
	var objects []object
	for {
		handles, _, err := ctx.FindObjects(t.keeper, 100)
		if err != nil {
			_ = ctx.FindObjectsFinal(t.keeper)
			return nil, fmt.Errorf("search token: %w", err)
		}
		if len(handles) == 0 {
			break
		}
		for _, h := range handles {
			objects = append(objects, object{handle: h})
		}
	}
	if err := ctx.FindObjectsFinal(t.keeper); err != nil {
		return nil, fmt.Errorf("search token: %w", err)
	}
	for i := range objects {
		attributes, err := ctx.GetAttributeValue(t.keeper, objects[i].handle, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_ID, nil), pkcs11.NewAttribute(pkcs11.CKA_LABEL, nil),
		})
		if err != nil {
			return nil, fmt.Errorf("object of token: %w", err)
		}
		objects[i].id, objects[i].label = attributes[0].Value, string(attributes[1].Value)
	}
	return objects, nil
}

// certificate reads an X.509 certificate; other kinds are nil.
func (t *token) certificate(o object) (*x509.Certificate, error) {
	attributes, err := t.mod.ctx.GetAttributeValue(t.keeper, o.handle, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)})
	if err != nil || len(attributes[0].Value) == 0 {
		return nil, nil
	}
	cert, err := x509.ParseCertificate(attributes[0].Value)
	if err != nil {
		return nil, corrupt(fmt.Sprintf("certificate %q of token", o.label), err)
	}
	return cert, nil
}

// publicRSA reads the public numbers, which RSA private keys show as well. For
// other kinds it is nil.
func (t *token) publicRSA(key object) (crypto.PublicKey, error) {
	attributes, err := t.mod.ctx.GetAttributeValue(t.keeper, key.handle, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_MODULUS, nil), pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, nil),
	})
	if err != nil || len(attributes[0].Value) == 0 || len(attributes[1].Value) == 0 || len(attributes[1].Value) > 4 {
		return nil, err
	}
	e := new(big.Int).SetBytes(attributes[1].Value)
	return &rsa.PublicKey{N: new(big.Int).SetBytes(attributes[0].Value), E: int(e.Int64())}, nil
}

// tokenEntry keeps the token open for one certificate.
type tokenEntry struct {
	token  *token
	object object
	once   sync.Once
}

func (e *tokenEntry) uri() string {
	u := e.token.uri
	u.object, u.id = e.object.label, e.object.id
	return u.String()
}

func (e *tokenEntry) Close() error {
	e.once.Do(e.token.release)
	return nil
}
