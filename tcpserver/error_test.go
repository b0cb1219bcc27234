package tcpserver

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"rookery/tcpserver/certstore"
)

// documentedErrors are the numbers of the component's error tables.
var documentedErrors = []int{
	100, 101, 102, 104, 106, 107, 108, 112, 116, 126, 135,
	270, 271, 272, 273, 274, 275, 276, 280, 281, 282, 283, 284,
	10004, 10009, 10013, 10014, 10022, 10024, 10035, 10036, 10037, 10038, 10039, 10040, 10041, 10042, 10043, 10044,
	10045, 10046, 10047, 10048, 10049, 10050, 10051, 10052, 10053, 10054, 10055, 10056, 10057, 10058, 10059, 10060,
	10061, 10062, 10063, 10064, 10065, 10066, 10067, 10068, 10069, 10070, 10071, 10091, 10092, 10093,
	11001, 11002, 11003,
}

func TestEveryErrorNumberHasWords(t *testing.T) {
	for _, code := range documentedErrors {
		if ErrorText(code) == "" {
			t.Errorf("%d has no words", code)
		}
	}
	if len(errorTexts) != len(documentedErrors) {
		t.Errorf("%d numbers have words, %d are documented", len(errorTexts), len(documentedErrors))
	}
	if ErrorText(1) != "" {
		t.Error("1 has words")
	}
}

func TestCausesMapToTheirNumber(t *testing.T) {
	for _, tc := range []struct {
		err  error
		code int
	}{
		{syscall.EINTR, 10004},
		{syscall.EBADF, 10009},
		{syscall.EACCES, 10013},
		{syscall.EFAULT, 10014},
		{syscall.EINVAL, 10022},
		{syscall.EMFILE, 10024},
		{syscall.ENFILE, 10024},
		{syscall.EAGAIN, 10035},
		{syscall.EINPROGRESS, 10036},
		{syscall.EALREADY, 10037},
		{syscall.ENOTSOCK, 10038},
		{syscall.EDESTADDRREQ, 10039},
		{syscall.EMSGSIZE, 10040},
		{syscall.EPROTOTYPE, 10041},
		{syscall.ENOPROTOOPT, 10042},
		{syscall.EPROTONOSUPPORT, 10043},
		{syscall.ESOCKTNOSUPPORT, 10044},
		{syscall.EOPNOTSUPP, 10045},
		{syscall.EPFNOSUPPORT, 10046},
		{syscall.EAFNOSUPPORT, 10047},
		{syscall.EADDRINUSE, 10048},
		{syscall.EADDRNOTAVAIL, 10049},
		{syscall.ENETDOWN, 10050},
		{syscall.ENETUNREACH, 10051},
		{syscall.ENETRESET, 10052},
		{syscall.ECONNABORTED, 10053},
		{syscall.ECONNRESET, 10054},
		{syscall.ENOBUFS, 10055},
		{syscall.EISCONN, 10056},
		{syscall.ENOTCONN, 10057},
		{syscall.ESHUTDOWN, 10058},
		{syscall.ETOOMANYREFS, 10059},
		{syscall.ETIMEDOUT, 10060},
		{syscall.ECONNREFUSED, 10061},
		{syscall.ELOOP, 10062},
		{syscall.ENAMETOOLONG, 10063},
		{syscall.EHOSTDOWN, 10064},
		{syscall.EHOSTUNREACH, 10065},
		{syscall.ENOTEMPTY, 10066},
		{syscall.EUSERS, 10068},
		{syscall.EDQUOT, 10069},
		{syscall.ESTALE, 10070},
		{syscall.EREMOTE, 10071},
		{&net.DNSError{IsNotFound: true}, 11001},
		{&net.DNSError{IsTemporary: true}, 11002},
		{&net.DNSError{}, 11003},
		{os.ErrDeadlineExceeded, 10060},
		{net.ErrClosed, 10058},
		{io.ErrUnexpectedEOF, 10054},
		{os.ErrPermission, 10013},
		{x509.UnknownAuthorityError{}, 275},
		{x509.CertificateInvalidError{}, 280},
		{&certstore.Error{Code: 271, Err: io.EOF}, 271},
		{&certstore.Error{Code: 272, Err: io.EOF}, 272},
		{&certstore.Error{Code: 273, Err: io.EOF}, 273},
		{ErrWouldBlock, 135},
		{errors.New("anything"), 10022},
	} {
		got := wrap("doing", fmt.Errorf("deep: %w", tc.err))
		if got.Code != tc.code || !errors.Is(got, tc.err) {
			t.Errorf("%v: %v, want %d", tc.err, got, tc.code)
		}
	}
	if wrap("doing", nil) != nil {
		t.Error("an error out of nothing")
	}
}

func TestErrorsTellNumberWordsAndCause(t *testing.T) {
	err := error(&Error{Code: 10048, Text: "listen", Err: syscall.EADDRINUSE})
	if got := err.Error(); !strings.HasPrefix(got, "tcpserver: 10048: listen: address already in use") {
		t.Error(got)
	}
	if !errors.Is(err, syscall.EADDRINUSE) || !errors.Is(err, &Error{Code: 10048}) || errors.Is(err, ErrWouldBlock) {
		t.Error("errors.Is")
	}
	var own *Error
	if !errors.As(fmt.Errorf("more: %w", err), &own) || own.Code != 10048 {
		t.Error("errors.As")
	}
	if ErrWouldBlock.Error() != "tcpserver: 135: operation would block" {
		t.Error(ErrWouldBlock)
	}
}
