package command

import (
	_ "embed"
	"strings"

	"rookery/script"
)

// namesFile lists every command and parameter name that scripts know, whether
// or not this agent has the command yet, so that a key means the same today
// and when the command arrives.
//
//go:embed names.txt
var namesFile string

var (
	knownNames    = make(map[string]struct{}) // every name of the file
	knownCommands = make(map[string]struct{}) // of its part [commands]
)

func init() {
	part := ""
	for line := range strings.Lines(namesFile) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			part = line
		default:
			knownNames[line] = struct{}{}
			if part == "[commands]" {
				knownCommands[line] = struct{}{}
			}
		}
	}
}

// IsKnownName tells whether key is the name of a command, a parameter or a key
// of answers, compared exactly. Such keys are never afterburn.
func IsKnownName(key string) bool {
	_, ok := knownNames[key]
	return ok
}

// appendAfterburn adds the pairs of a message that come back unchanged in its
// answer: those with a key that means nothing here and a value. Scripts match
// answers to questions with them.
func appendAfterburn(answer, message script.Pairs) script.Pairs {
	for _, p := range message {
		if p.Key != "" && p.Value != "" && !IsKnownName(p.Key) {
			answer = append(answer, p)
		}
	}
	return answer
}
