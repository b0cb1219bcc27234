package main

import (
	"bytes"
	"crypto/tls"
	"log"

	"rookery/tcpserver/certstore"
)

// serverCertificate makes a certificate with an ECDSA P-256 key.
func serverCertificate() *certstore.Certificate {
	c, err := certstore.CreateSelfSigned(certstore.Template{})
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func serverTLS() *tls.Config {
	cert, err := serverCertificate().TLS()
	if err != nil {
		log.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

func serverPEM() (cert, key string) {
	c := serverCertificate()
	var out bytes.Buffer
	if err := certstore.WriteCertificatePEM(&out, c); err != nil {
		log.Fatal(err)
	}
	return out.String(), c.PrivateKey()
}
