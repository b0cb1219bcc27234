package certstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

var errUnauthentic = errors.New("authentication tag does not fit")

// openCCM decrypts AES in CCM mode without additional data, RFC 3610. Go has
// no CCM of its own; Bouncy Castle's key stores use it.
func openCCM(key, nonce, data []byte, tagLen int) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(nonce) < 7 || len(nonce) > 13 || tagLen < 4 || tagLen > 16 || tagLen%2 != 0 || len(data) < tagLen {
		return nil, errors.New("parameters out of range")
	}
	l := 15 - len(nonce)
	counter := make([]byte, aes.BlockSize)
	counter[0] = byte(l - 1)
	copy(counter[1:], nonce)
	stream := cipher.NewCTR(block, counter)
	mask := make([]byte, aes.BlockSize) // S_0, which covers the tag
	stream.XORKeyStream(mask, mask)
	plain := make([]byte, len(data)-tagLen)
	stream.XORKeyStream(plain, data[:len(plain)])

	first := make([]byte, aes.BlockSize) // B_0
	first[0] = byte((tagLen-2)/2<<3 | (l - 1))
	copy(first[1:], nonce)
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(plain)))
	copy(first[16-l:], length[8-min(l, 8):])
	mac := make([]byte, aes.BlockSize)
	block.Encrypt(mac, first)
	for i := 0; i < len(plain); i += aes.BlockSize {
		subtle.XORBytes(mac, mac, plain[i:min(i+aes.BlockSize, len(plain))])
		block.Encrypt(mac, mac)
	}
	subtle.XORBytes(mac, mac, mask)
	if subtle.ConstantTimeCompare(mac[:tagLen], data[len(plain):]) != 1 {
		return nil, errUnauthentic
	}
	return plain, nil
}

// unwrapKWP undoes AES key wrap with padding, RFC 5649, the other encryption of
// Bouncy Castle's key stores.
func unwrapKWP(key, data []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(data) < 16 || len(data)%8 != 0 {
		return nil, errors.New("wrapped data of a wrong length")
	}
	buf := append([]byte(nil), data...)
	if len(buf) == 16 {
		block.Decrypt(buf, buf)
	} else {
		n := uint64(len(buf)/8 - 1)
		var b [16]byte
		copy(b[:8], buf[:8])
		for j := 5; j >= 0; j-- {
			for i := n; i >= 1; i-- {
				t := binary.BigEndian.Uint64(b[:8]) ^ (n*uint64(j) + i)
				binary.BigEndian.PutUint64(b[:8], t)
				copy(b[8:], buf[8*i:8*i+8])
				block.Decrypt(b[:], b[:])
				copy(buf[8*i:], b[8:])
			}
		}
		copy(buf, b[:8])
	}
	length := int(binary.BigEndian.Uint32(buf[4:8]))
	plain := buf[8:]
	if binary.BigEndian.Uint32(buf) != 0xa65959a6 || length > len(plain) || length <= len(plain)-8 {
		return nil, errUnauthentic
	}
	for _, pad := range plain[length:] {
		if pad != 0 {
			return nil, errUnauthentic
		}
	}
	return plain[:length], nil
}
