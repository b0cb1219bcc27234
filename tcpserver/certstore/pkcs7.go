package certstore

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/smallstep/pkcs7"
)

// parsePKCS7 reads the certificates of a PKCS#7 SignedData, in DER, BER or
// PEM. Such a store never holds a private key.
func parsePKCS7(data []byte) ([]*Certificate, error) {
	if block, _ := pem.Decode(data); block != nil {
		if !strings.Contains(block.Type, "PKCS7") && !strings.Contains(block.Type, "PKCS #7") && block.Type != "CMS" {
			return nil, corrupt("PKCS#7", errors.New("PEM block "+block.Type))
		}
		data = block.Bytes
	}
	p7, err := pkcs7.Parse(data)
	if err != nil {
		return nil, corrupt("PKCS#7", err)
	}
	certs := make([]named[*x509.Certificate], 0, len(p7.Certificates))
	for _, cert := range p7.Certificates {
		certs = append(certs, named[*x509.Certificate]{value: cert})
	}
	return assemble(nil, certs)
}
