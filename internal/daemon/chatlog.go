package daemon

import (
	"path/filepath"

	"rookery/grid"
	"rookery/internal/chatlog"
	"rookery/internal/config"
	"rookery/script"
)

// openChatLog begins to write what is said around an agent, if the settings say
// so.
func (d *Daemon) openChatLog(r *resident) *chatlog.Log {
	return chatlog.Open(chatlog.Options{
		Agent:   r.agent,
		Group:   d.chatLogGroup,
		Input:   script.Filters{d.input},
		Timeout: d.cfg.Timeouts.Services.D(),
		Log:     r.log,
	}, d.chatLogSettings(r.cfg))
}

// chatLogGroup finds a group whose chat is written.
func (d *Daemon) chatLogGroup(id grid.UUID) (name string, ok bool) {
	for _, g := range d.settings().Groups {
		if g.UUID == id {
			return g.Name, g.ChatLog
		}
	}
	return "", false
}

// chatLogSettings are the settings for the files of an agent. The first agent's
// are where Corrade has them.
func (d *Daemon) chatLogSettings(a config.Agent) chatlog.Settings {
	c := d.settings().ChatLog
	s := chatlog.Settings{
		Kinds: map[chatlog.Kind]bool{
			chatlog.Message: c.Message, chatlog.Local: c.Local, chatlog.Conference: c.Conference,
			chatlog.Region: c.Region, chatlog.OwnerSay: c.OwnerSay, chatlog.Group: c.Group,
		},
		Zone:    c.Zone.Location(),
		MaxSize: int64(c.MaxSize), Keep: c.Keep, MaxTotal: int64(c.MaxTotal),
		MaxAnswer: int(c.MaxAnswer), Time: c.Timeout.D(),
	}
	switch {
	case !c.Enabled:
	case a.Name == d.cfg.Agents[0].Name:
		s.Directory = c.Directory
	default:
		s.Directory = filepath.Join(c.Directory, "agents", chatlog.FileName(a.Name))
	}
	return s
}
