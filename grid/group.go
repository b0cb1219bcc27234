package grid

import "encoding/binary"

// InvitationBucket is what a group invitation carries beside its words: what
// joining costs and the role that is offered, null for the role of everyone.
type InvitationBucket struct {
	Fee  int32 // L$
	Role UUID
}

// invitationSize is the length of the bucket: the fee in the order of the
// network, and the role.
const invitationSize = 4 + 16

// AppendInvitationBucket writes the binary bucket of a GroupInvitation message.
func AppendInvitationBucket(dst []byte, b InvitationBucket) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(b.Fee))
	return append(dst, b.Role[:]...)
}

// ParseInvitationBucket reads the binary bucket of a GroupInvitation message;
// false when it is not as long as it must be.
func ParseInvitationBucket(bucket []byte) (b InvitationBucket, ok bool) {
	if len(bucket) != invitationSize {
		return b, false
	}
	b.Fee = int32(binary.BigEndian.Uint32(bucket))
	copy(b.Role[:], bucket[4:])
	return b, true
}
