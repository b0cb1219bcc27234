// Package certstore opens certificates and keys from the stores in which
// other programs keep them: PKCS#12, Java key stores, PEM, PKCS#7, PuTTY and
// OpenSSH keys, XML and JSON keys, Bouncy Castle FIPS key stores and PKCS#11
// tokens. It also makes new certificates (see [CreateSelfSigned], [CreateCA]
// and [Issue]) and writes them as PEM or PKCS#12.
//
//	cert, err := certstore.Open(certstore.Source{
//		Type:     certstore.PFXFile,
//		Path:     "server.pfx",
//		Password: "secret",
//		Subject:  "*",
//	})
//
// Every function is safe for concurrent use, and a [Certificate] does not
// change once it is opened. Whatever a store holds, a bad one is an [*Error]
// that matches one of the sentinel errors of this package; it is never a
// panic.
package certstore
