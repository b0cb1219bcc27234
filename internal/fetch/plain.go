package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"rookery/internal/reach"
)

// plain puts an error into words that neither repeat the URL, which may hold
// secrets, nor tell of addresses and resolvers of the own network.
func plain(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	var (
		certificate *tls.CertificateVerificationError
		lookup      *net.DNSError
		number      syscall.Errno
		operation   *net.OpError
		record      tls.RecordHeaderError
	)
	switch {
	case errors.Is(err, ErrURL), errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(err, reach.ErrPrivate):
		return worded{"the host leads to a private address, and the setting outgoing.allow_private does not name it", reach.ErrPrivate}
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return worded{"the server has not answered in time", context.DeadlineExceeded}
	case errors.As(err, &certificate):
		return fmt.Errorf("the certificate of the server is not valid: %w", certificate.Err)
	case errors.As(err, &lookup):
		return errors.New("the name of the host cannot be looked up")
	case errors.As(err, &number):
		return fmt.Errorf("the server cannot be reached: %w", number)
	case errors.As(err, &operation):
		return operation.Err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the server closed the connection before it answered")
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return errors.New("what answers there does not speak TLS: the URL may want http in place of https")
	case strings.Contains(err.Error(), "malformed"):
		// What it said instead is not for scripts: it may be no web server at all.
		return errors.New("what answers there does not speak HTTP as it should")
	case strings.Contains(err.Error(), "response headers exceeded"):
		return fmt.Errorf("%w: its headers alone are", ErrTooLarge)
	}
	return err
}

// broken puts an error in the midst of an answer into words, as plain does.
func broken(err error) error {
	said := plain(err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the answer is cut off: the server closed the connection in the midst of it")
	case said == err && !errors.Is(err, ErrTooLarge) && !errors.Is(err, context.Canceled):
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	return said
}

// worded is an error in other words.
type worded struct {
	text  string
	cause error
}

func (e worded) Error() string { return e.text }
func (e worded) Unwrap() error { return e.cause }
