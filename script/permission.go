package script

import "strings"

// Permission is a mask of rights to an item, in the bits of the grid.
type Permission uint32

// The rights that a permission string can say, in its order.
const (
	PermissionCopy     Permission = 1 << 15
	PermissionDamage   Permission = 1 << 20
	PermissionExport   Permission = 1 << 16
	PermissionModify   Permission = 1 << 14
	PermissionMove     Permission = 1 << 19
	PermissionTransfer Permission = 1 << 13

	// PermissionFull is all six of them.
	PermissionFull = PermissionCopy | PermissionDamage | PermissionExport |
		PermissionModify | PermissionMove | PermissionTransfer
)

// permissionLetters gives each place in a group of six its letter and bit.
var permissionLetters = [6]struct {
	letter byte
	bit    Permission
}{
	{'c', PermissionCopy},
	{'d', PermissionDamage},
	{'e', PermissionExport},
	{'m', PermissionModify},
	{'v', PermissionMove},
	{'t', PermissionTransfer},
}

// PermissionsLen is the length of a permission string in bytes.
const PermissionsLen = 5 * len(permissionLetters)

// Permissions are the five masks of an item, in the order of the text.
type Permissions struct {
	Base, Everyone, Group, NextOwner, Owner Permission
}

// ParsePermissions reads 30 characters: five groups (base, everyone, group,
// next owner, owner) of the letters cdemvt, each at its place and in any case.
// Any other character at a place, usually a dash, means that the right is
// missing. Another length is [ErrInvalidPermissions]; where Corrade cleared
// all rights then, the item is better left alone.
//
// Combinations that a grid will refuse (modify alone for the next owner) are
// read as they are: the grid decides.
func ParsePermissions(text string) (Permissions, error) {
	if len(text) != PermissionsLen {
		return Permissions{}, ErrInvalidPermissions.Detailf(
			"%d characters, want 30: base, everyone, group, next owner, owner with cdemvt or - each", len(text))
	}
	var masks [5]Permission
	for i := range masks {
		for j, l := range permissionLetters {
			if text[i*len(permissionLetters)+j]|0x20 == l.letter {
				masks[i] |= l.bit
			}
		}
	}
	return Permissions{masks[0], masks[1], masks[2], masks[3], masks[4]}, nil
}

// String writes the 30 characters. Bits without a letter are left out.
func (p Permissions) String() string {
	var b strings.Builder
	b.Grow(PermissionsLen)
	for _, mask := range [5]Permission{p.Base, p.Everyone, p.Group, p.NextOwner, p.Owner} {
		b.WriteString(mask.String())
	}
	return b.String()
}

// String writes the six characters of one mask.
func (p Permission) String() string {
	var b [len(permissionLetters)]byte
	for i, l := range permissionLetters {
		b[i] = '-'
		if p&l.bit != 0 {
			b[i] = l.letter
		}
	}
	return string(b[:])
}
