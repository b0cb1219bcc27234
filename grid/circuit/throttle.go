package circuit

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"golang.org/x/time/rate"

	"rookery/grid/message"
)

// Throttle limits what a circuit sends, in bits per second by category; 0 is
// no limit. A simulator sets what the agent asks for with AgentThrottle.
// Messages of no category are not limited.
type Throttle struct {
	Resend  float32 // reliable packets sent again
	Land    float32 // LayerData of the ground
	Wind    float32 // LayerData of the wind
	Cloud   float32 // LayerData of the clouds
	Task    float32 // objects and avatars: updates, kills, properties
	Texture float32 // ImageData, ImagePacket
	Asset   float32 // TransferPacket, SendXferPacket
}

type category uint8

const (
	other category = iota
	resend
	land
	wind
	cloud
	task
	texture
	asset
	categories
)

func (t *Throttle) fields() [7]*float32 {
	return [7]*float32{&t.Resend, &t.Land, &t.Wind, &t.Cloud, &t.Task, &t.Texture, &t.Asset}
}

var fieldNames = [7]string{"resend", "land", "wind", "cloud", "task", "texture", "asset"}

// The least that an agent can ask for, in bits per second, as OpenSimulator
// has it.
var floors = [7]float32{8000, 8000, 400, 400, 8000, 8000, 8000}

// ParseThrottle reads the payload of AgentThrottle: seven F32, little-endian,
// in the order of the fields of Throttle. Rates too low to be useful are raised
// as simulators do, to 400 b/s for wind and cloud and 8,000 b/s for the others.
func ParseThrottle(b []byte) (Throttle, error) {
	var t Throttle
	if len(b) < 4*len(floors) {
		return t, fmt.Errorf("throttle: %d bytes, want %d", len(b), 4*len(floors))
	}
	for i, f := range t.fields() {
		*f = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	if err := t.check(); err != nil {
		return Throttle{}, err
	}
	for i, f := range t.fields() {
		*f = max(*f, floors[i])
	}
	return t, nil
}

// Encode writes the payload of AgentThrottle.
func (t Throttle) Encode() []byte {
	b := make([]byte, 0, 4*len(floors))
	for _, f := range t.fields() {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(*f))
	}
	return b
}

func (t *Throttle) check() error {
	for i, f := range t.fields() {
		if v := float64(*f); math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return fmt.Errorf("throttle: %s is %v, want bits per second, 0 or more", fieldNames[i], v)
		}
	}
	return nil
}

// limits are the token buckets of a throttle, in bytes.
type limits [categories]*rate.Limiter

func newLimits(t Throttle) *limits {
	if t == (Throttle{}) {
		return nil
	}
	var l limits
	for i, f := range t.fields() {
		if *f > 0 {
			perSecond := float64(*f) / 8
			l[int(resend)+i] = rate.NewLimiter(rate.Limit(perSecond), max(mtu, int(perSecond/4)))
		}
	}
	return &l
}

// wait takes n bytes from the category's bucket and returns 0, or takes
// nothing and returns how long until they can be had.
func (l *limits) wait(cat category, n int, now time.Time) time.Duration {
	if d := l.delay(cat, n, now); d > 0 {
		return d
	}
	if l != nil && l[cat] != nil {
		l[cat].AllowN(now, min(n, l[cat].Burst()))
	}
	return 0
}

// delay is how long until n bytes can be had from the category's bucket.
func (l *limits) delay(cat category, n int, now time.Time) time.Duration {
	if l == nil || l[cat] == nil {
		return 0
	}
	bucket := l[cat]
	// A packet larger than the bucket goes when the bucket is full.
	missing := float64(min(n, bucket.Burst())) - bucket.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return max(time.Duration(missing/float64(bucket.Limit())*float64(time.Second)), time.Millisecond)
}

// categoryOf tells which throttle a message falls under.
func categoryOf(m message.Message) category {
	switch m := m.(type) {
	case *message.LayerData:
		// The kinds of layers, each also for regions larger than 256 m.
		switch m.LayerID.Type {
		case '7', '9':
			return wind
		case '8', ':':
			return cloud
		}
		return land
	case *message.ObjectUpdate, *message.ObjectUpdateCompressed, *message.ObjectUpdateCached,
		*message.ImprovedTerseObjectUpdate, *message.KillObject,
		*message.ObjectProperties, *message.ObjectPropertiesFamily:
		return task
	case *message.ImageData, *message.ImagePacket:
		return texture
	case *message.TransferPacket, *message.SendXferPacket:
		return asset
	}
	return other
}
