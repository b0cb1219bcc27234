package bus

import (
	"net/url"
	"strings"
)

// Subjects: rookery.<what>.<agent>[.<group>.<view>.<type>].

func commandSubject(agent string) string   { return "rookery.command." + token(agent) }
func authorizeSubject(agent string) string { return "rookery.authorize." + token(agent) }

func notifySubject(agent, group, view, kind string) string {
	return "rookery.notify." + token(agent) + "." + group + "." + view + "." + kind
}

// usualView stands for the usual keys in subjects, whose tokens are never empty.
const usualView = "-"

func viewToken(view string) string {
	if view == "" {
		return usualView
	}
	return view
}

func untokenView(t string) string {
	if t == usualView {
		return ""
	}
	return t
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
