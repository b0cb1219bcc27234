package script

import (
	"strings"

	"github.com/google/uuid"
)

// Path leads to an inventory item: /My Inventory/Textures/Deck. A part is a
// name, compared exactly (a weak reference: several items may bear it), or a
// UUID (a strong reference).
type Path struct {
	Absolute bool // begins with a slash: the first part names the inventory or the library
	Parts    []PathPart
}

// PathPart is one step of a [Path].
type PathPart struct {
	Name string    // as written, escapes resolved
	ID   uuid.UUID // not null if the name has the form of a UUID
}

// IsID tells whether the part is a UUID.
func (p PathPart) IsID() bool { return p.ID != uuid.Nil }

// ParsePath reads a path. Slashes separate the parts; \/ stands for a slash
// in a name and \\ for a backslash; a backslash before anything else, or at
// the end, stands for itself. One slash at the end is ignored. The path "/" is
// absolute and has no parts.
//
// Empty text is [ErrNoPathProvided]. Two slashes in a row are
// [ErrPathNotFound]: most likely a name with slashes that were not escaped.
func ParsePath(text string) (Path, error) {
	if text == "" {
		return Path{}, ErrNoPathProvided
	}
	var path Path
	rest := text
	if rest, path.Absolute = strings.CutPrefix(rest, "/"); rest == "" {
		return path, nil
	}
	var name []byte
	finish := func() error {
		if len(name) == 0 {
			return ErrPathNotFound.Detailf("%q: empty part, a slash in a name is written \\/", text)
		}
		part := PathPart{Name: string(name)}
		if len(name) == 36 {
			part.ID, _ = uuid.Parse(part.Name) // null if it is a name after all
		}
		path.Parts = append(path.Parts, part)
		name = name[:0]
		return nil
	}
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\\' && i+1 < len(rest) && (rest[i+1] == '/' || rest[i+1] == '\\'):
			i++
			name = append(name, rest[i])
		case c == '/':
			if err := finish(); err != nil {
				return Path{}, err
			}
			if i == len(rest)-1 {
				return path, nil
			}
		default:
			name = append(name, c)
		}
	}
	if err := finish(); err != nil {
		return Path{}, err
	}
	return path, nil
}

// String writes the path with names escaped, so that [ParsePath] reads it
// back.
func (p Path) String() string {
	var b strings.Builder
	if p.Absolute {
		b.WriteByte('/')
	}
	for i, part := range p.Parts {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(EscapePathPart(part.Name))
	}
	return b.String()
}

var pathEscapes = strings.NewReplacer(`\`, `\\`, `/`, `\/`)

// EscapePathPart writes a name as one part of a path.
func EscapePathPart(name string) string { return pathEscapes.Replace(name) }
