package agent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rookery/grid"
)

// compressedBlock writes a block of ObjectUpdateCompressed as simulators do,
// with the parts that its flags announce.
func compressedBlock(c *compressed, flags grid.CompressedFlags) []byte {
	var b bytes.Buffer
	le := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	vector := func(v grid.Vector3) { le([3]float32{v.X, v.Y, v.Z}) }
	b.Write(c.id[:])
	le(c.local)
	le([2]uint8{uint8(c.pcode), c.state})
	le(c.crc)
	le([2]uint8{c.material, c.click})
	vector(c.scale)
	vector(c.position)
	q := c.rotation
	if q.W < 0 {
		q = grid.Quaternion{X: -q.X, Y: -q.Y, Z: -q.Z}
	}
	vector(grid.Vector3{X: q.X, Y: q.Y, Z: q.Z})
	le(uint32(flags))
	b.Write(c.extra.owner[:])
	has := func(f grid.CompressedFlags) bool { return flags&f != 0 }
	if has(grid.CompressedAngularVel) {
		vector(c.angular)
	}
	if has(grid.CompressedParent) {
		le(c.parent)
	}
	if has(grid.CompressedTree) {
		b.WriteByte(3)
	} else if has(grid.CompressedScratchPad) {
		b.WriteByte(4)
		b.WriteString("four")
	}
	if has(grid.CompressedText) {
		b.WriteString(c.extra.text)
		b.WriteByte(0)
		b.Write(c.extra.textColor[:])
	}
	if has(grid.CompressedMediaURL) {
		b.WriteString(c.extra.mediaURL)
		b.WriteByte(0)
	}
	if has(grid.CompressedParticles) {
		b.Write(make([]byte, 86))
	}
	b.WriteByte(2) // extra parameters: a light and a sculpt
	for _, size := range []uint32{16, 17} {
		le(uint16(size))
		le(size)
		b.Write(make([]byte, size))
	}
	if has(grid.CompressedSound) {
		b.Write(c.extra.sound[:])
		le([2]float32{1, 20})
		b.WriteByte(1)
	}
	if has(grid.CompressedNameValues) {
		b.WriteString("AttachItemID STRING RW SV " + c.extra.item.String())
		b.WriteByte(0)
	}
	b.Write(make([]byte, 23)) // shape
	le(uint32(0))             // texture entry
	return b.Bytes()
}

func genVector(limit float32) *rapid.Generator[grid.Vector3] {
	f := rapid.Float32Range(-limit, limit)
	return rapid.Custom(func(t *rapid.T) grid.Vector3 {
		return grid.Vector3{X: f.Draw(t, "x"), Y: f.Draw(t, "y"), Z: f.Draw(t, "z")}
	})
}

func genUUID() *rapid.Generator[grid.UUID] {
	return rapid.Custom(func(t *rapid.T) (id grid.UUID) {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		return id
	})
}

func TestCompressedUpdatesAreReadWithEveryMixOfParts(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[a-zA-Zé ]{0,40}`)
	rapid.Check(t, func(t *rapid.T) {
		flags := grid.CompressedFlags(rapid.Uint32Range(0, 0x7ff).Draw(t, "flags"))
		has := func(f grid.CompressedFlags) bool { return flags&f != 0 }
		want := compressed{
			id: genUUID().Draw(t, "id"), local: rapid.Uint32().Draw(t, "local"), crc: rapid.Uint32().Draw(t, "crc"),
			pcode: grid.PCodePrim, state: rapid.Byte().Draw(t, "state"), material: 3, click: 1,
			scale: genVector(64).Draw(t, "scale"), position: genVector(4096).Draw(t, "position"),
			rotation: grid.RotationZ(rapid.Float64Range(-3, 3).Draw(t, "angle")),
		}
		want.extra.owner = genUUID().Draw(t, "owner")
		if has(grid.CompressedAngularVel) {
			want.angular = genVector(10).Draw(t, "angular")
		}
		if has(grid.CompressedParent) {
			want.parent = rapid.Uint32().Draw(t, "parent")
		}
		if has(grid.CompressedText) {
			want.extra.text, want.extra.textColor = text.Draw(t, "text"), [4]uint8{1, 2, 3, 4}
		}
		if has(grid.CompressedMediaURL) {
			want.extra.mediaURL = text.Draw(t, "url")
		}
		if has(grid.CompressedSound) {
			want.extra.sound = genUUID().Draw(t, "sound")
		}
		if has(grid.CompressedNameValues) {
			want.extra.item = genUUID().Draw(t, "item")
		}
		block := compressedBlock(&want, flags)
		got, err := parseCompressed(block)
		if err != nil {
			t.Fatal(err)
		}
		turned := got.rotation.Rotate(grid.Vector3{X: 1}).Distance(want.rotation.Rotate(grid.Vector3{X: 1}))
		if turned > 1e-3 {
			t.Fatalf("rotation %v, want %v", got.rotation, want.rotation)
		}
		got.rotation = want.rotation
		if got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		for _, n := range []int{0, 20, 60, 83} { // the fixed head is 84 bytes long
			if _, err := parseCompressed(block[:n]); !errors.Is(err, errCompressed) {
				t.Fatalf("%d bytes: %v", n, err)
			}
		}
	})
}

func TestMotionThatIsNoNumberIsRefused(t *testing.T) {
	t.Parallel()
	c := compressed{position: grid.Vector3{X: float32(math.NaN())}}
	if _, err := parseCompressed(compressedBlock(&c, 0)); !errors.Is(err, errNotFinite) {
		t.Errorf("compressed: %v", err)
	}
	for _, m := range []grid.Motion{
		{Velocity: grid.Vector3{Y: float32(math.Inf(-1))}},
		{Rotation: grid.Quaternion{W: float32(math.NaN())}},
	} {
		if sound(&m) {
			t.Errorf("%+v passes", m)
		}
	}
}

func TestNameValuesAreRead(t *testing.T) {
	t.Parallel()
	got := parseNameValues("FirstName STRING RW SV Ruth\nLastName STRING RW SV Van der Berg\nTitle STRING RW SV \nbroken\n\n")
	if got["FirstName"] != "Ruth" || got["LastName"] != "Van der Berg" || got["Title"] != "" || len(got) != 3 {
		t.Errorf("%v", got)
	}
}

func FuzzParseCompressed(f *testing.F) {
	for _, flags := range []grid.CompressedFlags{0, 0x7ff, grid.CompressedText, grid.CompressedScratchPad | grid.CompressedNameValues} {
		f.Add(compressedBlock(&compressed{id: uuid.New(), extra: extraPart{text: "hello"}}, flags))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCompressed(b)
		if err == nil && (!c.position.Finite() || !c.rotation.Rotate(grid.Vector3{X: 1}).Finite()) {
			t.Fatalf("not finite: %+v", c)
		}
	})
}

func FuzzParseNameValues(f *testing.F) {
	f.Add("FirstName STRING RW SV Ruth\nLastName STRING RW SV Resident")
	f.Fuzz(func(t *testing.T, s string) {
		for k := range parseNameValues(s) {
			if k == "" && s == "" {
				t.Fatal("a value out of nothing")
			}
		}
	})
}
