package certstore

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// tokenURI is what a PKCS#11 URI (RFC 7512) says, or the module alone.
type tokenURI struct {
	module string
	token  string // label
	serial string
	slot   *uint
	object string // label of certificate or key
	id     []byte // CKA_ID
	pin    string
}

// parseTokenURI reads a "pkcs11:" URI, or takes the text for the path of a
// module.
func parseTokenURI(s string) (tokenURI, error) {
	var u tokenURI
	if !strings.HasPrefix(s, "pkcs11:") {
		u.module = s
		return u, nil
	}
	path, query, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(s, "pkcs11:")), "?")
	attributes := strings.FieldsFunc(path, func(r rune) bool { return r == ';' })
	attributes = append(attributes, strings.FieldsFunc(query, func(r rune) bool { return r == '&' })...)
	for _, attribute := range attributes {
		name, raw, _ := strings.Cut(attribute, "=")
		value, err := url.PathUnescape(raw)
		if err != nil {
			return u, fmt.Errorf("PKCS#11 URI: %s: %w", name, err)
		}
		switch name {
		case "module-path":
			u.module = value
		case "token":
			u.token = value
		case "serial":
			u.serial = value
		case "object":
			u.object = value
		case "id":
			u.id = []byte(value)
		case "pin-value":
			u.pin = value
		case "slot-id":
			n, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return u, fmt.Errorf("PKCS#11 URI: slot-id %q is no number", value)
			}
			slot := uint(n)
			u.slot = &slot
		case "type", "manufacturer", "model", "library-manufacturer", "library-description", "library-version",
			"slot-description", "slot-manufacturer", "module-name", "pin-source":
		default:
			if !strings.HasPrefix(name, "x-") && !strings.HasPrefix(name, "vendor") {
				return u, fmt.Errorf("PKCS#11 URI: unknown attribute %q", name)
			}
		}
	}
	if u.module == "" {
		return u, fmt.Errorf("PKCS#11 URI: module-path is missing")
	}
	return u, nil
}

// String writes the URI without the PIN.
func (u tokenURI) String() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
		}
	}
	add("token", u.token)
	add("serial", u.serial)
	add("object", u.object)
	if len(u.id) > 0 {
		var id strings.Builder
		for _, b := range u.id {
			fmt.Fprintf(&id, "%%%02X", b)
		}
		parts = append(parts, "id="+id.String())
	}
	return "pkcs11:" + strings.Join(parts, ";") + "?module-path=" + strings.ReplaceAll(url.QueryEscape(u.module), "+", "%20")
}
