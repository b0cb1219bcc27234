//go:build !cgo

package certstore

import "fmt"

// loadPKCS11 says why it cannot: a PKCS#11 module is a C library.
func loadPKCS11(Source) ([]*Certificate, error) {
	return nil, fmt.Errorf("%w: PKCS#11 needs a program built with cgo (CGO_ENABLED=1), and this one is not", ErrUnsupported)
}
