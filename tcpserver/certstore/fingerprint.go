package certstore

import (
	"crypto/md5"  // a documented field, not a protection
	"crypto/sha1" // a documented field, not a protection
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Fingerprint is the MD5 hash in hex with colons, such as "bc:2a:…:02": of the
// certificate, or for a bare key of its SSH wire form (RFC 4253 §6.6), which
// is what ssh-keygen -l shows.
func (c *Certificate) Fingerprint() string {
	return hashText(c.hashed(), "md5", ":")
}

// FingerprintSHA1 is the SHA-1 hash in hex with colons, of the same bytes as
// Fingerprint.
func (c *Certificate) FingerprintSHA1() string {
	return hashText(c.hashed(), "sha1", ":")
}

// FingerprintSHA256 is the SHA-256 hash in hex with colons, of the same bytes
// as Fingerprint.
func (c *Certificate) FingerprintSHA256() string {
	return hashText(c.hashed(), "sha256", ":")
}

// ThumbprintMD5 is the MD5 hash of the certificate in hex, without separators.
func (c *Certificate) ThumbprintMD5() string {
	return strings.ToUpper(hashText(c.hashed(), "md5", ""))
}

// ThumbprintSHA1 is the SHA-1 hash of the certificate in hex, without
// separators.
func (c *Certificate) ThumbprintSHA1() string {
	return strings.ToUpper(hashText(c.hashed(), "sha1", ""))
}

// ThumbprintSHA256 is the SHA-256 hash of the certificate in hex, without
// separators.
func (c *Certificate) ThumbprintSHA256() string {
	return strings.ToUpper(hashText(c.hashed(), "sha256", ""))
}

// hashed returns the bytes that identify the entry.
func (c *Certificate) hashed() []byte {
	if c.cert != nil {
		return c.cert.Raw
	}
	if pub, err := ssh.NewPublicKey(c.pub); err == nil {
		return pub.Marshal()
	}
	der, err := marshalPublic(c.pub, nil)
	if err != nil {
		return nil
	}
	return der
}

func hashText(data []byte, algorithm, separator string) string {
	if data == nil {
		return ""
	}
	var sum []byte
	switch algorithm {
	case "md5":
		s := md5.Sum(data)
		sum = s[:]
	case "sha1":
		s := sha1.Sum(data)
		sum = s[:]
	case "sha256":
		s := sha256.Sum256(data)
		sum = s[:]
	}
	pairs := make([]string, len(sum))
	for i := range sum {
		pairs[i] = hex.EncodeToString(sum[i : i+1])
	}
	return strings.Join(pairs, separator)
}
