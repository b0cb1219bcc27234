package message

import (
	"errors"
	"fmt"
	"strconv"
)

// Frequency is the class of a message number, which decides how many bytes
// the number takes on the wire.
type Frequency uint8

const (
	High   Frequency = iota // 1 byte
	Medium                  // FF and 1 byte
	Low                     // FF FF and 2 bytes, big-endian
	Fixed                   // FF FF FF and 1 byte
)

func (f Frequency) String() string {
	switch f {
	case High:
		return "High"
	case Medium:
		return "Medium"
	case Low:
		return "Low"
	case Fixed:
		return "Fixed"
	}
	return "Frequency(" + strconv.Itoa(int(f)) + ")"
}

// State tells whether a message is still in use.
type State uint8

const (
	Active         State = iota
	Deprecated           // no longer used at all
	UDPDeprecated        // replaced by a capability, still understood over UDP
	UDPBlackListed       // to be ignored when it comes over UDP
)

// ID is a message number as one integer: n for High, 0xFF00|n for Medium,
// 0xFFFF0000|n for Low and Fixed.
type ID uint32

// Frequency tells the class of the number.
func (id ID) Frequency() Frequency {
	switch {
	case id < 0xff:
		return High
	case id < 0xffff:
		return Medium
	case id < 0xffffff00:
		return Low
	}
	return Fixed
}

// Number is the number within its frequency as templates write it: 1 to 254
// for High and Medium, from 1 for Low, the whole of the ID for Fixed.
func (id ID) Number() uint32 {
	switch id.Frequency() {
	case Medium:
		return uint32(id & 0xff)
	case Low:
		return uint32(id & 0xffff)
	case High, Fixed:
	}
	return uint32(id)
}

func (id ID) String() string {
	if id.Frequency() == Fixed {
		return fmt.Sprintf("Fixed %#x", id.Number())
	}
	return fmt.Sprintf("%s %d", id.Frequency(), id.Number())
}

// Info describes a message of the template.
type Info struct {
	Name      string
	ID        ID
	Frequency Frequency
	Trusted   bool // only simulators may send it
	Zerocoded bool // goes zero-coded by habit
	State     State

	make func() codec
}

// Infos returns the description of every message of the template, by name.
func Infos() []*Info {
	all := make([]*Info, len(infos))
	for i := range infos {
		all[i] = &infos[i]
	}
	return all
}

// byNumber holds the infos of each frequency by the last byte (High, Medium,
// Fixed) or the last two (Low) of the number.
var byNumber = func() (t [4][]*Info) {
	for i := range infos {
		id := infos[i].ID
		f, n := id.Frequency(), id.slot()
		for len(t[f]) <= n {
			t[f] = append(t[f], nil)
		}
		t[f][n] = &infos[i]
	}
	return t
}()

func (id ID) slot() int {
	if id.Frequency() == Low {
		return int(id & 0xffff)
	}
	return int(id & 0xff)
}

// Lookup returns the description of a message number, nil when the template
// does not have it.
func Lookup(id ID) *Info {
	t := byNumber[id.Frequency()]
	if n := id.slot(); n < len(t) && t[n] != nil && t[n].ID == id {
		return t[n]
	}
	return nil
}

// ErrShort says that a packet ended within its header or message number.
var ErrShort = errors.New("packet ends early")

// ParseID splits b into the message number and what follows it.
func ParseID(b []byte) (ID, []byte, error) {
	switch {
	case len(b) >= 1 && b[0] != 0xff:
		return ID(b[0]), b[1:], nil
	case len(b) >= 2 && b[0] == 0xff && b[1] != 0xff:
		return 0xff00 | ID(b[1]), b[2:], nil
	case len(b) >= 4 && b[0] == 0xff:
		return ID(be.Uint32(b)), b[4:], nil
	}
	return 0, nil, ErrShort
}

// AppendID appends a message number in its wire form.
func AppendID(b []byte, id ID) []byte {
	switch id.Frequency() {
	case High:
		return append(b, byte(id))
	case Medium:
		return append(b, 0xff, byte(id))
	case Low, Fixed:
	}
	return be.AppendUint32(b, uint32(id))
}
