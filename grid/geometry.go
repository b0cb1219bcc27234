package grid

import "math"

// Add returns a + b.
func (a Vector3) Add(b Vector3) Vector3 { return Vector3{a.X + b.X, a.Y + b.Y, a.Z + b.Z} }

// Sub returns a − b.
func (a Vector3) Sub(b Vector3) Vector3 { return Vector3{a.X - b.X, a.Y - b.Y, a.Z - b.Z} }

// Scale returns a times s.
func (a Vector3) Scale(s float32) Vector3 { return Vector3{a.X * s, a.Y * s, a.Z * s} }

// Dot returns the scalar product.
func (a Vector3) Dot(b Vector3) float32 { return a.X*b.X + a.Y*b.Y + a.Z*b.Z }

// Cross returns the vector product.
func (a Vector3) Cross(b Vector3) Vector3 {
	return Vector3{a.Y*b.Z - a.Z*b.Y, a.Z*b.X - a.X*b.Z, a.X*b.Y - a.Y*b.X}
}

// Length returns the length.
func (a Vector3) Length() float32 { return float32(math.Sqrt(float64(a.Dot(a)))) }

// Distance returns the length of a − b.
func (a Vector3) Distance(b Vector3) float32 { return a.Sub(b).Length() }

// Distance2D returns the distance of a and b on the ground, without Z.
func (a Vector3) Distance2D(b Vector3) float32 {
	a.Z, b.Z = 0, 0
	return a.Distance(b)
}

// Normalize returns the vector of length 1 in a's direction, or zero for zero.
func (a Vector3) Normalize() Vector3 {
	l := a.Length()
	if l == 0 {
		return Vector3{}
	}
	return a.Scale(1 / l)
}

// Finite tells whether no component is NaN or infinite.
func (a Vector3) Finite() bool { return finite(a.X) && finite(a.Y) && finite(a.Z) }

func finite(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }

// Mul returns the rotation that first turns by b, then by q; with it
// q.Rotate(b.Rotate(v)) == q.Mul(b).Rotate(v).
func (q Quaternion) Mul(b Quaternion) Quaternion {
	return Quaternion{
		X: q.W*b.X + q.X*b.W + q.Y*b.Z - q.Z*b.Y,
		Y: q.W*b.Y - q.X*b.Z + q.Y*b.W + q.Z*b.X,
		Z: q.W*b.Z + q.X*b.Y - q.Y*b.X + q.Z*b.W,
		W: q.W*b.W - q.X*b.X - q.Y*b.Y - q.Z*b.Z,
	}
}

// Conjugate returns the reverse rotation of a normalised q.
func (q Quaternion) Conjugate() Quaternion { return Quaternion{-q.X, -q.Y, -q.Z, q.W} }

// Normalize returns q with length 1, or Identity when q is zero or not finite.
func (q Quaternion) Normalize() Quaternion {
	// In doubles: squares of small floats lose their digits.
	x, y, z, w := float64(q.X), float64(q.Y), float64(q.Z), float64(q.W)
	l := math.Sqrt(x*x + y*y + z*z + w*w)
	if l == 0 || math.IsNaN(l) || math.IsInf(l, 0) {
		return Identity
	}
	return Quaternion{float32(x / l), float32(y / l), float32(z / l), float32(w / l)}
}

// Rotate turns v by the normalised q.
func (q Quaternion) Rotate(v Vector3) Vector3 {
	u := Vector3{q.X, q.Y, q.Z}
	t := u.Cross(v).Scale(2)
	return v.Add(t.Scale(q.W)).Add(u.Cross(t))
}

// RotationZ returns the turn by angle radians about the vertical axis,
// counterclockwise seen from above; 0 looks east.
func RotationZ(angle float64) Quaternion {
	s, c := math.Sincos(angle / 2)
	return Quaternion{Z: float32(s), W: float32(c)}
}

// Heading returns the angle in radians, −π to π, counterclockwise from east,
// that q's forward (X) axis makes on the ground.
func (q Quaternion) Heading() float64 {
	f := q.Rotate(Vector3{X: 1})
	return math.Atan2(float64(f.Y), float64(f.X))
}

// Global returns the position in metres from the grid's south-west corner of
// the point p of the region h.
func (h RegionHandle) Global(p Vector3) Vector3d {
	x, y := h.Metres()
	return Vector3d{float64(x) + float64(p.X), float64(y) + float64(p.Y), float64(p.Z)}
}

// Local returns the point p, in metres from the grid's south-west corner, in
// the space of the region h. It is outside 0…size when p lies in another region.
func (h RegionHandle) Local(p Vector3d) Vector3 {
	x, y := h.Metres()
	return Vector3{float32(p.X - float64(x)), float32(p.Y - float64(y)), float32(p.Z)}
}
