package certstore_test

import (
	"bytes"
	"crypto/x509/pkix"
	"errors"
	"fmt"

	"rookery/tcpserver/certstore"
)

func ExampleOpen() {
	cert, err := certstore.Open(certstore.Source{
		Type:     certstore.PFXFile,
		Path:     "testdata/new.p12",
		Password: "secret",
		Subject:  "CN=server.example",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cert.Subject())
	fmt.Println(cert.PublicKeyAlgorithm(), cert.PublicKeyLength(), cert.Usage())

	_, err = certstore.Open(certstore.Source{Type: certstore.Auto, Path: "testdata/new.p12", Password: "wrong"})
	fmt.Println(errors.Is(err, certstore.ErrWrongPassword), err)
	// Output:
	// CN=server.example, O="Example, Inc.", OU=test, L=Springfield, S=Ohio, C=US, E=admin@server.example
	// RSA 2048 Digital Signature,Key Encipherment
	// true open certificate store PFXFile testdata/new.p12: wrong password
}

func ExampleIssue() {
	ca, err := certstore.CreateCA(certstore.Template{Subject: pkix.Name{CommonName: "My CA"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := certstore.Issue(ca, certstore.Template{Hosts: []string{"bots.example", "192.0.2.1"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := certstore.WritePFX(&file, server, "secret"); err != nil {
		fmt.Println(err)
		return
	}
	again, err := certstore.Open(certstore.Source{Type: certstore.Auto, Data: file.Bytes(), Password: "secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.Subject(), "by", again.Issuer(), "for", again.SubjectAltNames())
	// Output:
	// CN=bots.example by CN=My CA for bots.example,192.0.2.1
}
