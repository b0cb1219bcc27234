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

// Decode reads one text as the desk's input filters have it, and tells its
// language: what begins with { is JSON.
func (d *Desk) Decode(text []byte) (script.Pairs, Language, error) {
	if !utf8.Valid(text) {
		return nil, WAS, script.ErrUndecodable.Detailf("the text is not UTF-8")
	}
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		pairs, err := script.ParseJSON(trimmed)
		return pairs, JSON, err
	}
	pairs, err := script.DecodeLine(string(text), d.Input)
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
