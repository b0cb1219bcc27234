package llsd

import (
	"bytes"
	"fmt"
	"strings"
)

// sniffLen is how much of the head Sniff wants to see.
const sniffLen = 256

// Sniff tells which form the head of a text has: by the header if there is
// one, else by what only one of the forms can begin with. It returns ErrEmpty
// for nothing but white space, and an error that quotes the head for what is
// no LLSD at all, such as a web server's error page.
func Sniff(head []byte) (Format, error) {
	b := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(b) == 0 {
		return 0, ErrEmpty
	}
	if b[0] == '<' {
		return sniffMarkup(b)
	}
	if !bytes.ContainsRune([]byte(`!01tTfFirubs"'ld[{`), rune(b[0])) {
		return 0, notLLSD(b)
	}
	if looksBinary(b) {
		return Binary, nil
	}
	return Notation, nil
}

func sniffMarkup(b []byte) (Format, error) {
	if f, _, ok := header(b); ok {
		return f, nil
	}
	lower := strings.ToLower(string(b[:min(len(b), sniffLen)]))
	if strings.HasPrefix(lower, "<!doctype html") || strings.HasPrefix(lower, "<html") {
		return 0, notLLSD(b)
	}
	return XML, nil
}

// header reads "<? LLSD/Binary ?>" and the like; n is its length.
func header(b []byte) (f Format, n int, ok bool) {
	if !bytes.HasPrefix(b, []byte("<?")) {
		return 0, 0, false
	}
	end := bytes.Index(b, []byte("?>"))
	if end < 2 || end > sniffLen {
		return 0, 0, false
	}
	switch strings.ToLower(strings.TrimSpace(string(b[2:end]))) {
	case "llsd/binary":
		return Binary, end + 2, true
	case "llsd/notation":
		return Notation, end + 2, true
	case "llsd/xml":
		return XML, end + 2, true
	}
	return 0, 0, false
}

// looksBinary tells the forms apart where they share their markers: what
// follows one in the binary form is a length below 2^24, beginning with a NUL,
// or a number, nearly always with bytes that no text has.
func looksBinary(b []byte) bool {
	rest := b[1:]
	switch b[0] {
	case '{', '[', 's', 'l', 'b':
		return len(rest) > 0 && rest[0] == 0
	case 'u':
		_, ok := parseUUID(string(rest[:min(len(rest), 36)]))
		return !ok && len(rest) >= 16
	case 'i':
		return hasControl(rest[:min(len(rest), 4)])
	case 'r', 'd':
		return hasControl(rest[:min(len(rest), 8)])
	}
	return false
}

func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c >= 0x7f {
			return true
		}
	}
	return false
}

func notLLSD(head []byte) error {
	const show = 60
	s := strings.ToValidUTF8(string(head[:min(len(head), show)]), "\uFFFD")
	return fmt.Errorf("not llsd: the text begins with %q", s)
}
