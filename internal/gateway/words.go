package gateway

import (
	"bytes"
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
		return nil, script.ErrUndecodable.Detailf("the text is not UTF-8")
	}
	return script.DecodeLine(string(text), d.Input)
}

// LanguageOf tells the language of a text: it is JSON when it begins with {.
func LanguageOf(text []byte) Language {
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' && utf8.Valid(text) {
		return JSON
	}
	return WAS
}

// Decode reads one text as [Desk.DecodeLine] does, or as JSON, and tells its
// language.
func (d *Desk) Decode(text []byte) (script.Pairs, Language, error) {
	if LanguageOf(text) == JSON {
		pairs, err := script.ParseJSON(bytes.TrimLeft(text, " \t\r\n"))
		return pairs, JSON, err
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
