package certstore

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strings"
)

// attributeNames are the short names of the documentation for the parts of a
// distinguished name, and RFC 4519's for the others.
var attributeNames = map[string]string{
	"2.5.4.3":                    "CN",
	"2.5.4.4":                    "SN",
	"2.5.4.5":                    "SERIALNUMBER",
	"2.5.4.6":                    "C",
	"2.5.4.7":                    "L",
	"2.5.4.8":                    "S",
	"2.5.4.9":                    "STREET",
	"2.5.4.10":                   "O",
	"2.5.4.11":                   "OU",
	"2.5.4.12":                   "T",
	"2.5.4.17":                   "PostalCode",
	"2.5.4.42":                   "G",
	"2.5.4.43":                   "I",
	"1.2.840.113549.1.9.1":       "E",
	"0.9.2342.19200300.100.1.1":  "UID",
	"0.9.2342.19200300.100.1.25": "DC",
}

// formatName writes a distinguished name as the documentation shows it:
// "CN=www.example.com, O="Example, Inc.", C=US", in the certificate's order.
func formatName(raw []byte) string {
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(raw, &rdns); err != nil || len(rest) > 0 {
		return ""
	}
	var parts []string
	for _, rdn := range rdns {
		for _, attr := range rdn {
			oid := attr.Type.String()
			label := attributeNames[oid]
			if label == "" {
				label = oid
			}
			parts = append(parts, label+"="+quoteValue(attr.Value))
		}
	}
	return strings.Join(parts, ", ")
}

func quoteValue(v any) string {
	s, ok := v.(string)
	if !ok {
		if b, isBytes := v.([]byte); isBytes {
			return "#" + hex.EncodeToString(b)
		}
		s = fmt.Sprint(v)
	}
	if s == "" || strings.ContainsAny(s, ",+=\"\n<>#;") || strings.TrimSpace(s) != s {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// splitName cuts a written distinguished name at its unquoted commas. Parts
// are trimmed, and their labels are in upper case.
func splitName(s string) []string {
	var parts []string
	quoted := false
	start := 0
	add := func(part string) {
		label, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			parts = append(parts, label)
			return
		}
		label = strings.ToUpper(strings.TrimSpace(label))
		switch label {
		case "ST":
			label = "S"
		case "EMAILADDRESS":
			label = "E"
		}
		parts = append(parts, label+"="+strings.TrimSpace(value))
	}
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				add(s[start:i])
				start = i + 1
			}
		}
	}
	add(s[start:])
	return parts
}
