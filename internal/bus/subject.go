package bus

import (
	"net/url"
	"strings"
)

// Subjects: rookery.<what>.<agent>[.<group>.<type>].

func commandSubject(agent string) string   { return "rookery.command." + token(agent) }
func authorizeSubject(agent string) string { return "rookery.authorize." + token(agent) }

func notifySubject(agent, group, kind string) string {
	return "rookery.notify." + token(agent) + "." + group + "." + kind
}

// token makes any name one token of a subject: NATS reserves the dot, blanks,
// * and >.
func token(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(name), ".", "%2E"), "*", "%2A")
}

func untoken(t string) string {
	name, err := url.QueryUnescape(t)
	if err != nil {
		return t
	}
	return name
}
