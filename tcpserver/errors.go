package tcpserver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"

	"rookery/tcpserver/certstore"
)

// Error is what every method of this package returns and every status refers
// to: a number, what it says, and the cause where there is one.
type Error struct {
	Code int    // number from the error table, such as 135
	Text string // what went wrong, in words
	Err  error  // the cause; may be nil
}

// Sentinels for callers that decide on an error: errors.Is compares the number
// alone.
var (
	ErrAlreadyListening  = &Error{Code: 104, Text: "the server is already listening"}
	ErrLocalPortFixed    = &Error{Code: 106, Text: "LocalPort cannot change while the server is listening"}
	ErrLocalHostFixed    = &Error{Code: 107, Text: "LocalHost cannot change while the server is listening"}
	ErrMaxConnsFixed     = &Error{Code: 108, Text: "MaxConnections cannot change while the server is listening"}
	ErrMaxLineFixed      = &Error{Code: 112, Text: "MaxLineLength cannot change now: a longer part of a line is already held"}
	ErrInvalidConnection = &Error{Code: 126, Text: "invalid connection id"}
	ErrWouldBlock        = &Error{Code: 135, Text: "operation would block"}
	ErrNoCredentials     = &Error{Code: 273, Text: "no certificate to serve TLS with"}
	ErrInvalidArgument   = &Error{Code: 10022, Text: "invalid argument"}
	ErrInterrupted       = &Error{Code: 10004, Text: "interrupted"}
	ErrNoBufferSpace     = &Error{Code: 10055, Text: "no buffer space available"}
	ErrNotConnected      = &Error{Code: 10057, Text: "not connected"}
	ErrTimedOut          = &Error{Code: 10060, Text: "timed out"}
)

// Error tells the number and the text, and the cause when it adds something.
func (e *Error) Error() string {
	s := "tcpserver: " + strconv.Itoa(e.Code) + ": " + e.Text
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same number.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// describe is the description of an event: the text and the cause without the
// number, which travels beside it.
func (e *Error) describe() string {
	if e == nil {
		return "OK"
	}
	if e.Err != nil {
		return e.Text + ": " + e.Err.Error()
	}
	return e.Text
}

func (e *Error) code() int {
	if e == nil {
		return 0
	}
	return e.Code
}

// because returns a copy of a sentinel with its own words.
func (e *Error) because(format string, args ...any) *Error {
	return &Error{Code: e.Code, Text: fmt.Sprintf(format, args...)}
}

// ErrorText returns the words for an error number of this package, or "" for a
// number that is not in the table.
func ErrorText(code int) string { return errorTexts[code] }

// errorTexts has every number this package knows. Some belong to clients or to
// other platforms and are never produced here; they stay readable by number.
var errorTexts = map[int]string{
	100: "RemotePort cannot change while a connection is in progress",
	101: "RemoteHost cannot change while a connection is in progress",
	102: "RemoteHost is not a valid address (0.0.0.0)",
	104: ErrAlreadyListening.Text,
	106: ErrLocalPortFixed.Text,
	107: ErrLocalHostFixed.Text,
	108: ErrMaxConnsFixed.Text,
	112: ErrMaxLineFixed.Text,
	116: "RemotePort must not be zero",
	126: ErrInvalidConnection.Text,
	135: ErrWouldBlock.Text,

	270: "cannot load the security library",
	271: "cannot open the certificate store",
	272: "cannot find the certificate",
	273: ErrNoCredentials.Text,
	274: "cannot find the certificate chain",
	275: "cannot verify the certificate chain",
	276: "error during the TLS handshake",
	280: "error verifying the certificate",
	281: "the client presented no certificate",
	282: "no server certificate",
	283: "error encrypting data",
	284: "error decrypting data",

	10004: "interrupted",
	10009: "bad file number",
	10013: "access denied",
	10014: "bad address",
	10022: ErrInvalidArgument.Text,
	10024: "too many open files",
	10035: "operation would block",
	10036: "operation now in progress",
	10037: "operation already in progress",
	10038: "not a socket",
	10039: "destination address required",
	10040: "message too long",
	10041: "wrong protocol type for socket",
	10042: "bad protocol option",
	10043: "protocol not supported",
	10044: "socket type not supported",
	10045: "operation not supported on socket",
	10046: "protocol family not supported",
	10047: "address family not supported by protocol",
	10048: "address already in use",
	10049: "cannot assign requested address",
	10050: "network is down",
	10051: "network is unreachable",
	10052: "network dropped the connection",
	10053: "connection aborted",
	10054: "connection reset by peer",
	10055: ErrNoBufferSpace.Text,
	10056: "already connected",
	10057: ErrNotConnected.Text,
	10058: "cannot send after shutdown",
	10059: "too many references",
	10060: ErrTimedOut.Text,
	10061: "connection refused",
	10062: "too many levels of symbolic links",
	10063: "file name too long",
	10064: "host is down",
	10065: "no route to host",
	10066: "directory not empty",
	10067: "too many processes",
	10068: "too many users",
	10069: "disc quota exceeded",
	10070: "stale file handle",
	10071: "too many levels of remote in path",
	10091: "network subsystem is unavailable",
	10092: "socket library version out of range",
	10093: "socket library not loaded",
	11001: "host not found",
	11002: "host not found for now: try again or check the DNS setup",
	11003: "host lookup failed for good",
}

// wrap turns any error into an *Error with the number that fits its cause.
func wrap(doing string, err error) *Error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		if doing == "" {
			return own
		}
		return &Error{Code: own.Code, Text: doing, Err: err}
	}
	code := codeOf(err)
	text := doing
	if text == "" {
		text = errorTexts[code]
	}
	return &Error{Code: code, Text: text, Err: err}
}

func codeOf(err error) int {
	var (
		store   *certstore.Error
		dns     *net.DNSError
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		verify  *tls.CertificateVerificationError
		alert   tls.AlertError
		header  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &store):
		return store.Code
	case errors.As(err, &dns):
		switch {
		case dns.IsNotFound:
			return 11001
		case dns.Temporary():
			return 11002
		}
		return 11003
	case errors.As(err, &unknown):
		return 275
	case errors.As(err, &invalid), errors.As(err, &verify):
		return 280
	case errors.As(err, &alert), errors.As(err, &header):
		return 276
	case errors.Is(err, os.ErrDeadlineExceeded):
		return 10060
	case errors.Is(err, net.ErrClosed):
		return 10058
	case errors.Is(err, io.ErrUnexpectedEOF):
		return 10054
	}
	if code, ok := errnoCode(err); ok {
		return code
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return 10022
	case errors.Is(err, os.ErrPermission):
		return 10013
	}
	return 10022
}
