package grid

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b, tolerance float32) bool { return math.Abs(float64(a-b)) <= float64(tolerance) }

func vecNear(a, b Vector3, tolerance float32) bool {
	return near(a.X, b.X, tolerance) && near(a.Y, b.Y, tolerance) && near(a.Z, b.Z, tolerance)
}

// sameRotation compares as rotations: q and -q turn alike.
func sameRotation(a, b Quaternion, tolerance float32) bool {
	return near(a.X, b.X, tolerance) && near(a.Y, b.Y, tolerance) && near(a.Z, b.Z, tolerance) && near(a.W, b.W, tolerance) ||
		near(a.X, -b.X, tolerance) && near(a.Y, -b.Y, tolerance) && near(a.Z, -b.Z, tolerance) && near(a.W, -b.W, tolerance)
}

func genVec(limit float32) *rapid.Generator[Vector3] {
	f := rapid.Float32Range(-limit, limit)
	return rapid.Custom(func(t *rapid.T) Vector3 { return Vector3{f.Draw(t, "x"), f.Draw(t, "y"), f.Draw(t, "z")} })
}

func genMotion() *rapid.Generator[Motion] {
	f := rapid.Float32Range(-1, 1)
	return rapid.Custom(func(t *rapid.T) Motion {
		return Motion{
			CollisionPlane:  Vector4{f.Draw(t, "px"), f.Draw(t, "py"), f.Draw(t, "pz"), f.Draw(t, "pw")},
			Position:        genVec(4096).Draw(t, "position"),
			Velocity:        genVec(128).Draw(t, "velocity"),
			Acceleration:    genVec(64).Draw(t, "acceleration"),
			Rotation:        Quaternion{f.Draw(t, "rx"), f.Draw(t, "ry"), f.Draw(t, "rz"), f.Draw(t, "rw")}.Normalize(),
			AngularVelocity: genVec(64).Draw(t, "angular"),
		}
	})
}

func TestMotionSurvivesTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		avatar := rapid.Bool().Draw(t, "avatar")
		want := genMotion().Draw(t, "motion")
		if !avatar {
			want.CollisionPlane = Vector4{}
		}
		got, err := ParseMotion(AppendMotion(nil, &want, avatar))
		if err != nil {
			t.Fatal(err)
		}
		if !sameRotation(got.Rotation, want.Rotation, 1e-3) {
			t.Fatalf("rotation %v, want %v", got.Rotation, want.Rotation)
		}
		got.Rotation = want.Rotation
		if got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestTerseUpdateSurvivesTheWireWithinItsPrecision(t *testing.T) {
	// One step for the quantisation, and half a one where the steps beside zero
	// are read as zero.
	const steps = 1.6
	rapid.Check(t, func(t *rapid.T) {
		want := TerseUpdate{
			LocalID: rapid.Uint32().Draw(t, "id"),
			State:   rapid.Byte().Draw(t, "state"),
			Avatar:  rapid.Bool().Draw(t, "avatar"),
			Motion:  genMotion().Draw(t, "motion"),
		}
		if !want.Avatar {
			want.CollisionPlane = Vector4{}
		}
		got, err := ParseTerse(AppendTerse(nil, &want))
		if err != nil {
			t.Fatal(err)
		}
		if got.LocalID != want.LocalID || got.State != want.State || got.Avatar != want.Avatar ||
			got.CollisionPlane != want.CollisionPlane || got.Position != want.Position ||
			!vecNear(got.Velocity, want.Velocity, steps*256/65535) ||
			!vecNear(got.Acceleration, want.Acceleration, steps*128/65535) ||
			!vecNear(got.AngularVelocity, want.AngularVelocity, steps*128/65535) ||
			!sameRotation(got.Rotation, want.Rotation, 1e-3) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestStandingStillReadsAsExactlyStill(t *testing.T) {
	got, err := ParseTerse(AppendTerse(nil, &TerseUpdate{Motion: Motion{Rotation: Identity}}))
	if err != nil {
		t.Fatal(err)
	}
	if (got.Velocity != Vector3{} || got.Acceleration != Vector3{} || got.AngularVelocity != Vector3{}) {
		t.Fatalf("a still thing moves: %+v", got)
	}
}

func FuzzParseMotion(f *testing.F) {
	f.Add(AppendMotion(nil, &Motion{Rotation: Identity}, true))
	f.Add(AppendMotion(nil, &Motion{Rotation: Identity}, false))
	f.Add(AppendTerse(nil, &TerseUpdate{Avatar: true}))
	f.Add(make([]byte, 48))
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ParseMotion(b); err != nil && !errors.Is(err, ErrMotion) {
			t.Fatal(err)
		}
		if _, err := ParseTerse(b); err != nil && !errors.Is(err, ErrMotion) {
			t.Fatal(err)
		}
	})
}
