package message_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rookery/grid/message"
)

func TestTheTemplateIsComplete(t *testing.T) {
	t.Parallel()
	infos := message.Infos()
	if len(infos) != 483 {
		t.Errorf("%d messages, want 483", len(infos))
	}
	count := map[message.Frequency]int{}
	for _, info := range infos {
		count[info.Frequency]++
		if info.Frequency != info.ID.Frequency() {
			t.Errorf("%s: frequency %v, but its number %v says %v", info.Name, info.Frequency, info.ID, info.ID.Frequency())
		}
		if message.Lookup(info.ID) != info {
			t.Errorf("%s is not found by its number %v", info.Name, info.ID)
		}
		m, ok := message.New(info.ID)
		if !ok || m.Info() != info || reflect.TypeOf(m).Elem().Name() != info.Name {
			t.Errorf("New(%v) = %T, want %s", info.ID, m, info.Name)
		}
		b := message.AppendID(nil, info.ID)
		if id, rest, err := message.ParseID(b); id != info.ID || len(rest) != 0 || err != nil {
			t.Errorf("%s: number % x parses as %v, %v", info.Name, b, id, err)
		}
	}
	want := map[message.Frequency]int{message.High: 32, message.Medium: 17, message.Low: 431, message.Fixed: 3}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSortedFunc(infos, func(a, b *message.Info) int { return cmpNames(a.Name, b.Name) }) {
		t.Error("infos are not sorted by name")
	}
}

// differ is cmp.Diff with nil and empty alike, quick when nothing differs.
func differ(want, got message.Message) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty())
}

func cmpNames(a, b string) int { return bytes.Compare([]byte(a), []byte(b)) }

func TestDecodeUndoesAppendToForEveryMessage(t *testing.T) {
	t.Parallel()
	for _, info := range message.Infos() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			used, _ := message.New(info.ID)
			rapid.Check(t, func(t *rapid.T) {
				m, _ := message.New(info.ID)
				fill(t, m)
				b, err := m.AppendTo([]byte("before"))
				if err != nil {
					t.Fatal(err)
				}
				b, ok := bytes.CutPrefix(b, []byte("before"))
				if !ok {
					t.Fatal("AppendTo changed what was there")
				}
				id, body, err := message.ParseID(b)
				if err != nil || id != info.ID {
					t.Fatalf("number %v, %v, want %v", id, err, info.ID)
				}
				fresh, err := message.Decode(b)
				if err != nil {
					t.Fatal(err)
				}
				if diff := differ(m, fresh); diff != "" {
					t.Fatalf("into a new message: %s", diff)
				}
				if err := used.Decode(body); err != nil {
					t.Fatal(err)
				}
				clear(b)
				if diff := differ(m, used); diff != "" {
					t.Fatalf("into a used message: %s", diff)
				}
				if diff := differ(m, fresh); diff != "" {
					t.Fatalf("the message shares memory with its input: %s", diff)
				}
			})
		})
	}
}

func TestABodyThatEndsEarlyIsAnError(t *testing.T) {
	t.Parallel()
	m := &message.ChatFromViewer{ChatData: message.ChatFromViewerChatData{Message: []byte("hello")}}
	b, err := m.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := 4; n < len(b); n++ {
		var truncated *message.TruncatedError
		if _, err := message.Decode(b[:n]); !errors.As(err, &truncated) || truncated.Message != "ChatFromViewer" {
			t.Errorf("%d of %d bytes: error %v, want a TruncatedError", n, len(b), err)
		}
	}
}

func TestCountedBlocksMissingAtTheEndAreEmpty(t *testing.T) {
	t.Parallel()
	m := &message.AgentAnimation{}
	b, err := m.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range []int{1, 2} {
		got, err := message.Decode(b[:len(b)-missing])
		if err != nil {
			t.Errorf("%d counts missing: %v", missing, err)
		} else if diff := cmp.Diff(m, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestBytesAfterTheLastBlockAreIgnored(t *testing.T) {
	t.Parallel()
	m := &message.CompletePingCheck{PingID: message.CompletePingCheckPingID{PingID: 7}}
	b, err := m.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := message.Decode(append(b, 1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(message.Message(m), got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRefusesNumbersItCannotKnow(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{{0}, {200}, {0xff, 0}, {0xff, 200}, {0xff, 0xff, 0, 0}, {0xff, 0xff, 0x7f, 1}, {0xff, 0xff, 0xff, 1}, {0xff, 0xff, 0xff, 0xff}} {
		var unknown *message.UnknownError
		if _, err := message.Decode(b); !errors.As(err, &unknown) {
			t.Errorf("% x: error %v, want an UnknownError", b, err)
		}
	}
	for _, b := range [][]byte{{}, {0xff}, {0xff, 0xff}, {0xff, 0xff, 0}} {
		if _, err := message.Decode(b); !errors.Is(err, message.ErrShort) {
			t.Errorf("% x: error %v, want ErrShort", b, err)
		}
	}
}

func TestWhatDoesNotFitTheWireIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m     message.Message
		field string
		n     int
		text  string
	}{
		{
			&message.AvatarPickerRequest{Data: message.AvatarPickerRequestData{Name: make([]byte, 256)}}, "Data.Name", 256,
			"AvatarPickerRequest: Data.Name is 256 bytes long, at most 255 fit",
		},
		{
			&message.ChatFromViewer{ChatData: message.ChatFromViewerChatData{Message: make([]byte, 65536)}}, "ChatData.Message", 65536,
			"ChatFromViewer: ChatData.Message is 65536 bytes long, at most 65535 fit",
		},
		{
			&message.PacketAck{Packets: make([]message.PacketAckPackets, 256)}, "Packets", 256,
			"PacketAck: block Packets repeats 256 times, at most 255 fit",
		},
	} {
		b, err := c.m.AppendTo([]byte("before"))
		var wrong *message.RangeError
		if !errors.As(err, &wrong) || wrong.Field != c.field || wrong.Len != c.n || err.Error() != c.text {
			t.Errorf("%T: error %v, want %s", c.m, err, c.text)
		}
		if string(b) != "before" {
			t.Errorf("%T: output is %q after an error", c.m, b)
		}
	}
}

func TestTextFieldsEndInNUL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wire, text string }{
		{"hello\x00", "hello"},
		{"hello", "hello"},
		{"", ""},
		{"\x00", ""},
		{"a\x00b\x00", "a"},
		{"gr\xc3\xbc\xc3\x9fe\x00", "grüße"},
		{"cut \xf0\x9f\x98\x00", "cut \uFFFD"},
	} {
		if got := message.String([]byte(c.wire)); got != c.text {
			t.Errorf("String(%q) = %q, want %q", c.wire, got, c.text)
		}
	}
	if got := message.Bytes("grüße"); string(got) != "grüße\x00" {
		t.Errorf("Bytes gave %q", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, info := range message.Infos() {
		m, _ := message.New(info.ID)
		b, err := m.AppendTo(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(b, 1, 2, 3, 4))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := message.Decode(b)
		if err != nil {
			return
		}
		first, err := m.AppendTo(nil)
		if err != nil {
			t.Fatalf("%T was decoded but cannot be encoded: %v", m, err)
		}
		again, err := message.Decode(first)
		if err != nil {
			t.Fatalf("%T was encoded but cannot be decoded: %v", m, err)
		}
		second, err := again.AppendTo(nil)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%T changes: % x, then % x, %v", m, first, second, err)
		}
	})
}

func TestACountBeyondTheBodyCostsNoMemory(t *testing.T) {
	t.Parallel()
	body := make([]byte, 40)
	body[10] = 255 // the count after the region's data
	var m message.ObjectUpdate
	var truncated *message.TruncatedError
	if err := m.Decode(body); !errors.As(err, &truncated) {
		t.Errorf("error %v, want a TruncatedError", err)
	}
	if n := cap(m.ObjectData); n != 0 {
		t.Errorf("room for %d objects was made", n)
	}
}

func TestFieldsOfADecodedMessageMayGrow(t *testing.T) {
	t.Parallel()
	b, err := (&message.AvatarPickerReply{Data: []message.AvatarPickerReplyData{
		{FirstName: []byte("Ada"), LastName: []byte("Lovelace")},
	}}).AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := message.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	data := m.(*message.AvatarPickerReply).Data[0]
	_ = append(data.FirstName, "XXXXXX"...)
	if string(data.LastName) != "Lovelace" {
		t.Errorf("the last name became %q", data.LastName)
	}
}
