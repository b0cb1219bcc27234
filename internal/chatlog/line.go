package chatlog

import (
	"strings"
	"time"
	"unicode"

	"rookery/grid"
)

// Entry is one message.
type Entry struct {
	Time time.Time
	// Who said it: "First Last", or the name of an object.
	Who string
	// Type is how it was said, "Normal" for example; local chat and llOwnerSay
	// only.
	Type string
	Text string
}

// stampLayout is dd-MM-yyyy HH:mm:ss.
const stampLayout = "02-01-2006 15:04:05"

// separator stands between who spoke and what.
const separator = " : "

// maxText bounds a text, in bytes. Grids carry less.
const maxText = 64 << 10

// appendEntry appends the lines of a message.
func appendEntry(b []byte, e Entry, zone *time.Location) []byte {
	b = append(b, '[')
	b = e.Time.In(zone).AppendFormat(b, stampLayout)
	b = append(b, "] "...)
	b = append(b, plainWho(e.Who)...)
	if e.Type != "" {
		b = append(b, " ("...)
		b = append(b, e.Type...)
		b = append(b, ')')
	}
	b = append(b, separator...)
	b = append(b, strings.ReplaceAll(plainText(e.Text), "\n", "\n\t")...)
	return append(b, '\n')
}

// plainText is a text as it comes back when it is read.
func plainText(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// plainWho is a name that does not end before its end.
func plainWho(who string) string {
	who = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(who, "\uFFFD"))
	who = strings.TrimSpace(who) + " " // what follows begins with one
	for strings.Contains(who, separator) {
		who = strings.ReplaceAll(who, separator, ": ")
	}
	return strings.TrimSpace(who)
}

// parseHead reads the first line of a message; false for what is none.
func parseHead(line string, typed bool, zone *time.Location) (Entry, bool) {
	const end = 1 + len(stampLayout)
	if len(line) < end+2 || line[0] != '[' || line[end:end+2] != "] " {
		return Entry{}, false
	}
	t, err := time.ParseInLocation(stampLayout, line[1:end], zone)
	if err != nil {
		return Entry{}, false
	}
	e := Entry{Time: t.UTC()}
	var ok bool
	if e.Who, e.Text, ok = strings.Cut(line[end+2:], separator); !ok {
		return Entry{}, false
	}
	if !typed {
		return e, true
	}
	open := strings.LastIndex(e.Who, " (")
	if open < 0 || !strings.HasSuffix(e.Who, ")") {
		return Entry{}, false
	}
	e.Who, e.Type = e.Who[:open], e.Who[open+2:len(e.Who)-1]
	return e, isType(e.Type)
}

// isType tells whether a word is one of the types that are written, by Corrade
// too.
func isType(word string) bool {
	if word == "Say" {
		return true
	}
	t, ok := grid.ParseChatType(word)
	return ok && t.String() == word
}
