package certstore

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
)

// maxStore bounds the size of a store that is read, in bytes.
const maxStore = 64 << 20

// Open opens the store and returns the certificate that the source selects.
// Every error is an [*Error]: 271 when the store cannot be opened, 272 when it
// does not hold the certificate.
func Open(s Source) (*Certificate, error) {
	entries, opened, err := load(s)
	if err != nil {
		return nil, err
	}
	chosen, err := pick(entries, opened)
	for _, e := range entries {
		if e != chosen {
			_ = e.Close()
		}
	}
	if err != nil {
		return nil, &Error{Code: CodeNotFound, Type: opened.Type, Store: opened.Path, Err: err}
	}
	return chosen, nil
}

// List opens the store and returns all its entries in its order, whatever
// Subject and Encoded say. Entries of a PKCS#11 token keep it open until their
// Close.
func List(s Source) ([]*Certificate, error) {
	entries, _, err := load(s)
	return entries, err
}

// Parse reads one X.509 certificate or public key in PEM, DER or Base64.
func Parse(encoded []byte) (*Certificate, error) {
	return Open(Source{Type: PublicKeyBlob, Data: encoded})
}

func (s Source) keyPassword() string {
	if s.KeyPassword != "" {
		return s.KeyPassword
	}
	return s.Password
}

// load reads every entry of a store. The source it returns has the type that
// was found and what the Config lines said.
func load(s Source) ([]*Certificate, Source, error) {
	fail := func(err error) ([]*Certificate, Source, error) {
		return nil, s, &Error{Code: CodeOpenStore, Type: s.Type, Store: s.Path, Err: err}
	}
	if err := s.configure(); err != nil {
		return fail(err)
	}
	var entries []*Certificate
	var err error
	switch s.Type {
	case User, Machine:
		return fail(fmt.Errorf("%w: the certificate stores of the Windows system can be read on Windows only; export the certificate to a PFX file", ErrUnsupported))
	case PKCS11:
		entries, err = loadPKCS11(s)
	default:
		var data []byte
		if data, err = s.read(); err != nil {
			return fail(err)
		}
		if s.Type == Auto {
			if s.Type, err = detect(data, s.Path); err != nil {
				return fail(err)
			}
			if s.Type == PKCS11 {
				entries, err = loadPKCS11(s)
				break
			}
		}
		entries, err = parse(s, data)
	}
	if err != nil {
		return fail(err)
	}
	if len(entries) == 0 {
		return fail(fmt.Errorf("%w: the store is empty", ErrNotFound))
	}
	for _, e := range entries {
		e.source = s
	}
	return entries, s, nil
}

// read returns the bytes of the store.
func (s Source) read() ([]byte, error) {
	if len(s.Data) > 0 {
		return s.Data, nil
	}
	if s.Path == "" {
		return nil, errors.New("no file name and no data given")
	}
	if !s.Type.isFile() && s.Type != Auto {
		// A blob given as text, as settings files do.
		return []byte(s.Path), nil
	}
	info, err := os.Stat(s.Path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxStore {
		return nil, fmt.Errorf("%w: %d bytes; a store has at most %d", ErrCorrupt, info.Size(), maxStore)
	}
	return os.ReadFile(s.Path)
}

// parse hands the bytes to the reader of their format. A panic of a library on
// a damaged store is a damaged store, not the end of the program.
func parse(s Source, data []byte) (entries []*Certificate, err error) {
	defer func() {
		if r := recover(); r != nil {
			entries, err = nil, fmt.Errorf("%w: %v", ErrCorrupt, r)
		}
	}()
	switch s.Type {
	case PFXFile, PFXBlob:
		return parsePFX(s, unwrap(data))
	case JKSFile, JKSBlob:
		return parseJKS(s, unwrap(data))
	case PEMKeyFile, PEMKeyBlob:
		return parsePEMKey(s, unwrapText(data))
	case PublicKeyFile, PublicKeyBlob:
		return parsePublic(unwrap(data))
	case SSHPublicKeyFile, SSHPublicKeyBlob:
		return parseSSH(unwrapText(data))
	case P7BFile, P7BBlob:
		return parsePKCS7(unwrap(data))
	case PPKFile, PPKBlob:
		return parsePPK(s, unwrapText(data))
	case XMLFile, XMLBlob:
		return parseXML(unwrapText(data))
	case JWKFile, JWKBlob:
		return parseJWK(unwrapText(data))
	case BCFKSFile, BCFKSBlob:
		return parseBCFKS(s, unwrap(data))
	}
	_, err = ParseType(s.Type.String())
	return nil, err
}

// unwrap undoes a Base64 coating of a binary store.
func unwrap(data []byte) []byte {
	if decoded, ok := unbase64(data); ok {
		return decoded
	}
	return data
}

// unwrapText undoes a Base64 coating of a store that is text.
func unwrapText(data []byte) []byte {
	if decoded, ok := unbase64(data); ok && len(decoded) > 0 {
		switch decoded[0] {
		case '-', '<', '{', '[', 'P', 's', 'e', ' ', '\n', '\r', '\t', '#':
			return decoded
		}
	}
	return data
}

func unbase64(data []byte) ([]byte, bool) {
	digits := bytes.TrimRight(bytes.Join(bytes.Fields(data), nil), "=")
	if len(digits) < 4 {
		return nil, false
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(digits)))
	n, err := base64.RawStdEncoding.Decode(out, digits)
	return out[:n], err == nil
}

// configure applies the lines of Config.
func (s *Source) configure() error {
	for line := range strings.Lines(s.Config) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("configuration line %q: Name=Value is expected", line)
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case strings.EqualFold(name, "Thumbprint"):
			s.Subject = "Thumbprint=" + value
		case strings.EqualFold(name, "PersistPFXKey"), strings.EqualFold(name, "UseInternalSecurityAPI"):
			switch strings.ToLower(value) {
			case "true", "false", "0", "1", "yes", "no":
			default:
				return fmt.Errorf("configuration line %q: True or False is expected", line)
			}
		default:
			return fmt.Errorf("configuration line %q: allowed are Thumbprint, PersistPFXKey and UseInternalSecurityAPI", line)
		}
	}
	return nil
}

// parseX509 reads one certificate in PEM, DER or Base64.
func parseX509(encoded []byte) (*x509.Certificate, error) {
	if block, _ := pem.Decode(encoded); block != nil {
		encoded = block.Bytes
	} else {
		encoded = unwrap(encoded)
	}
	cert, err := x509.ParseCertificate(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return cert, nil
}
