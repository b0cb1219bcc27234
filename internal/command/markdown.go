package command

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// preface says what holds for every command.
//
//go:embed preface.md
var preface string

// Markdown writes the reference of every command, by topic.
func (r *Registry) Markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	byTopic := make(map[string][]*Command)
	for _, c := range r.sorted {
		byTopic[c.Topic] = append(byTopic[c.Topic], c)
	}
	for _, topic := range slices.Sorted(maps.Keys(byTopic)) {
		fmt.Fprintf(&b, "\n## %s\n", topic)
		for _, c := range byTopic[topic] {
			c.markdown(&b)
			seeAlso(&b, r.Family(c))
		}
	}
	return b.String()
}

func (c *Command) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n", c.Name, c.Summary)
	for _, note := range c.Notes {
		fmt.Fprintf(b, "%s\n", note)
	}
	needs := "none"
	if c.Permission != 0 {
		needs = strings.Join(c.Permission.Names(), " and ")
	}
	fmt.Fprintf(b, "\nPermission: %s.\n", needs)
	if infos := c.Infos(); len(infos) > 0 {
		b.WriteString("\n| parameter | value | default | meaning |\n|---|---|---|---|\n")
		for _, i := range infos {
			otherwise := i.Default
			switch {
			case i.Required:
				otherwise = "required"
			case i.RequiredFor != "":
				otherwise = "required for " + i.RequiredFor
			}
			value := i.Type
			if len(i.Values) > 0 {
				value = strings.Join(i.Values, ", ")
			}
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", i.Name, value, otherwise, i.About)
		}
	}
	if c.Result != "" {
		fmt.Fprintf(b, "\nData: %s.\n", c.Result)
	}
	if errs := c.AllErrors(); len(errs) > 0 {
		b.WriteString("\nErrors:")
		for i, e := range errs {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(b, " %s (%d)", e.Text, e.Status)
		}
		b.WriteString(".\n")
	}
}

func seeAlso(b *strings.Builder, family []Relative) {
	if len(family) == 0 {
		return
	}
	links := make([]string, len(family))
	for i, relative := range family {
		links[i] = fmt.Sprintf("[`%s`](#%[1]s) (%s)", relative.Name, relative.Kin)
	}
	fmt.Fprintf(b, "\nSee also: %s.\n", strings.Join(links, ", "))
}
