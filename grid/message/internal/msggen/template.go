// Package msggen turns the message template into the Go code of the message
// package.
package msggen

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Msg is one message of the template.
type Msg struct {
	Name      string
	Frequency string // "high", "medium", "low" or "fixed"
	Number    int
	Trusted   bool
	Zerocoded bool
	State     string // "", "deprecated", "udp-deprecated" or "udp-blacklisted"
	Blocks    []Block
}

// Block is one block of a message.
type Block struct {
	Name   string
	Repeat int // 1 once; N exactly N times; 0 a counted repetition
	Fields []Field
}

// Field is one field of a block.
type Field struct {
	Name string
	Type string // as the template spells it
}

var identifier = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// Parse reads a template; its form is described at the head of template.txt.
// Errors name the line.
func Parse(r io.Reader) ([]Msg, error) {
	var msgs []Msg
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := sc.Text()
		var err error
		switch {
		case strings.TrimSpace(line) == "" || line[0] == '#':
		case line[0] == '\t' || line[0] == ' ':
			if len(msgs) == 0 {
				err = fmt.Errorf("block before the first message")
				break
			}
			m := &msgs[len(msgs)-1]
			var b Block
			b, err = parseBlock(strings.TrimSpace(line))
			m.Blocks = append(m.Blocks, b)
		default:
			var m Msg
			m, err = parseHead(line)
			msgs = append(msgs, m)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	return msgs, check(msgs)
}

func parseHead(line string) (Msg, error) {
	w := strings.Fields(line)
	if len(w) < 3 {
		return Msg{}, fmt.Errorf("want frequency, number and name, got %q", line)
	}
	m := Msg{Frequency: w[0], Name: w[2]}
	limits := map[string]int{"high": 254, "medium": 254, "low": 65535, "fixed": 255}
	limit, ok := limits[m.Frequency]
	if !ok {
		return Msg{}, fmt.Errorf("frequency %q: want high, medium, low or fixed", m.Frequency)
	}
	var err error
	if m.Number, err = strconv.Atoi(w[1]); err != nil || m.Number < 1 || m.Number > limit {
		return Msg{}, fmt.Errorf("number %q: want 1 to %d", w[1], limit)
	}
	if !identifier.MatchString(m.Name) {
		return Msg{}, fmt.Errorf("name %q: want a Go identifier with a capital", m.Name)
	}
	for _, f := range w[3:] {
		switch f {
		case "trusted":
			m.Trusted = true
		case "zerocoded":
			m.Zerocoded = true
		case "deprecated", "udp-deprecated", "udp-blacklisted":
			m.State = f
		default:
			return Msg{}, fmt.Errorf("unknown flag %q", f)
		}
	}
	return m, nil
}

func parseBlock(line string) (Block, error) {
	head, fields, ok := strings.Cut(line, ":")
	if !ok {
		return Block{}, fmt.Errorf("block %q: want a colon after the name", line)
	}
	b := Block{Repeat: 1}
	name, times, repeated := strings.Cut(head, "*")
	b.Name = name
	if !identifier.MatchString(name) {
		return Block{}, fmt.Errorf("block name %q: want a Go identifier with a capital", name)
	}
	if repeated {
		b.Repeat = 0
		if times != "" {
			n, err := strconv.Atoi(times)
			if err != nil || n < 1 || n > 255 {
				return Block{}, fmt.Errorf("block %s: repetition %q: want 1 to 255", name, times)
			}
			b.Repeat = n
		}
	}
	for f := range strings.SplitSeq(fields, ",") {
		w := strings.Fields(f)
		if len(w) != 2 {
			return Block{}, fmt.Errorf("block %s: field %q: want a name and a type", name, f)
		}
		if !identifier.MatchString(w[0]) {
			return Block{}, fmt.Errorf("block %s: field name %q: want a Go identifier with a capital", name, w[0])
		}
		if _, err := typeOf(w[1]); err != nil {
			return Block{}, fmt.Errorf("block %s: field %s: %w", name, w[0], err)
		}
		b.Fields = append(b.Fields, Field{Name: w[0], Type: w[1]})
	}
	return b, nil
}

// check finds what would not compile or could not be told apart on the wire.
func check(msgs []Msg) error {
	types, ids := map[string]bool{}, map[string]string{}
	claim := func(name string) error {
		if types[name] {
			return fmt.Errorf("type name %s is taken twice", name)
		}
		types[name] = true
		return nil
	}
	for _, m := range msgs {
		if err := claim(m.Name); err != nil {
			return err
		}
		id := fmt.Sprint(m.Frequency, " ", m.Number)
		if other, ok := ids[id]; ok {
			return fmt.Errorf("number %s is both %s and %s", id, other, m.Name)
		}
		ids[id] = m.Name
		for _, b := range m.Blocks {
			if err := claim(m.Name + b.Name); err != nil {
				return err
			}
			fields := map[string]bool{}
			for _, f := range b.Fields {
				if fields[f.Name] {
					return fmt.Errorf("%s.%s: field %s is there twice", m.Name, b.Name, f.Name)
				}
				fields[f.Name] = true
			}
		}
	}
	return nil
}
