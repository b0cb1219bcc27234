package certstore

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"strings"
)

// detect finds the type of a store from what it holds. path decides between
// the File and the Blob type.
func detect(data []byte, path string) (Type, error) {
	t, ok := detectText(data)
	if !ok {
		if decoded, isBase64 := unbase64(data); isBase64 {
			if t, ok = detectText(decoded); !ok {
				t, ok = detectBinary(decoded)
			}
		} else {
			t, ok = detectBinary(data)
		}
	}
	if !ok {
		return Auto, fmt.Errorf("%w: none of the formats that are detected: PFX, JKS, PEM, DER, SSH, PKCS#7, PPK, XML, JWK, BCFKS, PKCS#11", ErrCorrupt)
	}
	if path == "" {
		return t, nil
	}
	return fileType(t), nil
}

// fileType turns a Blob type into its File type.
func fileType(t Type) Type {
	switch t {
	case SSHPublicKeyBlob:
		return SSHPublicKeyFile
	case PFXBlob, JKSBlob, PEMKeyBlob, PublicKeyBlob, P7BBlob, PPKBlob, XMLBlob, JWKBlob, BCFKSBlob:
		return t - 1
	}
	return t
}

func detectText(data []byte) (Type, bool) {
	head := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("PuTTY-User-Key-File-"):
		return PPKBlob, true
	case bytes.Contains(data, []byte(rfc4716Begin)):
		return SSHPublicKeyBlob, true
	case has("{"), has("["):
		return JWKBlob, true
	case has("<"):
		return XMLBlob, true
	case has("pkcs11:"), has("\x7fELF"), has("MZ"), has("\xcf\xfa\xed\xfe"), has("\xca\xfe\xba\xbe"):
		return PKCS11, true
	case has("ssh-"), has("ecdsa-sha2-"), has("sk-ssh-"), has("sk-ecdsa-"):
		return SSHPublicKeyBlob, true
	}
	if !bytes.Contains(data, []byte("-----BEGIN ")) {
		return 0, false
	}
	found := PublicKeyBlob
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return found, true
		}
		switch {
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return PEMKeyBlob, true
		case strings.Contains(block.Type, "PKCS"), block.Type == "CMS":
			return P7BBlob, true
		}
	}
}

func detectBinary(data []byte) (Type, bool) {
	switch {
	case bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}), bytes.HasPrefix(data, []byte{0xce, 0xce, 0xce, 0xce}):
		return JKSBlob, true
	case len(data) == 0 || data[0] != 0x30:
		return 0, false
	}
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(data, &outer); err != nil {
		// Truncated, or BER: an OID first is PKCS#7, a version PKCS#12.
		if bytes.Contains(data[:min(len(data), 32)], []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}) {
			return P7BBlob, true
		}
		if bytes.Contains(data[:min(len(data), 8)], []byte{0x02, 0x01, 0x03}) {
			return PFXBlob, true
		}
		return 0, false
	}
	var first, second asn1.RawValue
	rest, err := asn1.Unmarshal(outer.Bytes, &first)
	if err != nil {
		return 0, false
	}
	if _, err = asn1.Unmarshal(rest, &second); err != nil {
		second = asn1.RawValue{}
	}
	switch {
	case first.Tag == asn1.TagOID:
		return P7BBlob, true
	case first.Tag == asn1.TagInteger && second.Tag == asn1.TagSequence && bytes.Equal(first.Bytes, []byte{3}):
		return PFXBlob, true
	case first.Tag == asn1.TagInteger:
		if _, err := x509.ParsePKCS1PublicKey(data); err == nil {
			return PublicKeyBlob, true
		}
		return PEMKeyBlob, true
	case first.Tag == asn1.TagSequence && second.Tag == asn1.TagOctetString:
		return PEMKeyBlob, true // encrypted PKCS#8
	case first.Tag == asn1.TagSequence && second.Tag == asn1.TagSequence:
		if _, err := x509.ParseCertificates(data); err != nil {
			return BCFKSBlob, true
		}
		return PublicKeyBlob, true
	case first.Tag == asn1.TagSequence:
		return PublicKeyBlob, true
	}
	return 0, false
}
