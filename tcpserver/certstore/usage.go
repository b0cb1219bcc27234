package certstore

import (
	"crypto/x509"
	"encoding/asn1"
	"strings"
)

// usages are the documented flags and names of the key usage extension
// (RFC 5280 §4.2.1.3), in the documented order.
var usages = []struct {
	bit  x509.KeyUsage
	flag int
	name string
}{
	{x509.KeyUsageDigitalSignature, 0x80, "Digital Signature"},
	{x509.KeyUsageContentCommitment, 0x40, "Non-Repudiation"},
	{x509.KeyUsageKeyEncipherment, 0x20, "Key Encipherment"},
	{x509.KeyUsageDataEncipherment, 0x10, "Data Encipherment"},
	{x509.KeyUsageKeyAgreement, 0x08, "Key Agreement"},
	{x509.KeyUsageCertSign, 0x04, "Certificate Signing"},
	{x509.KeyUsageCRLSign, 0x02, "CRL Signing"},
	{x509.KeyUsageEncipherOnly, 0x01, "Encipher Only"},
}

// UsageFlags is the key usage as a sum of the documented flags: 0x80 digital
// signature, 0x40 non-repudiation, 0x20 key encipherment, 0x10 data
// encipherment, 0x08 key agreement, 0x04 certificate signing, 0x02 CRL
// signing, 0x01 encipher only. It is 0 when the certificate does not say.
func (c *Certificate) UsageFlags() int {
	if c.cert == nil {
		return 0
	}
	flags := 0
	for _, u := range usages {
		if c.cert.KeyUsage&u.bit != 0 {
			flags |= u.flag
		}
	}
	return flags
}

// Usage is the key usage in words, separated by commas, such as
// "Digital Signature,Key Encipherment".
func (c *Certificate) Usage() string {
	flags := c.UsageFlags()
	var names []string
	for _, u := range usages {
		if flags&u.flag != 0 {
			names = append(names, u.name)
		}
	}
	return strings.Join(names, ",")
}

// oidExtKeyUsage is id-ce-extKeyUsage, RFC 5280 §4.2.1.12.
var oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// ExtendedKeyUsage lists the object identifiers of the extended key usage,
// separated by commas, such as "1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2".
func (c *Certificate) ExtendedKeyUsage() string {
	if c.cert == nil {
		return ""
	}
	for _, ext := range c.cert.Extensions {
		if !ext.Id.Equal(oidExtKeyUsage) {
			continue
		}
		var oids []asn1.ObjectIdentifier
		if rest, err := asn1.Unmarshal(ext.Value, &oids); err != nil || len(rest) > 0 {
			return ""
		}
		names := make([]string, len(oids))
		for i, oid := range oids {
			names[i] = oid.String()
		}
		return strings.Join(names, ",")
	}
	return ""
}
