package chatlog

import "time"

// Kind is a kind of talk.
type Kind int

// The kinds.
const (
	Message Kind = iota
	Local
	Conference
	Region
	OwnerSay
	Group
)

// folders are called as Corrade has them.
var folders = [...]string{
	Message: "im", Local: "local", Conference: "conference", Region: "region", OwnerSay: "ownersay", Group: "group",
}

// typed tells whether the lines of a kind say how something was said.
func (k Kind) typed() bool { return k == Local || k == OwnerSay }

// Settings say what is written and where.
type Settings struct {
	// Directory holds the folders of all kinds. Empty: nothing is written, and
	// there is nothing to read.
	Directory string
	// Kinds are those that are written.
	Kinds map[Kind]bool
	// Zone is that of the stamps in the files; nil means UTC.
	Zone *time.Location
	// MaxSize bounds one file in bytes, Keep how many older ones of its name are
	// kept, MaxTotal all files together. 0 means 10 MiB and 1 GiB; of Keep it
	// means none.
	MaxSize, MaxTotal int64
	Keep              int
	// MaxAnswer bounds what one search finds, in bytes; 0 means 1 MiB. Time
	// bounds how long it takes; 0 means 10 s.
	MaxAnswer int
	Time      time.Duration
}

func (s Settings) withDefaults() Settings {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.MaxSize == 0 {
		s.MaxSize = 10 << 20
	}
	if s.MaxTotal == 0 {
		s.MaxTotal = 1 << 30
	}
	if s.MaxAnswer == 0 {
		s.MaxAnswer = 1 << 20
	}
	if s.Time == 0 {
		s.Time = 10 * time.Second
	}
	return s
}
