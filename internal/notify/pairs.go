package notify

import (
	"rookery/grid"
	"rookery/script"
)

// build collects pairs in order and leaves out what has no value.
type build script.Pairs

func (b *build) text(key, value string) {
	if value != "" {
		(*script.Pairs)(b).Add(key, value)
	}
}

func (b *build) id(key string, id grid.UUID) { b.text(key, id.String()) }

// known adds an identifier unless it is null.
func (b *build) known(key string, id grid.UUID) {
	if id != (grid.UUID{}) {
		b.id(key, id)
	}
}

func (b *build) vector(key string, v grid.Vector3) { b.text(key, script.Vector3(v).String()) }

func (b *build) rotation(key string, q grid.Quaternion) { b.text(key, script.Rotation(q).String()) }

func (b *build) list(key string, cells []string) { b.text(key, script.FormatCSV(cells)) }

// avatar adds firstname and lastname.
func (b *build) avatar(name string) {
	if name == "" {
		return
	}
	first, last := script.SplitName(name)
	b.text("firstname", first)
	b.text("lastname", last)
}

func (b *build) pairs() script.Pairs { return script.Pairs(*b) }

// startStop writes the value of keys that tell a beginning or an end.
func startStop(start bool) string {
	if start {
		return "start"
	}
	return "stop"
}

// Keys that several notifications have.
var (
	firstName = Key{"firstname", "first name of the avatar"}
	lastName  = Key{"lastname", "last name of the avatar, Resident when it has none"}
	keyBayes  = Key{"bayes", "what the group's classifier makes of the text, category and probability; see the command bayes"}
)
