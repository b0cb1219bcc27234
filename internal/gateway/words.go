package gateway

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"rookery/script"
)

// Language is the form that words are written in.
type Language int

// The languages.
const (
	WAS  Language = iota // key-value text, each key and value through the filters
	JSON                 // one object of texts
)

// DecodeLine reads one line of key-value text as the desk's input filters have it.
func (d *Desk) DecodeLine(text []byte) (script.Pairs, error) {
	if !utf8.Valid(text) {
		return nil, Explain(script.ErrUndecodable, "the text is not UTF-8")
	}
	pairs, err := script.DecodeLine(string(text), d.Input)
	return pairs, undecodable(err)
}

// longestWhy bounds what an answer says of a text that cannot be read, in bytes:
// it may name a key, and keys may be long.
const longestWhy = 300

// undecodable has the answer say why a text cannot be read.
func undecodable(err error) error {
	if err == nil || !errors.Is(err, script.ErrUndecodable) {
		return err
	}
	why := err.Error()
	if len(why) > longestWhy {
		why = strings.ToValidUTF8(why[:longestWhy], "") + "…"
	}
	return &script.Error{Status: script.ErrUndecodable.Status, Text: why}
}

// byteOrderMark begins what .NET's writers of UTF-8 send.
var byteOrderMark = []byte("\ufeff")

// LanguageOf tells the language of a text: it is JSON when it begins with {.
func LanguageOf(text []byte) Language {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, byteOrderMark), " \t\r\n")
	if len(text) > 0 && text[0] == '{' && utf8.Valid(text) {
		return JSON
	}
	return WAS
}

// Decode reads one text as [Desk.DecodeLine] does, or as JSON, and tells its
// language.
func (d *Desk) Decode(text []byte) (script.Pairs, Language, error) {
	text = bytes.TrimPrefix(text, byteOrderMark)
	if LanguageOf(text) == JSON {
		pairs, err := script.ParseJSON(bytes.TrimLeft(text, " \t\r\n"))
		return pairs, JSON, undecodable(err)
	}
	pairs, err := d.DecodeLine(text)
	return pairs, WAS, err
}

// Append writes an answer in a language.
func (d *Desk) Append(dst []byte, answer script.Pairs, l Language) []byte {
	if l == JSON {
		return script.AppendJSON(dst, answer)
	}
	return script.AppendLine(dst, answer, d.Output)
}

// ContentType is the media type of what the desk writes in a language.
func (d *Desk) ContentType(l Language) string {
	switch {
	case l == JSON:
		return "application/json"
	case d.Output.FormEncoded():
		return "application/x-www-form-urlencoded; charset=utf-8"
	default:
		return "text/plain; charset=utf-8"
	}
}
