package certstore

import (
	"fmt"
	"strconv"
	"strings"
)

// Type says what kind of store holds a certificate. The numbers are the ones
// that configuration files and scripts use.
type Type int

// The store types. A File type reads [Source.Path]; a Blob type takes the
// store itself, raw or as Base64, from [Source.Data].
const (
	User             Type = 0  // a user's store of the Windows system; an error elsewhere
	Machine          Type = 1  // a machine's store of the Windows system; an error elsewhere
	PFXFile          Type = 2  // PKCS#12
	PFXBlob          Type = 3  // PKCS#12
	JKSFile          Type = 4  // Java key store
	JKSBlob          Type = 5  // Java key store
	PEMKeyFile       Type = 6  // private key in PEM, with or without certificates
	PEMKeyBlob       Type = 7  // private key in PEM, with or without certificates
	PublicKeyFile    Type = 8  // certificate or public key, PEM or DER
	PublicKeyBlob    Type = 9  // certificate or public key, PEM or DER
	SSHPublicKeyBlob Type = 10 // OpenSSH line or RFC 4716 block
	P7BFile          Type = 11 // PKCS#7 certificates
	P7BBlob          Type = 12 // PKCS#7 certificates
	SSHPublicKeyFile Type = 13 // OpenSSH line or RFC 4716 block
	PPKFile          Type = 14 // PuTTY private key, version 2 or 3
	PPKBlob          Type = 15 // PuTTY private key, version 2 or 3
	XMLFile          Type = 16 // RSAKeyValue of XML signatures
	XMLBlob          Type = 17 // RSAKeyValue of XML signatures
	JWKFile          Type = 18 // JSON Web Key or key set, RFC 7517
	JWKBlob          Type = 19 // JSON Web Key or key set, RFC 7517
	BCFKSFile        Type = 21 // Bouncy Castle FIPS key store
	BCFKSBlob        Type = 22 // Bouncy Castle FIPS key store
	PKCS11           Type = 23 // token behind a PKCS#11 module
	Auto             Type = 99 // whatever the content turns out to be
)

var typeNames = []struct {
	t    Type
	name string
}{
	{User, "User"},
	{Machine, "Machine"},
	{PFXFile, "PFXFile"},
	{PFXBlob, "PFXBlob"},
	{JKSFile, "JKSFile"},
	{JKSBlob, "JKSBlob"},
	{PEMKeyFile, "PEMKeyFile"},
	{PEMKeyBlob, "PEMKeyBlob"},
	{PublicKeyFile, "PublicKeyFile"},
	{PublicKeyBlob, "PublicKeyBlob"},
	{SSHPublicKeyBlob, "SSHPublicKeyBlob"},
	{P7BFile, "P7BFile"},
	{P7BBlob, "P7BBlob"},
	{SSHPublicKeyFile, "SSHPublicKeyFile"},
	{PPKFile, "PPKFile"},
	{PPKBlob, "PPKBlob"},
	{XMLFile, "XMLFile"},
	{XMLBlob, "XMLBlob"},
	{JWKFile, "JWKFile"},
	{JWKBlob, "JWKBlob"},
	{BCFKSFile, "BCFKSFile"},
	{BCFKSBlob, "BCFKSBlob"},
	{PKCS11, "PKCS11"},
	{Auto, "Auto"},
}

// Types returns every store type in the order of its number.
func Types() []Type {
	all := make([]Type, 0, len(typeNames))
	for _, n := range typeNames {
		all = append(all, n.t)
	}
	return all
}

// String returns the documented name without its prefix, such as "PFXFile".
func (t Type) String() string {
	for _, n := range typeNames {
		if n.t == t {
			return n.name
		}
	}
	return "Type(" + strconv.Itoa(int(t)) + ")"
}

// ParseType reads a store type from its number ("2") or its name ("PFXFile"
// or "cstPFXFile", in any case). An unknown one is an error that lists what is
// allowed.
func ParseType(s string) (Type, error) {
	text := strings.TrimSpace(s)
	if n, err := strconv.Atoi(text); err == nil {
		for _, known := range typeNames {
			if int(known.t) == n {
				return known.t, nil
			}
		}
	}
	bare := text
	if len(bare) > 3 && strings.EqualFold(bare[:3], "cst") {
		bare = bare[3:]
	}
	for _, known := range typeNames {
		if strings.EqualFold(known.name, bare) {
			return known.t, nil
		}
	}
	allowed := make([]string, 0, len(typeNames))
	for _, known := range typeNames {
		allowed = append(allowed, fmt.Sprintf("%d (%s)", int(known.t), known.name))
	}
	return 0, fmt.Errorf("%w: %q; allowed are %s", ErrUnknownType, s, strings.Join(allowed, ", "))
}

// isFile tells whether the store of that type is named by a path.
func (t Type) isFile() bool {
	switch t {
	case PFXFile, JKSFile, PEMKeyFile, PublicKeyFile, SSHPublicKeyFile, P7BFile, PPKFile, XMLFile, JWKFile, BCFKSFile:
		return true
	}
	return false
}
