package mqtt

import (
	"errors"
	"slices"
	"strings"

	"rookery/internal/bus"
)

// What may stand for a notification at the end of a topic. They carry no
// notifications: they are for commands and their answers alone, and any group
// may use them.
const (
	kindCommands = "commands"
	kindAnswers  = "answers"
)

// jsonLevel is the last level of topics whose notifications are JSON.
const jsonLevel = "json"

// channel is where notifications of one kind go in one form.
type channel struct {
	topic string
	json  bool
}

// realm is all topics that begin the same and have the same form. What is let
// in for one topic of a realm is let in for the others.
type realm struct {
	// prefix is everything before the kind: GROUP/PASSWORD or GROUP.
	prefix string
	json   bool
}

// address is a topic or filter, taken apart.
type address struct {
	realm
	group, password string
	// kind is the notification; + or # in a filter for all of them.
	kind string
}

var errTopic = errors.New("want GROUP/PASSWORD/TYPE, or GROUP/TYPE with the group and password of the connection, and /json at the end for JSON; wildcards for the type only")

// split finds the realm of a topic and the kind at its end; the realm is empty
// where there is none.
func split(topic string) (realm, string) {
	rest, json := strings.CutSuffix(topic, "/"+jsonLevel)
	i := strings.LastIndexByte(rest, '/')
	if i < 0 {
		return realm{}, ""
	}
	return realm{rest[:i], json}, rest[i+1:]
}

// parseTopic takes a topic or filter apart. login is the group that the
// connection was let in for, with its password, or nil.
func parseTopic(topic string, login *login) (address, error) {
	var a address
	a.realm, a.kind = split(topic)
	if a.prefix == "" || a.kind == "" || strings.ContainsAny(a.prefix, "+#") || len(a.kind) > 1 && strings.ContainsAny(a.kind, "+#") || a.kind == "#" && a.json {
		return a, errTopic
	}
	group, password, both := strings.Cut(a.prefix, "/")
	switch {
	case both:
		a.group, a.password = group, password
	case login != nil && login.names(group):
		a.group, a.password = login.group, login.password
	default:
		return a, errTopic
	}
	return a, nil
}

// login is a group that a connection was let in for by user name and password.
type login struct {
	group, password string
	grant           bus.Grant
}

func (l *login) names(group string) bool {
	return strings.EqualFold(group, l.group) || strings.EqualFold(group, l.grant.GroupName) || strings.EqualFold(group, l.grant.GroupID)
}

// kinds are the notifications that a filter is for; false when it asks for one
// that was not granted.
func (a address) kinds(grant bus.Grant) ([]string, bool) {
	switch {
	case a.kind == "+" || a.kind == "#":
		return grant.Types, true
	case a.kind == kindCommands || a.kind == kindAnswers:
		return nil, true
	case slices.Contains(grant.Types, a.kind):
		return []string{a.kind}, true
	default:
		return nil, false
	}
}

// channel is where notifications of a kind go for those who asked by a.
func (a address) channel(kind string) channel {
	topic := a.prefix + "/" + kind
	if a.json {
		topic += "/" + jsonLevel
	}
	return channel{topic, a.json}
}
