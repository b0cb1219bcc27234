package agent

import (
	"context"
	"encoding/binary"
	"fmt"

	"rookery/grid"
	"rookery/grid/llsd"
	"rookery/grid/message"
)

// Parcel is a parcel of land, as far as everybody may know it.
type Parcel struct {
	Region       grid.RegionHandle
	LocalID      int32 // unique in its region
	Name         string
	Description  string
	Owner        grid.UUID // a group when GroupOwned
	GroupOwned   bool
	Group        grid.UUID
	Area         int32 // square metres
	Flags        uint32
	Category     uint8
	Status       int32 // 0 leased, 1 lease pending, 2 abandoned
	SalePrice    int32
	Min, Max     grid.Vector3 // the box around it; parcels need not be boxes
	Landing      grid.Vector3
	LandingType  uint8
	Snapshot     grid.UUID
	MusicURL     string
	MediaURL     string
	MaxPrims     int32
	SimWidePrims int32
	TotalPrims   int32

	squares []byte // a bit for each 4 m square of the region, row by row from the south-west
	width   int    // squares in a row
}

// parcelUnit is the edge of the squares that parcels are made of, in metres.
const parcelUnit = 4

// Contains tells whether a point of the parcel's region lies on it.
func (p Parcel) Contains(position grid.Vector3) bool {
	if !position.Finite() || position.X < 0 || position.Y < 0 {
		return false
	}
	x, y := int(position.X)/parcelUnit, int(position.Y)/parcelUnit
	i := y*p.width + x
	return x < p.width && i/8 < len(p.squares) && p.squares[i/8]&(1<<(i%8)) != 0
}

// ParcelAt asks for the parcel at a point of the current region. The error is
// ErrNotFound when the simulator says that there is none, and ErrTimeout when
// it does not answer.
func (a *Agent) ParcelAt(ctx context.Context, position grid.Vector3) (Parcel, error) {
	s, err := a.online()
	if err != nil {
		return Parcel{}, err
	}
	a.mu.Lock()
	info := s.root.info
	inside := position.Finite() && position.X >= 0 && position.Y >= 0 &&
		position.X < float32(info.SizeX) && position.Y < float32(info.SizeY)
	a.parcelSerial = a.parcelSerial%parcelSerials + 1
	serial := a.parcelSerial
	if s.parcels == nil {
		s.parcels = make(map[int32]*Parcel)
	}
	a.mu.Unlock()
	if !inside {
		return Parcel{}, fmt.Errorf("parcel at %v: %w: the region is %d by %d m", position, ErrNotFound, info.SizeX, info.SizeY)
	}
	defer func() {
		a.mu.Lock()
		delete(s.parcels, serial)
		a.mu.Unlock()
	}()
	// A square of the raster, whose middle is no border.
	west, south := float32(int(position.X)/parcelUnit*parcelUnit), float32(int(position.Y)/parcelUnit*parcelUnit)
	err = a.ask(ctx, 0, func(*region, message.Message) progress {
		if s.parcels[serial] != nil {
			return complete
		}
		return waiting
	}, &message.ParcelPropertiesRequest{
		AgentData: message.ParcelPropertiesRequestAgentData{AgentID: s.id, SessionID: s.secret},
		ParcelData: message.ParcelPropertiesRequestParcelData{
			SequenceID: serial, West: west, South: south, East: west + parcelUnit, North: south + parcelUnit,
		},
	})
	if err != nil {
		return Parcel{}, fmt.Errorf("parcel at %v: %w", position, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p := s.parcels[serial]
	if p == nil || len(p.squares) == 0 {
		return Parcel{}, fmt.Errorf("parcel at %v: %w", position, ErrNotFound)
	}
	return *p, nil
}

// parcelSerials is how many requests for parcels may be under way: the serials
// stay clear of the negative ones, by which simulators mark news of their own.
const parcelSerials = 1 << 20

// noParcelData is the result of a request for a parcel that does not exist.
const noParcelData = -1

// parcelProperties takes in a parcel that was asked for; the others, of which
// simulators tell as the avatar walks, have a serial that nobody waits for.
// Called with a.mu held.
func (s *session) parcelProperties(r *region, raw map[string]any) {
	blocks := llsd.Array(raw["ParcelData"])
	if s.parcels == nil || len(blocks) == 0 || r != s.root {
		return
	}
	m := llsd.Map(blocks[0])
	serial := llsd.Int(m["SequenceID"])
	if serial < 1 || serial > parcelSerials {
		return
	}
	p := &Parcel{Region: r.info.Handle, width: int(r.info.SizeX) / parcelUnit}
	if llsd.Int(m["RequestResult"]) != noParcelData {
		p.read(m)
	}
	s.parcels[serial] = p
}

func (p *Parcel) read(m map[string]any) {
	p.LocalID, p.Area = llsd.Int(m["LocalID"]), llsd.Int(m["Area"])
	p.Name, p.Description = llsd.String(m["Name"]), llsd.String(m["Desc"])
	p.Owner, p.GroupOwned, p.Group = llsd.UUID(m["OwnerID"]), llsd.Bool(m["IsGroupOwned"]), llsd.UUID(m["GroupID"])
	p.Flags, p.Category, p.Status = flags32(m["ParcelFlags"]), uint8(llsd.Int(m["Category"])), llsd.Int(m["Status"])
	p.SalePrice, p.Snapshot = llsd.Int(m["SalePrice"]), llsd.UUID(m["SnapshotID"])
	p.Min, p.Max, p.Landing = vectorOf(m["AABBMin"]), vectorOf(m["AABBMax"]), vectorOf(m["UserLocation"])
	p.LandingType = uint8(llsd.Int(m["LandingType"]))
	p.MusicURL, p.MediaURL = llsd.String(m["MusicURL"]), llsd.String(m["MediaURL"])
	p.MaxPrims, p.SimWidePrims, p.TotalPrims = llsd.Int(m["MaxPrims"]), llsd.Int(m["SimWideMaxPrims"]), llsd.Int(m["TotalPrims"])
	p.squares = llsd.Bytes(m["Bitmap"])
}

// flags32 reads 32 flags: as binary in network order, since an LLSD integer
// has a sign, or as the integer that some simulators send nonetheless.
func flags32(v any) uint32 {
	if b, ok := v.([]byte); ok && len(b) == 4 {
		return binary.BigEndian.Uint32(b)
	}
	return uint32(llsd.Int(v))
}

func vectorOf(v any) grid.Vector3 {
	list := llsd.Array(v)
	if len(list) != 3 {
		return grid.Vector3{}
	}
	return grid.Vector3{X: float32(llsd.Real(list[0])), Y: float32(llsd.Real(list[1])), Z: float32(llsd.Real(list[2]))}
}
