package circuit

import (
	"encoding/hex"
	"math"
	"testing"

	"pgregory.net/rapid"

	"rookery/grid/message"
)

func TestThrottleIsSevenFloatsInItsOrder(t *testing.T) {
	t.Parallel()
	want := Throttle{Resend: 100_000, Land: 170_000, Wind: 1024, Cloud: 2048, Task: 300_000, Texture: 446_464, Asset: 220_000}
	// 100000 = 0x47c35000, 170000 = 0x48260400, 1024 = 0x44800000, 2048 = 0x45000000,
	// 300000 = 0x48927c00, 446464 = 0x48da0000, 220000 = 0x4856d800
	const wire = "0050c347" + "00042648" + "00008044" + "00000045" + "007c9248" + "0000da48" + "00d85648"
	if got := hex.EncodeToString(want.Encode()); got != wire {
		t.Errorf("wrote %s, want %s", got, wire)
	}
	b, err := hex.DecodeString(wire)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseThrottle(b); err != nil || got != want {
		t.Errorf("read %+v, %v, want %+v", got, err, want)
	}
}

func TestThrottleRatesHaveAFloor(t *testing.T) {
	t.Parallel()
	got, err := ParseThrottle(Throttle{Wind: 1}.Encode())
	if want := (Throttle{8000, 8000, 400, 400, 8000, 8000, 8000}); err != nil || got != want {
		t.Errorf("read %+v, %v, want %+v", got, err, want)
	}
}

func TestThrottleRefusesWhatIsNoRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t    Throttle
		want string
	}{
		{Throttle{Land: -1}, "throttle: land is -1, want bits per second, 0 or more"},
		{Throttle{Task: float32(math.NaN())}, "throttle: task is NaN, want bits per second, 0 or more"},
		{Throttle{Asset: float32(math.Inf(1))}, "throttle: asset is +Inf, want bits per second, 0 or more"},
	} {
		if _, err := ParseThrottle(c.t.Encode()); err == nil || err.Error() != c.want {
			t.Errorf("ParseThrottle: error %v, want %s", err, c.want)
		}
		if err := new(Circuit).SetThrottle(c.t); err == nil || err.Error() != c.want {
			t.Errorf("SetThrottle: error %v, want %s", err, c.want)
		}
	}
	if _, err := ParseThrottle(make([]byte, 27)); err == nil {
		t.Error("27 bytes were taken")
	}
}

func TestParseThrottleUndoesEncode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var want Throttle
		for _, f := range want.fields() {
			*f = rapid.Float32Range(8000, 1e9).Draw(t, "rate")
		}
		if got, err := ParseThrottle(want.Encode()); err != nil || got != want {
			t.Fatalf("%+v became %+v, %v", want, got, err)
		}
	})
}

func TestMessagesFallUnderTheirCategory(t *testing.T) {
	t.Parallel()
	layer := func(kind byte) message.Message {
		return &message.LayerData{LayerID: message.LayerDataLayerID{Type: kind}}
	}
	for _, c := range []struct {
		m    message.Message
		want category
	}{
		{layer('L'), land},
		{layer('M'), land},
		{layer('W'), land},
		{layer('7'), wind},
		{layer('9'), wind},
		{layer('8'), cloud},
		{layer(':'), cloud},
		{&message.ObjectUpdate{}, task},
		{&message.KillObject{}, task},
		{&message.ImprovedTerseObjectUpdate{}, task},
		{&message.ImagePacket{}, texture},
		{&message.TransferPacket{}, asset},
		{&message.SendXferPacket{}, asset},
		{&message.ChatFromSimulator{}, other},
		{&message.AgentUpdate{}, other},
	} {
		if got := categoryOf(c.m); got != c.want {
			t.Errorf("%T: category %d, want %d", c.m, got, c.want)
		}
	}
}
