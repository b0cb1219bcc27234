package broker

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxTopic is the longest topic, in bytes (MQTT 5.0 §1.5.4).
const maxTopic = 65535

// CheckTopic refuses what nothing can be published to; the error says why.
func CheckTopic(topic string) error {
	if err := checkText(topic); err != nil {
		return err
	}
	if strings.ContainsAny(topic, "+#") {
		return fmt.Errorf("%q has a wildcard, + or #: nothing can be published there", topic)
	}
	return nil
}

// CheckFilter refuses what nobody can subscribe to; the error says why. + must be
// a whole level, # a whole level and the last one (MQTT 5.0 §4.7.1).
func CheckFilter(filter string) error {
	if err := checkText(filter); err != nil {
		return err
	}
	if share, ok := strings.CutPrefix(filter, "$share/"); ok {
		name, rest, _ := strings.Cut(share, "/")
		if name == "" || strings.ContainsAny(name, "+#") || rest == "" {
			return fmt.Errorf("%q: want $share/NAME/TOPIC", filter) // MQTT 5.0 §4.8.2
		}
		filter = rest
	}
	levels := strings.Split(filter, "/")
	for i, level := range levels {
		switch {
		case level == "#" && i == len(levels)-1, level == "+", !strings.ContainsAny(level, "+#"):
		case strings.Contains(level, "#"):
			return fmt.Errorf("%q: # must be all of the last level, as in a/b/#", filter)
		default:
			return fmt.Errorf("%q: + must be all of a level, as in a/+/b", filter)
		}
	}
	return nil
}

// Shared tells whether a filter shares its messages with other clients.
func Shared(filter string) bool { return strings.HasPrefix(filter, "$share/") }

// Wild tells whether a filter has wildcards, so that it is no topic.
func Wild(filter string) bool { return strings.ContainsAny(filter, "+#") }

func checkText(topic string) error {
	switch {
	case topic == "":
		return errors.New("it is empty")
	case len(topic) > maxTopic:
		return fmt.Errorf("it has %d bytes; allowed are %d", len(topic), maxTopic)
	case !utf8.ValidString(topic):
		return errors.New("it is not UTF-8")
	case strings.ContainsRune(topic, 0):
		return errors.New("it has a null character in it")
	}
	return nil
}
