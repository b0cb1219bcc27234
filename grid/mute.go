package grid

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MuteType says what an entry of a mute list names. The names are those that
// scripts use.
type MuteType uint8

// The types of entries.
const (
	MuteByName   MuteType = 0 // whoever or whatever has the name; the id is null
	MuteResident MuteType = 1 // an avatar
	MuteObject   MuteType = 2
	MuteGroup    MuteType = 3
	MuteExternal MuteType = 4 // an avatar that speaks in from elsewhere
)

var muteTypeNames = names[MuteType]{
	{MuteByName, "ByName"},
	{MuteResident, "Resident"},
	{MuteObject, "Object"},
	{MuteGroup, "Group"},
	{MuteExternal, "External"},
}

// String returns the name, or the number of an unknown type.
func (t MuteType) String() string { return muteTypeNames.text(t) }

// MuteTypes lists all types, lowest number first.
func MuteTypes() []MuteType { return muteTypeNames.all() }

// MuteFlags are what an entry of a mute list does not mute: a flag that is set
// is an exception, and none mutes everything.
type MuteFlags uint32

// The exceptions.
const (
	MuteExceptTextChat     MuteFlags = 1 << 0 // chat and instant messages are heard
	MuteExceptVoiceChat    MuteFlags = 1 << 1
	MuteExceptParticles    MuteFlags = 1 << 2
	MuteExceptObjectSounds MuteFlags = 1 << 3

	MuteExceptAll = MuteExceptTextChat | MuteExceptVoiceChat | MuteExceptParticles | MuteExceptObjectSounds
)

var muteFlagNames = names[MuteFlags]{
	{MuteExceptTextChat, "TextChat"},
	{MuteExceptVoiceChat, "VoiceChat"},
	{MuteExceptParticles, "Particles"},
	{MuteExceptObjectSounds, "ObjectSounds"},
}

// String joins the names of the exceptions with comma and space: Default when
// there are none, All when there are all. Bits without a name are left out.
func (f MuteFlags) String() string {
	switch {
	case f == 0:
		return "Default"
	case f&MuteExceptAll == MuteExceptAll:
		return "All"
	}
	return strings.Join(muteFlagNames.flags(f), ", ")
}

// MuteFlagNames lists the words that ParseMuteFlag reads.
func MuteFlagNames() []string {
	all := []string{"Default"}
	for _, n := range muteFlagNames {
		all = append(all, n.text)
	}
	return append(all, "All")
}

// ParseMuteFlag reads one word of MuteFlagNames, in any case.
func ParseMuteFlag(s string) (MuteFlags, bool) {
	switch {
	case strings.EqualFold(s, "Default"):
		return 0, true
	case strings.EqualFold(s, "All"):
		return MuteExceptAll, true
	}
	return muteFlagNames.parse(s)
}

// Mute is one entry of a mute list. Id and name together identify it.
type Mute struct {
	Type  MuteType
	ID    UUID // null for entries that mute a name
	Name  string
	Flags MuteFlags
}

// MuteNameLimit is the longest name of an entry in bytes, without the closing
// NUL of the wire.
const MuteNameLimit = 254

// Is tells whether two entries are the same one, whatever their types and flags.
func (m Mute) Is(other Mute) bool { return m.ID == other.ID && m.Name == other.Name }

// AppendMutes writes entries as the file in which a grid keeps a mute list: a
// line each, of type, id and name with a space between, a bar and the flags. A
// control character in a name, which would end the line, becomes a space.
func AppendMutes(dst []byte, mutes []Mute) []byte {
	for _, m := range mutes {
		name := strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, m.Name)
		dst = fmt.Appendf(dst, "%d %s %s|%d\n", uint8(m.Type), m.ID, name, uint32(m.Flags))
	}
	return dst
}

// ParseMutes reads the file of a mute list. Lines that cannot be read are left
// out, as viewers do; the error tells of each. Missing flags are none.
func ParseMutes(file []byte) ([]Mute, error) {
	var mutes []Mute
	var errs []error
	n := 0
	for line := range bytes.Lines(file) {
		n++
		text := strings.Trim(string(line), "\r\n\x00")
		if text == "" {
			continue
		}
		m, err := parseMute(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("mute list, line %d: %w", n, err))
			continue
		}
		mutes = append(mutes, m)
	}
	return mutes, errors.Join(errs...)
}

// parseMute reads one line. A name may hold bars, so the last one ends it.
func parseMute(line string) (Mute, error) {
	kind, rest, _ := strings.Cut(line, " ")
	id, rest, found := strings.Cut(rest, " ")
	if !found {
		return Mute{}, fmt.Errorf("%q: want type, id, name and flags", line)
	}
	number, err := strconv.ParseUint(kind, 10, 8)
	if err != nil {
		return Mute{}, fmt.Errorf("type: %w", err)
	}
	m := Mute{Type: MuteType(number), Name: rest}
	if m.ID, err = ParseUUID(id); err != nil {
		return Mute{}, err
	}
	if bar := strings.LastIndexByte(rest, '|'); bar >= 0 {
		m.Name = rest[:bar]
		if text := strings.TrimSpace(rest[bar+1:]); text != "" {
			flags, err := strconv.ParseUint(text, 10, 32)
			if err != nil {
				return Mute{}, fmt.Errorf("flags: %w", err)
			}
			m.Flags = MuteFlags(flags)
		}
	}
	return m, nil
}
