package config

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/internal/rights"
	"rookery/script"
)

func (m *importer) groups(root *element) {
	for _, e := range root.child("Groups").all("Group") {
		m.group(e)
	}
}

func (m *importer) group(e *element) {
	m.section("[[groups]]")
	name := e.child("Name")
	m.set("name", name.text)
	id := e.child("UUID")
	if parsed, err := grid.ParseUUID(id.text); err == nil && parsed != uuid.Nil {
		m.set("uuid", parsed.String())
	} else {
		m.set("uuid", uuid.NewString())
		at := id
		if !at.there() {
			at = e
		}
		m.note(at, "Groups.Group.UUID",
			"the group %q has none: a random one is put in; commands that act on the group need the grid's", name.text)
	}
	m.set("password", e.child("Password").text)

	var permissions []string
	list := e.child("Permissions")
	for _, p := range append(list.all("Permissions"), list.all("Permission")...) {
		switch known, err := rights.ParsePermission(p.text); {
		case strings.EqualFold(p.text, "none") || p.text == "":
		case err != nil:
			m.note(p, "Groups.Group.Permissions", "%q is not known here", p.text)
		default:
			permissions = append(permissions, known.String())
		}
	}
	m.set("permissions", permissions)
	var notifications []string
	list = e.child("Notifications")
	for _, n := range append(list.all("Notifications"), list.all("Notification")...) {
		switch known, err := rights.ParseNotification(n.text); {
		case strings.EqualFold(n.text, "none") || n.text == "":
		case err != nil:
			m.note(n, "Groups.Group.Notifications", "%q is not known here", n.text)
		default:
			notifications = append(notifications, known.Name)
		}
	}
	m.set("notifications", notifications)
	m.number(e.child("Workers"), "workers", 1, 1000)
	m.number(e.child("Schedules"), "schedules", 0, 100000)
	m.groupChatLog(e)
}

func (m *importer) filters(root *element) {
	enigma := root.child("ENIGMAConfiguration")
	settings := Filters{
		AESKey:      Secret(root.child("AESKey").text),
		VigenereKey: Secret(root.child("VIGENERESecret").text),
		Enigma: Enigma{
			Rotors: characters(enigma.child("rotors").all("char")),
			Plugs:  characters(enigma.child("plugs").all("char")),
		},
	}
	if r := enigma.child("reflector"); r.there() {
		settings.Enigma.Reflector = character(r)
	}
	input, output := root.child("InputFilters"), root.child("OutputFilters")
	if !input.there() && !output.there() {
		return
	}
	m.section("[filters]")
	used := map[string]bool{}
	chain := func(key string, list *element) {
		var names []string
		for _, e := range list.all("Filter") {
			f, err := script.NewFilter(e.text, settings.settings())
			if err != nil {
				m.note(e, list.name, "%v", err)
				continue
			}
			names = append(names, f.Name())
			used[f.Name()] = true
		}
		if list.there() {
			m.set(key, names)
		}
	}
	chain("input", input)
	chain("output", output)
	if used["AES"] {
		m.set("aes_key", string(settings.AESKey))
	}
	if used["VIGENERE"] {
		m.set("vigenere_key", string(settings.VigenereKey))
	}
	if used["ENIGMA"] {
		m.section("[filters.enigma]")
		m.set("rotors", settings.Enigma.Rotors)
		m.set("plugs", settings.Enigma.Plugs)
		m.set("reflector", settings.Enigma.Reflector)
	}
}

// character reads a character written as its decimal code.
func character(e *element) string {
	if n, err := strconv.ParseUint(e.text, 10, 7); err == nil && n >= 32 {
		return string(rune(n))
	}
	return e.text
}

func characters(es []*element) string {
	var b strings.Builder
	for _, e := range es {
		b.WriteString(character(e))
	}
	return b.String()
}

func (m *importer) timeouts(root *element) {
	m.section("[timeouts]")
	m.span(root.child("ServicesTimeout"), "services")
	m.span(root.child("DataTimeout"), "data")
}

// span carries a number of milliseconds over.
func (m *importer) span(e *element, key string) {
	if !e.there() {
		return
	}
	ms, err := strconv.ParseUint(e.text, 10, 31)
	if err != nil || ms == 0 {
		m.note(e, e.name, "%q is not a time above 0 ms, the default is used", e.text)
		return
	}
	m.set(key, (time.Duration(ms) * time.Millisecond).String())
}
