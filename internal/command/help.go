package command

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// helpWidth is how long a line of help may be, in characters.
const helpWidth = 80

// Help writes the reference of one command for a terminal.
func (r *Registry) Help(c *Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n\n", c.Name, c.Topic)
	wrap(&b, "", c.Summary)
	for _, note := range c.Notes {
		wrap(&b, "", note)
	}
	needs := "none"
	if c.Permission != 0 {
		needs = strings.Join(c.Permission.Names(), " and ")
	}
	b.WriteString("\n")
	wrap(&b, "  ", "Permission: "+needs)
	usage := "Usage: rookery exec command=" + c.Name
	for _, i := range c.Infos() {
		usage += " " + i.usage()
	}
	wrap(&b, "  ", usage)
	b.WriteString("\n")
	if infos := c.Infos(); len(infos) > 0 {
		b.WriteString("Parameters:\n")
		for _, i := range infos {
			wrap(&b, "    ", "  "+i.Name+": "+i.help())
		}
		b.WriteString("\n")
	}
	if c.Result != "" {
		wrap(&b, "  ", "Data: "+c.Result)
	}
	if errs := c.AllErrors(); len(errs) > 0 {
		texts := make([]string, len(errs))
		for i, e := range errs {
			texts[i] = fmt.Sprintf("%s (%d)", e.Text, e.Status)
		}
		wrap(&b, "  ", "Errors: "+strings.Join(texts, ", "))
	}
	if family := r.Family(c); len(family) > 0 {
		names := make([]string, len(family))
		for i, relative := range family {
			names[i] = fmt.Sprintf("%s (%s)", relative.Name, relative.Kin)
		}
		wrap(&b, "  ", "See also: "+strings.Join(names, ", "))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// help describes a parameter: what it is for, its form, and what holds when it
// is left out.
func (i Info) help() string {
	form := i.Type
	if len(i.Values) > 0 {
		form = strings.Join(i.Values, ", ")
	}
	switch {
	case i.Required:
		form += "; required"
	case i.RequiredFor != "":
		form += "; required for " + i.RequiredFor
	case i.Default != "":
		form += "; default " + i.Default
	}
	return i.About + " [" + form + "]"
}

// usage shows how a parameter is given, in brackets what may be left out.
func (i Info) usage() string {
	value := strings.ToUpper(i.Type)
	if len(i.Values) > 0 && len(i.Values) <= 4 {
		value = strings.Join(i.Values, "|")
	}
	if i.Required {
		return i.Name + "=" + value
	}
	return "[" + i.Name + "=" + value + "]"
}

// wrap writes a text in lines of at most helpWidth characters, as far as words
// allow; those after the first are indented.
func wrap(b *strings.Builder, indent, text string) {
	lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
	b.WriteString(lead)
	width, first := len(lead), true
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case first:
			first = false
		case width+1+n > helpWidth:
			b.WriteString("\n" + indent)
			width = len(indent)
		default:
			b.WriteString(" ")
			width++
		}
		b.WriteString(word)
		width += n
	}
	b.WriteString("\n")
}
