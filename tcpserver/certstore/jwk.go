package certstore

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// parseJWK reads a JSON Web Key or a set of them, RFC 7517, with the
// certificates of x5c.
func parseJWK(data []byte) ([]*Certificate, error) {
	var set jose.JSONWebKeySet
	var probe struct {
		Keys []json.RawMessage `json:"keys"`
		Type string            `json:"kty"`
	}
	if err := json.Unmarshal(bytes.TrimSpace(data), &probe); err != nil {
		return nil, corrupt("JWK", err)
	}
	raw := probe.Keys
	if probe.Type != "" {
		raw = []json.RawMessage{data}
	}
	for _, one := range raw {
		var kind struct {
			Type  string `json:"kty"`
			Curve string `json:"crv"`
		}
		if err := json.Unmarshal(one, &kind); err != nil {
			return nil, corrupt("JWK", err)
		}
		switch kind.Type {
		case "RSA", "EC", "OKP":
		default:
			return nil, fmt.Errorf("%w: JWK of type %q; RSA, EC and OKP are", ErrUnsupported, kind.Type)
		}
		var key jose.JSONWebKey
		if err := json.Unmarshal(one, &key); err != nil {
			return nil, corrupt("JWK", err)
		}
		set.Keys = append(set.Keys, key)
	}
	var entries []*Certificate
	for _, key := range set.Keys {
		entry, err := jwkEntry(key)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%w: JSON without a key", ErrCorrupt)
	}
	return entries, nil
}

func jwkEntry(key jose.JSONWebKey) (*Certificate, error) {
	entry := &Certificate{name: key.KeyID}
	if key.IsPublic() {
		entry.pub = key.Key
	} else {
		s, err := signer(key.Key)
		if err != nil {
			return nil, err
		}
		entry.key, entry.pub = s, s.Public()
	}
	if len(key.Certificates) > 0 {
		entry.cert, entry.chain = key.Certificates[0], key.Certificates[1:]
		if !publicEqual(entry.cert.PublicKey, entry.pub) {
			return nil, fmt.Errorf("JWK: %w", ErrKeyMismatch)
		}
	}
	return entry, nil
}
