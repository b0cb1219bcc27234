package fetch

import (
	"fmt"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// harmless are the headers that go along to another host: they hold no
// secrets.
var harmless = map[string]bool{
	"Accept": true, "Accept-Language": true, "Content-Language": true, "Content-Type": true, "Range": true, "User-Agent": true,
	"If-Match": true, "If-Modified-Since": true, "If-None-Match": true, "If-Range": true, "If-Unmodified-Since": true,
}

// managed are the headers that belong to the connection (RFC 9110 §7.6.1), to
// how the body is carried, or to a proxy.
var managed = map[string]bool{
	"Accept-Encoding": true, "Connection": true, "Content-Length": true, "Expect": true, "Host": true, "Http2-Settings": true,
	"Keep-Alive": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true, "Via": true,
}

// CheckHeader tells whether a header may be sent along; the error says why
// not.
func CheckHeader(name, value string) error {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("%q is no name of a header: letters, digits and - are", name)
	case managed[canonical] || strings.HasPrefix(canonical, "Proxy-"):
		return fmt.Errorf("the header %s cannot be set", canonical)
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("the value of the header %s has a control character in it", canonical)
	}
	return nil
}
