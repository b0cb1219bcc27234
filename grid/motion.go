package grid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Motion is where a thing is and how it moves. Positions are relative to the
// parent when there is one (a linked prim, a seated avatar), else metres in
// region space; velocities are metres a second, angular ones radians a second.
type Motion struct {
	CollisionPlane  Vector4 // avatars only: the ground under the feet
	Position        Vector3
	Velocity        Vector3
	Acceleration    Vector3
	Rotation        Quaternion
	AngularVelocity Vector3
}

// TerseUpdate is one block of ImprovedTerseObjectUpdate.
type TerseUpdate struct {
	LocalID uint32
	State   uint8
	Avatar  bool
	Motion
}

// ErrMotion is wrapped by the errors of ParseMotion and ParseTerse.
var ErrMotion = errors.New("object motion")

const (
	motionSize       = 60
	avatarMotionSize = motionSize + 16
	terseSize        = 44
	avatarTerseSize  = terseSize + 16
)

// AppendMotion appends the ObjectData field of an ObjectUpdate block: 76 bytes
// for an avatar, 60 for anything else.
func AppendMotion(b []byte, m *Motion, avatar bool) []byte {
	if avatar {
		p := m.CollisionPlane
		b = appendF32(b, p.X, p.Y, p.Z, p.W)
	}
	b = appendVec(b, m.Position)
	b = appendVec(b, m.Velocity)
	b = appendVec(b, m.Acceleration)
	r := m.Rotation.wireForm()
	b = appendF32(b, r.X, r.Y, r.Z)
	return appendVec(b, m.AngularVelocity)
}

// ParseMotion reads the ObjectData field of an ObjectUpdate block: the float
// forms (76 bytes for an avatar, 60 for anything else) and the quantised forms
// (48 and 32) that older simulators send.
func ParseMotion(b []byte) (Motion, error) {
	var m Motion
	size := len(b)
	switch size {
	case avatarMotionSize, 48:
		m.CollisionPlane, b = vec4(b), b[16:]
	}
	switch len(b) {
	case motionSize:
		m.Position, m.Velocity, m.Acceleration = vec(b), vec(b[12:]), vec(b[24:])
		m.Rotation = unpackRotation(f32(b[36:]), f32(b[40:]), f32(b[44:]))
		m.AngularVelocity = vec(b[48:])
	case 32:
		m.Position = Vector3{
			quantised(b, -0.5*RegionSize, 1.5*RegionSize),
			quantised(b[2:], -0.5*RegionSize, 1.5*RegionSize),
			quantised(b[4:], -RegionSize, 4096),
		}
		m.Velocity = quantisedVec(b[6:], RegionSize)
		m.Acceleration = quantisedVec(b[12:], RegionSize)
		m.Rotation = quantisedRotation(b[18:])
		m.AngularVelocity = quantisedVec(b[26:], RegionSize)
	default:
		return Motion{}, fmt.Errorf("%w: %d bytes of ObjectData, want 76, 60, 48 or 32", ErrMotion, size)
	}
	return m, nil
}

// AppendTerse appends the Data field of an ImprovedTerseObjectUpdate block:
// 60 bytes for an avatar, 44 for anything else. Each component of the velocity
// is clipped to 128 m/s, of acceleration and angular velocity to 64.
func AppendTerse(b []byte, u *TerseUpdate) []byte {
	b = binary.LittleEndian.AppendUint32(b, u.LocalID)
	b = append(b, u.State)
	if u.Avatar {
		p := u.CollisionPlane
		b = append(b, 1)
		b = appendF32(b, p.X, p.Y, p.Z, p.W)
	} else {
		b = append(b, 0)
	}
	b = appendVec(b, u.Position)
	b = appendQuantised(b, 128, u.Velocity.X, u.Velocity.Y, u.Velocity.Z)
	b = appendQuantised(b, 64, u.Acceleration.X, u.Acceleration.Y, u.Acceleration.Z)
	r := u.Rotation.wireForm()
	b = appendQuantised(b, 1, r.X, r.Y, r.Z, r.W)
	return appendQuantised(b, 64, u.AngularVelocity.X, u.AngularVelocity.Y, u.AngularVelocity.Z)
}

// ParseTerse reads the Data field of an ImprovedTerseObjectUpdate block.
func ParseTerse(b []byte) (TerseUpdate, error) {
	if len(b) < terseSize {
		return TerseUpdate{}, fmt.Errorf("%w: terse update of %d bytes, want %d or %d", ErrMotion, len(b), terseSize, avatarTerseSize)
	}
	u := TerseUpdate{LocalID: binary.LittleEndian.Uint32(b), State: b[4], Avatar: b[5] != 0}
	b = b[6:]
	if u.Avatar {
		if len(b) < avatarTerseSize-6 {
			return TerseUpdate{}, fmt.Errorf("%w: terse avatar update of %d bytes, want %d", ErrMotion, len(b)+6, avatarTerseSize)
		}
		u.CollisionPlane, b = vec4(b), b[16:]
	}
	u.Position = vec(b)
	u.Velocity = quantisedVec(b[12:], 128)
	u.Acceleration = quantisedVec(b[18:], 64)
	u.Rotation = quantisedRotation(b[24:])
	u.AngularVelocity = quantisedVec(b[32:], 64)
	return u, nil
}

func f32(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

func vec(b []byte) Vector3 { return Vector3{f32(b), f32(b[4:]), f32(b[8:])} }

func vec4(b []byte) Vector4 { return Vector4{f32(b), f32(b[4:]), f32(b[8:]), f32(b[12:])} }

func appendF32(b []byte, fs ...float32) []byte {
	for _, f := range fs {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

func appendVec(b []byte, v Vector3) []byte { return appendF32(b, v.X, v.Y, v.Z) }

// quantised reads a U16 that spans lower to upper. Zero, the middle of a
// symmetric span, has no code of its own: the two nearest are read as zero, or
// nothing would ever stand still.
func quantised(b []byte, lower, upper float32) float32 {
	step := (upper - lower) / math.MaxUint16
	f := float32(binary.LittleEndian.Uint16(b))*step + lower
	if lower == -upper && f < step && f > -step {
		return 0
	}
	return f
}

func quantisedVec(b []byte, limit float32) Vector3 {
	return Vector3{quantised(b, -limit, limit), quantised(b[2:], -limit, limit), quantised(b[4:], -limit, limit)}
}

func quantisedRotation(b []byte) Quaternion {
	return Quaternion{quantised(b, -1, 1), quantised(b[2:], -1, 1), quantised(b[4:], -1, 1), quantised(b[6:], -1, 1)}.Normalize()
}

func appendQuantised(b []byte, limit float32, fs ...float32) []byte {
	for _, f := range fs {
		if !finite(f) {
			f = 0
		}
		f = min(max(f, -limit), limit)
		b = binary.LittleEndian.AppendUint16(b, uint16(math.Round(float64((f+limit)/(2*limit)*math.MaxUint16))))
	}
	return b
}

// wireForm returns the rotation normalised with W not negative, so that X, Y
// and Z are enough to rebuild it.
func (q Quaternion) wireForm() Quaternion {
	q = q.Normalize()
	if q.W < 0 {
		return Quaternion{-q.X, -q.Y, -q.Z, -q.W}
	}
	return q
}

func unpackRotation(x, y, z float32) Quaternion {
	w := 1 - float64(x)*float64(x) - float64(y)*float64(y) - float64(z)*float64(z)
	if !(w > 0) {
		return Quaternion{X: x, Y: y, Z: z}.Normalize()
	}
	return Quaternion{x, y, z, float32(math.Sqrt(w))}
}
