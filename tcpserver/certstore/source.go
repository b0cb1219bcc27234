package certstore

// Source names a store and the certificate wanted from it.
type Source struct {
	// Type says what kind of store it is. The zero value is [User], which
	// exists on Windows only; [Auto] finds out by itself.
	Type Type
	// Path is the file of a File type, and the module or RFC 7512 URI of
	// [PKCS11]. [Auto] reads it when Data is empty.
	Path string
	// Data is the store itself for a Blob type, raw or in Base64. When it is
	// not empty it also takes the place of the file of a File type.
	Data []byte
	// Password opens the store; it is the PIN of a token.
	Password string
	// KeyPassword opens the private key where that has a password of its own;
	// empty means Password.
	KeyPassword string
	// Subject selects one certificate: "" or "*" the first (one with a
	// private key if there is any), "Thumbprint=…" by the MD5, SHA-1 or
	// SHA-256 hash of the certificate in hex, anything else the certificate
	// whose subject equals it or else contains it, in any case.
	Subject string
	// Encoded, when not empty, is an X.509 certificate (PEM, DER or Base64)
	// whose private key is wanted from the store. Subject is not looked at.
	Encoded []byte
	// Config holds further settings, one Name=Value a line: Thumbprint (as in
	// Subject), and PersistPFXKey and UseInternalSecurityAPI, which are
	// checked and change nothing here.
	Config string
}
