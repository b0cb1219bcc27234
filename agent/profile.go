package agent

import (
	"context"
	"fmt"

	"rookery/grid"
	"rookery/grid/message"
)

// Profile is what an avatar tells of itself. The flags are those of the
// protocol; package grid names them.
type Profile struct {
	ID                   grid.UUID
	About, FirstLife     string
	Image                grid.UUID
	FirstLifeImage       grid.UUID
	Partner              grid.UUID
	BornOn, URL          string
	CharterMember        string
	Flags                uint32
	WantTo, Skills       uint32
	WantToText           string
	SkillsText           string
	Languages            string
	Groups               []ProfileGroup
	Properties, Interest bool // whether that part of the answer came
}

// ProfileGroup is a group in a profile.
type ProfileGroup struct {
	ID, Insignia  grid.UUID
	Name, Title   string
	Powers        uint64
	AcceptNotices bool
}

// Profile asks for the profile of an avatar. It waits until the parts cease to
// come for Config.DataTimeout; which came is told in the Profile. The error is
// ErrTimeout when nothing came.
func (a *Agent) Profile(ctx context.Context, id grid.UUID) (Profile, error) {
	s, err := a.online()
	if err != nil {
		return Profile{}, err
	}
	p := Profile{ID: id}
	groups := false
	err = a.ask(ctx, a.timeouts.Load().data, func(_ *region, m message.Message) progress {
		switch m := m.(type) {
		case *message.AvatarPropertiesReply:
			if m.AgentData.AvatarID != id {
				return waiting
			}
			p.properties(&m.PropertiesData)
		case *message.AvatarInterestsReply:
			if m.AgentData.AvatarID != id {
				return waiting
			}
			d := &m.PropertiesData
			p.WantTo, p.Skills, p.Interest = d.WantToMask, d.SkillsMask, true
			p.WantToText, p.SkillsText = message.String(d.WantToText), message.String(d.SkillsText)
			p.Languages = message.String(d.LanguagesText)
		case *message.AvatarGroupsReply:
			if m.AgentData.AvatarID != id {
				return waiting
			}
			groups = true
			p.groups(m.GroupData)
		default:
			return waiting
		}
		if p.Properties && p.Interest && groups {
			return complete
		}
		return advanced
	}, &message.AvatarPropertiesRequest{
		AgentData: message.AvatarPropertiesRequestAgentData{AgentID: s.id, SessionID: s.secret, AvatarID: id},
	})
	if err != nil {
		return Profile{}, fmt.Errorf("profile of %v: %w", id, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return p, nil
}

func (p *Profile) properties(d *message.AvatarPropertiesReplyPropertiesData) {
	p.Properties = true
	p.About, p.FirstLife = message.String(d.AboutText), message.String(d.FLAboutText)
	p.Image, p.FirstLifeImage, p.Partner = d.ImageID, d.FLImageID, d.PartnerID
	p.BornOn, p.URL = message.String(d.BornOn), message.String(d.ProfileURL)
	p.CharterMember, p.Flags = message.String(d.CharterMember), d.Flags
}

func (p *Profile) groups(blocks []message.AvatarGroupsReplyGroupData) {
	for _, g := range blocks {
		p.Groups = append(p.Groups, ProfileGroup{
			ID: g.GroupID, Insignia: g.GroupInsigniaID, Name: message.String(g.GroupName),
			Title: message.String(g.GroupTitle), Powers: g.GroupPowers, AcceptNotices: g.AcceptNotices,
		})
	}
}
