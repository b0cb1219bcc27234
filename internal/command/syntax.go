package command

import "strings"

// Syntax writes a command the way it is sent, with the form of each value in
// place of the value and brackets around what may be left out:
//
//	<command=nudge>&<group=<UUID|STRING>>&<password=<STRING>>&<direction=<back|forward>>&[callback=<URL>]
func (c *Command) Syntax() string {
	parts := []string{"<command=" + c.Name + ">", "<group=<UUID|STRING>>", "<password=<STRING>>"}
	for _, i := range c.Infos() {
		part := i.Name + "=<" + form(i) + ">"
		if i.Required {
			part = "<" + part + ">"
		} else {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	parts = append(parts, "[timeout=<INTEGER>]", "[sift=<LIST>]", "[callback=<URL>]")
	return strings.Join(parts, "&")
}

func form(i Info) string {
	if len(i.Values) > 0 {
		return strings.Join(i.Values, "|")
	}
	switch i.Type {
	case "text":
		return "STRING"
	case "group", "region", "item":
		return "UUID|STRING"
	}
	return strings.ToUpper(i.Type)
}
