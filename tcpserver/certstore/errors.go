package certstore

import "errors"

// What may be wrong with a store. Test for them with [errors.Is].
var (
	// ErrUnknownType is a store type number or name that does not exist.
	ErrUnknownType = errors.New("unknown certificate store type")
	// ErrUnsupported is a store or key of a kind that cannot be used here:
	// Windows system stores, PKCS#11 in a build without cgo, or an algorithm
	// that nobody should use.
	ErrUnsupported = errors.New("not supported")
	// ErrWrongPassword is a password or PIN that does not open the store or
	// its key.
	ErrWrongPassword = errors.New("wrong password")
	// ErrCorrupt is a store that is truncated, damaged or of another format
	// than was said.
	ErrCorrupt = errors.New("damaged or not of this format")
	// ErrNotFound is a subject, thumbprint or certificate that the store does
	// not hold.
	ErrNotFound = errors.New("certificate not found")
	// ErrKeyMismatch is a private key that does not belong to the certificate
	// beside it.
	ErrKeyMismatch = errors.New("private key does not match the certificate")
	// ErrNoPrivateKey is a certificate without its private key where one is
	// needed.
	ErrNoPrivateKey = errors.New("no private key")
	// ErrNoCertificate is a bare key where an X.509 certificate is needed.
	ErrNoCertificate = errors.New("no X.509 certificate")
	// ErrNotExportable is a private key that its token does not give away.
	ErrNotExportable = errors.New("private key is not exportable")
)

// The error numbers that [Error.Code] carries.
const (
	CodeOpenStore    = 271 // the store cannot be opened
	CodeNotFound     = 272 // the certificate is not in the store
	CodeNoCredential = 273 // a certificate cannot be used for TLS
)

// Error says which store could not be used, and why.
type Error struct {
	Code  int    // CodeOpenStore, CodeNotFound or CodeNoCredential
	Type  Type   // the store type asked for
	Store string // the file or module; empty for a blob
	Err   error  // the cause; matches one of the sentinel errors
}

// Error describes the error with the store and its cause.
func (e *Error) Error() string {
	doing := "open certificate store"
	switch e.Code {
	case CodeNotFound:
		doing = "find certificate in store"
	case CodeNoCredential:
		doing = "use certificate of store"
	}
	s := doing + " " + e.Type.String()
	if e.Store != "" {
		s += " " + e.Store
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
