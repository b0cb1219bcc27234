package grid

import (
	"testing"

	"pgregory.net/rapid"
)

func genUUID() *rapid.Generator[UUID] {
	return rapid.Custom(func(t *rapid.T) UUID {
		return UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	})
}

func TestBucketsOfOffersSurviveTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		offer := OfferBucket{AssetType(rapid.Int8().Draw(t, "type")), genUUID().Draw(t, "item")}
		if got, ok := ParseOfferBucket(AppendOfferBucket(nil, offer)); !ok || got != offer {
			t.Fatalf("%v, %v; want %v", got, ok, offer)
		}
		invitation := InvitationBucket{rapid.Int32().Draw(t, "fee"), genUUID().Draw(t, "role")}
		if got, ok := ParseInvitationBucket(AppendInvitationBucket(nil, invitation)); !ok || got != invitation {
			t.Fatalf("%v, %v; want %v", got, ok, invitation)
		}
	})
}

func TestAnObjectsOfferNamesTheTypeAlone(t *testing.T) {
	t.Parallel()
	if b, ok := ParseOfferBucket([]byte{7}); !ok || b != (OfferBucket{Type: AssetNotecard}) {
		t.Errorf("%v, %v", b, ok)
	}
	if b, ok := ParseOfferBucket(nil); ok || b.Type != AssetUnknown {
		t.Errorf("no bucket is %v, %v", b, ok)
	}
	if _, ok := ParseInvitationBucket(make([]byte, 19)); ok {
		t.Error("a bucket that is too short was read")
	}
}

func FuzzBucketsOfOffers(f *testing.F) {
	f.Add([]byte{7})
	f.Add(AppendInvitationBucket(nil, InvitationBucket{Fee: 1}))
	f.Fuzz(func(t *testing.T, bucket []byte) {
		ParseOfferBucket(bucket)
		if b, ok := ParseInvitationBucket(bucket); ok && string(AppendInvitationBucket(nil, b)) != string(bucket) {
			t.Fatalf("%x is read as %v", bucket, b)
		}
	})
}
