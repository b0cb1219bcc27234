package grid

import (
	"fmt"

	"github.com/google/uuid"
)

// UUID is the grid's 128-bit identifier (LLUUID): avatars, groups, objects,
// assets, sessions. The zero value is the null UUID.
type UUID = uuid.UUID

// ParseUUID reads the 36-character hyphenated form, in any case. Unlike
// uuid.Parse it refuses braces, "urn:uuid:" and the form without hyphens,
// which no grid writes and which people also use as plain words.
func ParseUUID(s string) (UUID, error) {
	if len(s) != 36 {
		return UUID{}, fmt.Errorf("uuid %q: want 36 characters xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", s)
	}
	return uuid.Parse(s)
}

// Vector3 is a position or direction: metres in region space unless said
// otherwise, X east, Y north, Z up.
type Vector3 struct{ X, Y, Z float32 }

// Vector3d is a Vector3 of doubles, for global coordinates (metres from the
// grid's south-west corner).
type Vector3d struct{ X, Y, Z float64 }

// Vector4 is four floats; the collision plane of an avatar for example.
type Vector4 struct{ X, Y, Z, W float32 }

// Quaternion is a rotation. The wire carries X, Y and Z of the normalised
// form with W not negative.
type Quaternion struct{ X, Y, Z, W float32 }

// Identity is the rotation that turns nothing.
var Identity = Quaternion{W: 1}
