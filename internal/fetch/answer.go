package fetch

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// Text returns the body as text in UTF-8, converted from the character set
// that its Content-Type names. A body that is no text comes in base64.
func (a *Answer) Text() (text string, inBase64 bool) {
	_, params, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if label := params["charset"]; err == nil && label != "" {
		// The decoder of UTF-8 would make a text of anything.
		if e, err := htmlindex.Get(label); err == nil && e != unicode.UTF8 {
			if converted, err := e.NewDecoder().Bytes(a.Body); err == nil && utf8.Valid(converted) {
				return string(converted), false
			}
		}
	}
	if utf8.Valid(a.Body) {
		return string(a.Body), false
	}
	return base64.StdEncoding.EncodeToString(a.Body), true
}

// RetryAfter reads how long a server wants to be left alone: seconds or a date
// (RFC 9110 §10.2.3); 0 when it does not say.
func RetryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// String writes the status as "404 Not Found".
func (a *Answer) String() string {
	text := strconv.Itoa(a.Status)
	if words := http.StatusText(a.Status); words != "" {
		text += " " + words
	}
	return text
}
