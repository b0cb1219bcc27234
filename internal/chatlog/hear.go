package chatlog

import (
	"cmp"
	"fmt"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// hear makes lines of an agent's events. It does not block.
func (l *Log) hear(e agent.Event) {
	switch e := e.(type) {
	case agent.ChatHeard:
		l.chat(e)
	case agent.MessageReceived:
		l.message(e.InstantMessage)
	case agent.DialogReceived:
		if e.Dialog == grid.IMBusyAutoResponse {
			l.message(e.InstantMessage)
		}
	case agent.MessageSent:
		if e.Dialog == grid.IMMessageFromAgent || e.Dialog == grid.IMBusyAutoResponse {
			l.putText(e.Message, func(n line) { l.putFor(e.To, n) }, line{Message, "", entry(e.InstantMessage, avatar(e.InstantMessage))})
		}
	case agent.ObjectMessage:
		if _, ok := script.ParseCommand(e.Message, l.o.Input); !ok {
			l.putText(e.Message, l.put, line{Message, e.Object.String(), entry(e.InstantMessage, object(e.FromName, e.Object))})
		}
	case agent.GroupMessage:
		if l.o.Group == nil {
			return
		}
		if name, ok := l.o.Group(e.Session); ok {
			l.putText(e.Message, l.put, line{Group, name, entry(e.InstantMessage, avatar(e.InstantMessage))})
		}
	case agent.ConferenceMessage:
		l.putText(e.Message, l.put, line{Conference, cmp.Or(e.Name, e.Session.String()), entry(e.InstantMessage, avatar(e.InstantMessage))})
	case agent.RegionMessage:
		name := l.o.Agent.Self().RegionName
		for _, r := range l.o.Agent.Regions() {
			if r.ID == e.Region && r.Name != "" {
				name = r.Name
			}
		}
		l.putText(e.Message, l.put, line{Region, cmp.Or(name, "unknown"), entry(e.InstantMessage, avatar(e.InstantMessage))})
	}
}

// chat makes lines of local chat and of what objects say to the agent alone.
func (l *Log) chat(e agent.ChatHeard) {
	n := line{Local, "", Entry{Time: time.Now(), Who: e.FromName, Type: e.Type.String(), Text: e.Message}}
	switch e.Type {
	case grid.ChatWhisper, grid.ChatNormal, grid.ChatShout:
		if e.Kind == grid.ChatSourceAgent {
			n.Who = agent.ParseName(e.FromName).String()
		}
	case grid.ChatOwnerSay:
		n.kind, n.name, n.Who = OwnerSay, e.Source.String(), object(e.FromName, e.Source)
	case grid.ChatRegionSayTo:
	default:
		return
	}
	alone := e.Type == grid.ChatOwnerSay || e.Type == grid.ChatRegionSayTo
	if _, ok := script.ParseCommand(e.Message, l.o.Input); ok && alone {
		return
	}
	if n.kind == Local {
		n.name = l.region(e.Region)
	}
	n.Who = cmp.Or(n.Who, e.Source.String())
	l.putText(e.Message, l.put, n)
}

// message makes a line of an instant message from an avatar.
func (l *Log) message(im agent.InstantMessage) {
	who := avatar(im)
	l.putText(im.Message, l.put, line{Message, who, entry(im, who)})
}

// putText puts a line unless it is empty, with what it may show of its text.
func (l *Log) putText(text string, put func(line), n line) {
	if text == "" {
		return
	}
	n.Text = text
	if pairs, ok := script.ParseCommand(text, l.o.Input); ok {
		n.Text = script.EncodeLine(script.Pairs{
			{Key: "command", Value: pairs.Get("command")},
			{Key: "group", Value: pairs.Get("group")},
			{Key: "password", Value: "***"},
		}, script.DefaultFilters())
	}
	put(n)
}

func entry(im agent.InstantMessage, who string) Entry {
	e := Entry{Time: time.Now(), Who: who}
	if im.Offline { // it was stored until the agent logged in
		e.Time = im.Time
	}
	return e
}

// avatar is who wrote a message.
func avatar(im agent.InstantMessage) string {
	if im.FromName == "" {
		return im.From.String()
	}
	return agent.ParseName(im.FromName).String()
}

func object(name string, id grid.UUID) string { return fmt.Sprintf("%s (%s)", name, id) }

// region is the name of a region that the agent is connected to.
func (l *Log) region(handle grid.RegionHandle) string {
	for _, r := range l.o.Agent.Regions() {
		if r.Handle == handle && r.Name != "" {
			return r.Name
		}
	}
	x, y := handle.Grid()
	return fmt.Sprintf("%d,%d", x, y)
}
