package process

import (
	"errors"
	"strings"
)

// ErrQuote reports a quotation mark that is not closed.
var ErrQuote = errors.New(`a quotation mark (") is not closed`)

// Split takes a line of arguments apart by the rules of .NET, which are those
// of Microsoft's C programs: blanks and tabs separate, quotation marks hold
// together, two of them within a quotation are one, and backslashes mean
// themselves unless a quotation mark follows: then two are one, and a single
// one makes the mark an ordinary character. Nothing else has a meaning: this is
// no shell.
func Split(line string) ([]string, error) {
	var args []string
	var arg strings.Builder
	begun, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\':
			n := len(line[i:]) - len(strings.TrimLeft(line[i:], `\`))
			begun = true
			if i+n == len(line) || line[i+n] != '"' {
				arg.WriteString(line[i : i+n])
				i += n - 1
				continue
			}
			arg.WriteString(strings.Repeat(`\`, n/2))
			i += n - 1
			if n%2 == 1 {
				arg.WriteByte('"')
				i++
			}
		case c == '"' && quoted && i+1 < len(line) && line[i+1] == '"':
			arg.WriteByte('"')
			i++
		case c == '"':
			begun, quoted = true, !quoted
		case (c == ' ' || c == '\t') && !quoted:
			if begun {
				args = append(args, arg.String())
				arg.Reset()
				begun = false
			}
		default:
			begun = true
			arg.WriteByte(c)
		}
	}
	if quoted {
		return nil, ErrQuote
	}
	if begun {
		args = append(args, arg.String())
	}
	return args, nil
}
