package certstore

import (
	"bytes"
	"hash"
	"math/big"
	"unicode/utf16"
)

// pkcs12KDF derives a key (id 1), an initialization vector (id 2) or a MAC key
// (id 3) from a password, RFC 7292 appendix B.2.
func pkcs12KDF(newHash func() hash.Hash, password, salt []byte, iterations int, id byte, size int) []byte {
	h := newHash()
	u, v := h.Size(), h.BlockSize()
	stretch := func(b []byte) []byte {
		if len(b) == 0 {
			return nil
		}
		n := v * ((len(b) + v - 1) / v)
		return bytes.Repeat(b, n/len(b)+1)[:n]
	}
	diversifier := bytes.Repeat([]byte{id}, v)
	state := append(stretch(salt), stretch(password)...)
	one := big.NewInt(1)
	modulus := new(big.Int).Lsh(one, uint(8*v))
	var out []byte
	for {
		h.Reset()
		h.Write(diversifier)
		h.Write(state)
		a := h.Sum(nil)
		for range iterations - 1 {
			h.Reset()
			h.Write(a)
			a = h.Sum(a[:0])
		}
		out = append(out, a[:u]...)
		if len(out) >= size {
			return out[:size]
		}
		b := new(big.Int).SetBytes(stretch(a)[:v])
		b.Add(b, one)
		for i := 0; i < len(state); i += v {
			part := new(big.Int).SetBytes(state[i : i+v])
			part.Add(part, b).Mod(part, modulus)
			part.FillBytes(state[i : i+v])
		}
	}
}

// bmpPassword writes a password as PKCS#12 wants it: UTF-16 in big endian with
// a zero at the end, RFC 7292 appendix B.1.
func bmpPassword(password string) []byte {
	return append(utf16BE(password), 0, 0)
}

func utf16BE(s string) []byte {
	units := utf16.Encode([]rune(s))
	out := make([]byte, 0, 2*len(units)+2)
	for _, u := range units {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}
