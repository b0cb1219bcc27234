package certstore

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

const (
	rfc4716Begin = "---- BEGIN SSH2 PUBLIC KEY ----"
	rfc4716End   = "---- END SSH2 PUBLIC KEY ----"
)

// parseSSH reads OpenSSH public key lines, as in an authorized_keys file, or
// an RFC 4716 block.
func parseSSH(data []byte) ([]*Certificate, error) {
	if bytes.Contains(data, []byte(rfc4716Begin)) {
		return parseRFC4716(data)
	}
	var entries []*Certificate
	for rest := data; len(bytes.TrimSpace(rest)) > 0; {
		var pub ssh.PublicKey
		var comment string
		var err error
		pub, comment, _, rest, err = ssh.ParseAuthorizedKey(rest)
		if err != nil {
			if len(entries) > 0 {
				break // comments after the last key
			}
			return nil, corrupt("SSH public key", err)
		}
		entry, err := sshEntry(pub, comment)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		return nil, corrupt("SSH public key", errors.New("no key"))
	}
	return entries, nil
}

func sshEntry(pub ssh.PublicKey, comment string) (*Certificate, error) {
	if cert, ok := pub.(*ssh.Certificate); ok {
		pub = cert.Key
	}
	key, ok := pub.(ssh.CryptoPublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: SSH keys of type %s", ErrUnsupported, pub.Type())
	}
	return &Certificate{name: comment, pub: key.CryptoPublicKey()}, nil
}

// parseRFC4716 reads the block that ssh-keygen -e and PuTTY write.
func parseRFC4716(data []byte) ([]*Certificate, error) {
	var entries []*Certificate
	var body strings.Builder
	comment, header := "", ""
	inside := false
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == rfc4716Begin:
			inside, comment, header = true, "", ""
			body.Reset()
		case !inside:
		case line == rfc4716End:
			inside = false
			blob, err := base64.StdEncoding.DecodeString(body.String())
			if err != nil {
				return nil, corrupt("SSH public key", err)
			}
			pub, err := ssh.ParsePublicKey(blob)
			if err != nil {
				return nil, corrupt("SSH public key", err)
			}
			entry, err := sshEntry(pub, comment)
			if err != nil {
				return nil, err
			}
			entries = append(entries, entry)
		case header != "" || strings.Contains(line, ":"):
			header += strings.TrimSuffix(line, `\`)
			if strings.HasSuffix(line, `\`) {
				continue // §3.3: the header goes on in the next line
			}
			if name, value, ok := strings.Cut(header, ":"); ok && strings.EqualFold(name, "Comment") {
				comment = strings.Trim(strings.TrimSpace(value), `"`)
			}
			header = ""
		default:
			body.WriteString(line)
		}
	}
	if len(entries) == 0 || inside {
		return nil, corrupt("SSH public key", errors.New("block without its end"))
	}
	return entries, nil
}
