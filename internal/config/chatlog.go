package config

import (
	"fmt"
	"strings"
	"time"
)

// ChatLog says what is written of what is said around the agents.
type ChatLog struct {
	Enabled bool `toml:"enabled"`
	// Directory is relative to the configuration file's directory.
	Directory string `toml:"directory"`
	// What is written.
	Message    bool `toml:"message"`
	Local      bool `toml:"local"`
	Conference bool `toml:"conference"`
	Region     bool `toml:"region"`
	OwnerSay   bool `toml:"ownersay"`
	Group      bool `toml:"group"`
	// Zone is that of the stamps in the files.
	Zone Zone `toml:"zone"`
	// MaxSize bounds one file, Keep how many older ones of its name are kept,
	// MaxTotal the files of one agent together.
	MaxSize  Size `toml:"max_size"`
	Keep     int  `toml:"keep"`
	MaxTotal Size `toml:"max_total"`
	// MaxAnswer and Timeout bound what one command finds, and how long it looks.
	MaxAnswer Size     `toml:"max_answer"`
	Timeout   Duration `toml:"timeout"`
}

// Zone is the name of a time zone: UTC, Local for that of this machine, or one
// such as Europe/Vienna.
type Zone string

// UnmarshalText reads a zone.
func (z *Zone) UnmarshalText(text []byte) error {
	name := string(text)
	for _, known := range []string{"UTC", "Local"} {
		if strings.EqualFold(name, known) {
			name = known
		}
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" {
		return fmt.Errorf("%q is not a time zone that this machine knows: want UTC, Local or a name such as Europe/Vienna", text)
	}
	*z = Zone(name)
	return nil
}

// Location is the zone, UTC when there is none.
func (z Zone) Location() *time.Location {
	if l, err := time.LoadLocation(string(z)); err == nil {
		return l
	}
	return time.UTC
}

func defaultChatLog() ChatLog {
	return ChatLog{
		Directory: "logs",
		Message:   true, Local: true, Conference: true, Region: true, OwnerSay: true, Group: true,
		Zone:      "UTC",
		MaxSize:   10 << 20,
		Keep:      4,
		MaxTotal:  1 << 30,
		MaxAnswer: 1 << 20,
		Timeout:   Duration(10 * time.Second),
	}
}

func (c *Config) checkChatLog(d *decoder) {
	l := &c.ChatLog
	if l.Directory == "" {
		d.problem("chatlog.directory", "want the path of a directory")
	}
	l.Directory = c.resolve(l.Directory)
	between(d, "chatlog.max_size", l.MaxSize, 64<<10, 1<<30)
	between(d, "chatlog.keep", l.Keep, 0, 100)
	between(d, "chatlog.max_total", l.MaxTotal, max(1<<20, l.MaxSize), 1<<40)
	between(d, "chatlog.max_answer", l.MaxAnswer, 64<<10, 64<<20)
	checkSpan(d, "chatlog.timeout", l.Timeout)
}
