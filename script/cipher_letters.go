package script

import (
	"errors"
	"fmt"
	"strings"
)

// Atbash mirrors the letters a-z, keeping their case: a for z, b for y. All
// else, letters beyond a-z included, passes through.
var Atbash Filter = atbash{}

type atbash struct{}

func (atbash) Name() string       { return "ATBASH" }
func (atbash) escapesLines() bool { return false }

func (atbash) AppendEncode(dst []byte, text string) []byte {
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z':
			c = 'a' + 'z' - c
		case 'A' <= c && c <= 'Z':
			c = 'A' + 'Z' - c
		}
		dst = append(dst, c)
	}
	return dst
}

func (f atbash) Decode(text string) (string, error) {
	return string(f.AppendEncode(make([]byte, 0, len(text)), text)), nil
}

// NewVigenere makes the filter VIGENERE: each letter a-z is moved on by the
// next letter of the key, keeping its case. The key advances on letters only
// and starts again at its end; all else passes through. The key must be one
// or more letters a-z, in any case.
func NewVigenere(key string) (Filter, error) {
	if key == "" {
		return nil, errors.New("filter VIGENERE: the key is empty, want letters a-z")
	}
	shifts := make([]byte, len(key))
	for i := range len(key) {
		c := key[i] | 0x20
		if c < 'a' || c > 'z' {
			return nil, errors.New("filter VIGENERE: the key may hold letters a-z only")
		}
		shifts[i] = c - 'a'
	}
	return vigenere{shifts}, nil
}

type vigenere struct{ shifts []byte }

func (vigenere) Name() string       { return "VIGENERE" }
func (vigenere) escapesLines() bool { return false }

func (f vigenere) AppendEncode(dst []byte, text string) []byte {
	return f.shift(dst, text, func(letter, key byte) byte { return (letter + key) % 26 })
}

func (f vigenere) Decode(text string) (string, error) {
	b := f.shift(make([]byte, 0, len(text)), text, func(letter, key byte) byte { return (letter + 26 - key) % 26 })
	return string(b), nil
}

func (f vigenere) shift(dst []byte, text string, move func(letter, key byte) byte) []byte {
	k := 0
	for i := range len(text) {
		c := text[i]
		if base, ok := letterBase(c); ok {
			c = base + move(c-base, f.shifts[k])
			if k++; k == len(f.shifts) {
				k = 0
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// letterBase returns 'a' or 'A' for a letter a-z.
func letterBase(c byte) (base byte, ok bool) {
	switch {
	case 'a' <= c && c <= 'z':
		return 'a', true
	case 'A' <= c && c <= 'Z':
		return 'A', true
	}
	return 0, false
}

// EnigmaSettings chooses the machine of the filter ENIGMA.
type EnigmaSettings struct {
	// Rotors are one or more of 1 2 3 4 5 6 7 8 b g, in order.
	Rotors string
	// Plugs are the start letters a-z of the rotors, one for each.
	Plugs string
	// Reflector is one of B C b c.
	Reflector string
}

// enigmaRotors are the wirings of rotors I to VIII, beta and gamma.
var enigmaRotors = map[byte]string{
	'1': "ekmflgdqvzntowyhxuspaibrcj", '2': "ajdksiruxblhwtmcqgznpyfvoe",
	'3': "bdfhjlcprtxvznyeiwgakmusqo", '4': "esovpzjayquirhxlnftgkdcmwb",
	'5': "vzbrgityupsdnhlxawmjqofeck", '6': "jpgvoumfyqbenhzrdkasxlictw",
	'7': "nzjhgrcxmyswboufaivlpekqdt", '8': "fkqhtlxocbjspdzramewniuygv",
	'b': "leyjvcnixwpbqmdrtakzgfuhos", 'g': "fsokanuerhmbtiycwlqpzxvgjd",
}

// enigmaReflectors are the pairs of reflectors B and C and of the thin b and c.
var enigmaReflectors = map[byte]string{
	'B': "aybrcudheqfsglipjxknmotzvw", 'C': "afbvcpdjeigohykrlzmxnwtqsu",
	'b': "aebnckdqfugyhwijlomprxsztv", 'c': "arbdcoejfngthkivlmpwqzsxuy",
}

// NewEnigma makes the filter ENIGMA, which is its own inverse. Only letters
// a-z change, and keep their case; every text starts with the same setting.
// All rotors turn together, so this hides nothing from anybody: it is here for
// scripts that use it already.
func NewEnigma(s EnigmaSettings) (Filter, error) {
	const rotorNames = "1 2 3 4 5 6 7 8 b g"
	if s.Rotors == "" {
		return nil, errors.New("filter ENIGMA: no rotors, want one or more of " + rotorNames)
	}
	if len(s.Plugs) != len(s.Rotors) {
		return nil, fmt.Errorf("filter ENIGMA: %d rotors but %d plugs, want one letter a-z for each rotor",
			len(s.Rotors), len(s.Plugs))
	}
	wirings := make([]string, len(s.Rotors))
	for i := range len(s.Rotors) {
		wiring, ok := enigmaRotors[s.Rotors[i]]
		if !ok {
			return nil, fmt.Errorf("filter ENIGMA: unknown rotor %q: allowed are %s", s.Rotors[i:i+1], rotorNames)
		}
		if plug := s.Plugs[i] | 0x20; plug < 'a' || plug > 'z' {
			return nil, fmt.Errorf("filter ENIGMA: plug %q: want a letter a-z", s.Plugs[i:i+1])
		}
		// A rotor used twice starts at the plug of its first place.
		plug := s.Plugs[strings.IndexByte(s.Rotors, s.Rotors[i])] | 0x20
		at := strings.IndexByte(wiring, plug)
		wirings[i] = wiring[at:] + wiring[:at]
	}
	if len(s.Reflector) != 1 || enigmaReflectors[s.Reflector[0]] == "" {
		return nil, fmt.Errorf("filter ENIGMA: unknown reflector %q: allowed are B C b c", s.Reflector)
	}
	pairs := enigmaReflectors[s.Reflector[0]]
	first, last := wirings[0], wirings[len(wirings)-1]
	var m enigma
	for i := range 26 {
		c := byte(i) + 'a'
		partner := func(c byte) byte { return pairs[strings.IndexByte(pairs, c)^1] }
		forth := func(c byte) byte { return last[strings.IndexByte(first, c)] }
		back := func(c byte) byte { return first[strings.IndexByte(last, c)] }
		m.odd[i] = back(partner(forth(c))) - 'a'
		m.even[i] = forth(partner(back(c))) - 'a'
	}
	return &m, nil
}

// enigma is the machine after working out what its turning comes to. A pass
// looks a letter up in one rotor and takes the letter at that place from the
// next one; every rotor has turned equally often when it is used, so the turns
// cancel out, and so do all rotors but the outermost two. What is left are two
// alphabets: one for odd letters, one for even ones, for which the reversed
// order of the rotors has stayed.
type enigma struct{ odd, even [26]byte }

func (*enigma) Name() string       { return "ENIGMA" }
func (*enigma) escapesLines() bool { return false }

func (m *enigma) AppendEncode(dst []byte, text string) []byte {
	odd := true
	for i := range len(text) {
		c := text[i]
		if base, ok := letterBase(c); ok {
			if odd {
				c = base + m.odd[c-base]
			} else {
				c = base + m.even[c-base]
			}
			odd = !odd
		}
		dst = append(dst, c)
	}
	return dst
}

func (m *enigma) Decode(text string) (string, error) {
	return string(m.AppendEncode(make([]byte, 0, len(text)), text)), nil
}
