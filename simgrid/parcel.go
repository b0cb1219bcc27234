package simgrid

import (
	"encoding/binary"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
)

var parcelRoutes = []route{
	onRoot(handleParcelPropertiesRequest),
	onAny(handleParcelDwellRequest),
}

// Each region is one parcel.
const theParcel = 1

// Sizes of the land in metres and on the wire.
const (
	parcelUnit   = 4    // metres that one square of the overlay measures
	overlayChunk = 1024 // squares in one ParcelOverlay
)

// Owner classes and borders of a square of the overlay.
const (
	overlayPublic    = 0
	overlayOwned     = 1 // by somebody else
	overlayOwnedSelf = 3
	overlayWest      = 0x40
	overlaySouth     = 0x80
)

// sendParcelOverlay tells who owns which square of land.
func (r *Region) sendParcelOverlay(p *presence) {
	n := int(r.cfg.Size) / parcelUnit
	owned := byte(overlayOwned)
	if r.cfg.Owner == p.session.account.id {
		owned = overlayOwnedSelf
	}
	all := make([]byte, n*n)
	for i := range all {
		all[i] = owned
		if i%n == 0 {
			all[i] |= overlayWest
		}
		if i < n {
			all[i] |= overlaySouth
		}
	}
	for i := 0; i < len(all); i += overlayChunk {
		p.sendReliable(&message.ParcelOverlay{ParcelData: message.ParcelOverlayParcelData{
			SequenceID: int32(i / overlayChunk), Data: all[i : i+overlayChunk],
		}})
	}
}

// Parcel flags: what the land allows.
const (
	parcelAllowFly      = 1 << 0
	parcelAllowScripts  = 1 << 1
	parcelAllowLandmark = 1 << 3
	parcelFlags         = parcelAllowFly | parcelAllowScripts | parcelAllowLandmark
)

// parcelBitmap has a bit for each square of the region; all belong to the one
// parcel.
func (r *Region) parcelBitmap() []byte {
	n := int(r.cfg.Size) / parcelUnit
	b := make([]byte, n*n/8)
	for i := range b {
		b[i] = 0xFF
	}
	return b
}

func handleParcelPropertiesRequest(r *Region, p *presence, m *message.ParcelPropertiesRequest) {
	r.sendParcelProperties(p, m.ParcelData.SequenceID, m.ParcelData.SnapSelection)
}

// sendParcelProperties describes the parcel by event queue.
func (r *Region) sendParcelProperties(p *presence, sequence int32, snap bool) {
	u32 := func(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
	vec := func(v grid.Vector3) []any { return []any{float64(v.X), float64(v.Y), float64(v.Z)} }
	prims := len(r.prims)
	p.seed.push(&caps.ParcelProperties{Raw: map[string]any{
		"ParcelData": []any{map[string]any{
			"RequestResult": 0, "SequenceID": int(sequence), "SnapSelection": snap,
			"SelfCount": 0, "OtherCount": 0, "PublicCount": 0, "LocalID": theParcel,
			"OwnerID": r.cfg.Owner, "IsGroupOwned": false, "GroupID": grid.UUID{}, "AuctionID": u32(0),
			"ClaimDate": int(r.g.epoch.Unix()), "ClaimPrice": 0, "RentPrice": 0,
			"AABBMin": vec(grid.Vector3{}), "AABBMax": vec(r.parcelTop()),
			"Bitmap": r.parcelBitmap(), "Area": int(r.parcelArea()), "Status": 0,
			"SimWideMaxPrims": objectCapacity, "SimWideTotalPrims": prims, "MaxPrims": objectCapacity, "TotalPrims": prims,
			"OwnerPrims": prims, "GroupPrims": 0, "OtherPrims": 0, "SelectedPrims": 0, "ParcelPrimBonus": 1.0,
			"OtherCleanTime": 0, "ParcelFlags": u32(parcelFlags), "SalePrice": 0,
			"Name": r.cfg.Name + " land", "Desc": "", "MusicURL": "", "MediaURL": "", "MediaID": grid.UUID{},
			"MediaAutoScale": 0, "PassPrice": 0, "PassHours": 0.0, "Category": 0, "AuthBuyerID": grid.UUID{},
			"SnapshotID": grid.UUID{}, "UserLocation": vec(grid.Vector3{}), "UserLookAt": vec(grid.Vector3{}),
			"LandingType": 2, "RegionPushOverride": false, "RegionDenyAnonymous": false,
			"RegionDenyIdentified": false, "RegionDenyTransacted": false,
			"AnyAVSounds": true, "GroupAVSounds": true, "SeeAVs": true,
		}},
		"MediaData": []any{map[string]any{
			"MediaDesc": "", "MediaHeight": 0, "MediaWidth": 0, "MediaLoop": 0, "MediaType": "",
			"ObscureMedia": 0, "ObscureMusic": 0,
		}},
		"AgeVerificationBlock":   []any{map[string]any{"RegionDenyAgeUnverified": false}},
		"RegionAllowAccessBlock": []any{map[string]any{"RegionAllowAccessOverride": true}},
	}})
}

// parcelArea is the area of the land in square metres.
func (r *Region) parcelArea() int32 { return int32(r.cfg.Size) * int32(r.cfg.Size) }

// parcelTop is the upper corner of the land.
func (r *Region) parcelTop() grid.Vector3 {
	return grid.Vector3{X: float32(r.cfg.Size), Y: float32(r.cfg.Size), Z: ceiling}
}

func handleParcelDwellRequest(r *Region, p *presence, m *message.ParcelDwellRequest) {
	if m.Data.LocalID != theParcel {
		return
	}
	p.sendReliable(&message.ParcelDwellReply{
		AgentData: message.ParcelDwellReplyAgentData{AgentID: p.session.account.id},
		Data:      message.ParcelDwellReplyData{LocalID: theParcel, ParcelID: r.parcelID},
	})
}
