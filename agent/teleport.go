package agent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// teleport is a teleport that the agent asked for and that is not over.
type teleport struct {
	over     bool
	err      error // when over
	finished bool  // the grid sent the agent on; it cannot be cancelled any more
}

// Teleport goes to a position in a region, standing up first. LookAt is the
// direction to face on arrival; zero means north. It returns when the agent
// stands there, with a *TeleportError when the grid refuses, ErrThrottled when
// the agent teleported too often lately, and ErrTimeout when neither came true
// before ctx ended, or Config.ServiceTimeout if ctx has no deadline; then the
// teleport is cancelled.
func (a *Agent) Teleport(ctx context.Context, region grid.RegionHandle, position, lookAt grid.Vector3) error {
	if !position.Finite() || !lookAt.Finite() {
		return fmt.Errorf("teleport: position %v and direction %v must be numbers", position, lookAt)
	}
	if lookAt == (grid.Vector3{}) {
		lookAt = grid.Vector3{Y: 1}
	}
	return a.teleport(ctx, func(s *session) message.Message {
		return &message.TeleportLocationRequest{
			AgentData: message.TeleportLocationRequestAgentData{AgentID: s.id, SessionID: s.secret},
			InfoBlock: message.TeleportLocationRequestInfo{RegionHandle: uint64(region), Position: position, LookAt: lookAt},
		}
	})
}

// TeleportRegion is Teleport to a region found by its name, in any case. It
// returns ErrRegionNotFound when there is none.
func (a *Agent) TeleportRegion(ctx context.Context, name string, position, lookAt grid.Vector3) error {
	if r, ok := a.Region(); ok && strings.EqualFold(r.Name, name) {
		return a.Teleport(ctx, r.Handle, position, lookAt)
	}
	found, err := a.FindRegion(ctx, name)
	if err != nil {
		return err
	}
	return a.Teleport(ctx, found.Handle, position, lookAt)
}

// TeleportGlobal is Teleport to a position in metres from the grid's
// south-west corner. The region there is asked of the map, so that regions
// larger than 256 m are found too.
func (a *Agent) TeleportGlobal(ctx context.Context, position grid.Vector3d, lookAt grid.Vector3) error {
	if position.X < 0 || position.Y < 0 || position.X >= 1<<24 || position.Y >= 1<<24 ||
		math.IsNaN(position.X+position.Y+position.Z) {
		return fmt.Errorf("teleport: global position %v is off the map", position)
	}
	x, y := uint32(position.X), uint32(position.Y)
	handle := grid.HandleAt(x-x%grid.RegionSize, y-y%grid.RegionSize)
	for _, r := range a.Regions() {
		if rx, ry := r.Handle.Metres(); x >= rx && y >= ry && x-rx < r.SizeX && y-ry < r.SizeY {
			return a.Teleport(ctx, r.Handle, r.Handle.Local(position), lookAt)
		}
	}
	// The map lists a region by its corner. The largest of OpenSimulator are 32
	// squares wide; most are one.
	for _, reach := range []uint32{0, 31} {
		px, py := x/grid.RegionSize, y/grid.RegionSize
		found, err := a.MapRegions(ctx, uint16(px-min(px, reach)), uint16(py-min(py, reach)), uint16(px), uint16(py))
		if err != nil {
			return err
		}
		for _, r := range found {
			if rx, ry := r.Handle.Metres(); x >= rx && y >= ry && x-rx < r.SizeX && y-ry < r.SizeY {
				return a.Teleport(ctx, r.Handle, r.Handle.Local(position), lookAt)
			}
		}
	}
	return a.Teleport(ctx, handle, handle.Local(position), lookAt) // the grid may know better than its map
}

// TeleportLandmark goes where a landmark asset points; the null UUID means
// home. The errors are those of Teleport.
func (a *Agent) TeleportLandmark(ctx context.Context, asset grid.UUID) error {
	return a.teleport(ctx, func(s *session) message.Message {
		return &message.TeleportLandmarkRequest{InfoBlock: message.TeleportLandmarkRequestInfo{
			AgentID: s.id, SessionID: s.secret, LandmarkID: asset,
		}}
	})
}

func (a *Agent) teleport(ctx context.Context, request func(*session) message.Message) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	if err := s.throttle(); err != nil {
		return err
	}
	if err := a.Stand(ctx); err != nil {
		return fmt.Errorf("stand up to teleport: %w", err)
	}
	a.stopSteering()

	a.mu.Lock()
	if s.teleport != nil {
		a.mu.Unlock()
		return &TeleportError{Message: "another teleport is under way"}
	}
	tp := &teleport{}
	s.teleport = tp
	w := s.expect(func(*region, message.Message) progress {
		if tp.over {
			return complete
		}
		return waiting
	})
	root := s.root.circuit
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		if s.teleport == tp {
			s.teleport = nil
		}
		a.mu.Unlock()
	}()

	m := request(s)
	if err := root.SendReliable(m); err != nil {
		s.forget(w)
		return sendError(m, err)
	}
	if err := s.await(ctx, w, a.timeouts.Load().service, 0); err != nil {
		s.cancelTeleport(tp)
		return fmt.Errorf("teleport: %w", err)
	}
	return tp.err
}

// throttle refuses more teleports within a time than the grid likes.
func (s *session) throttle() error {
	a := s.a
	limit, window := a.cfg.TeleportLimit, a.cfg.TeleportWindow
	if limit < 0 {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for len(s.teleports) > 0 && now.Sub(s.teleports[0]) > window {
		s.teleports = s.teleports[1:]
	}
	if len(s.teleports) >= limit {
		return fmt.Errorf("teleport: %w: %d within %v", ErrThrottled, limit, window)
	}
	s.teleports = append(s.teleports, now)
	return nil
}

func (s *session) cancelTeleport(tp *teleport) {
	a := s.a
	a.mu.Lock()
	if s.ended || tp.over || tp.finished {
		a.mu.Unlock()
		return
	}
	s.overLocked(TeleportProgress{Status: TeleportCancelled}, ErrTimeout)
	root := s.root.circuit
	a.mu.Unlock()
	_ = root.SendReliable(&message.TeleportCancel{InfoBlock: message.TeleportCancelInfo{AgentID: s.id, SessionID: s.secret}})
}

// overLocked ends the teleport under way, if there is one, and tells of it.
// Called with a.mu held.
func (s *session) overLocked(p TeleportProgress, err error) {
	if p.Message != "" {
		s.self.teleportMessage = p.Message
	}
	s.a.emit(p)
	if s.teleport != nil {
		s.teleport.over, s.teleport.err = true, err
		s.teleport = nil
	}
	s.notify(nil, nil)
}

func (s *session) teleportStart(flags grid.TeleportFlags) {
	s.a.emit(TeleportProgress{Status: TeleportStarted, Flags: flags, Message: "Teleport started"})
}

func (s *session) teleportProgress(flags grid.TeleportFlags, text string) {
	s.self.teleportMessage = text
	s.a.emit(TeleportProgress{Status: TeleportProgressed, Flags: flags, Message: text})
}

func (s *session) teleportFailed(reason, key string) {
	s.overLocked(TeleportProgress{Status: TeleportFailed, Message: reason}, &TeleportError{Message: reason, Reason: key})
}

// teleportLocal takes in a teleport within the region.
func (s *session) teleportLocal(r *region, m *message.TeleportLocal) {
	if r != s.root {
		return
	}
	s.standAt(m.InfoBlock.Position, m.InfoBlock.LookAt)
	if e := r.ids[s.id]; e != nil {
		e.motion.Position, e.parent = s.self.position, 0
	}
	s.a.movement.face(s.self.lookAt)
	s.overLocked(TeleportProgress{
		Status: TeleportFinished, Flags: grid.TeleportFlags(m.InfoBlock.TeleportFlags), Message: "Teleport finished",
	}, nil)
	s.kick()
}

// teleportFinish follows the grid to another region, whoever asked for it.
func (s *session) teleportFinish(to arrival) {
	if s.teleport != nil {
		s.teleport.finished = true
	}
	finish := func(err error) {
		if err != nil {
			text := "could not enter the region: " + err.Error()
			s.overLocked(TeleportProgress{Status: TeleportFailed, Flags: to.flags, Message: text}, &TeleportError{Message: text})
			return
		}
		s.a.movement.face(s.self.lookAt)
		s.overLocked(TeleportProgress{Status: TeleportFinished, Flags: to.flags, Message: "Teleport finished"}, nil)
	}
	if s.root != nil && s.root.info.Addr == to.addr {
		if s.teleport != nil { // else the same news again
			finish(nil)
		}
		return
	}
	s.follow(to, finish)
}

// crossed follows the avatar over a border.
func (s *session) crossed(r *region, to arrival) {
	if r != s.root || s.following == to.addr {
		return
	}
	e := RegionCrossed{Old: r.info.Name, OldHandle: r.info.Handle, NewHandle: to.handle}
	next := s.regionAt(to.addr)
	if next != nil && next.info.Handshake {
		e.New = next.info.Name
		s.a.emit(e)
	}
	s.follow(to, func(err error) {
		switch {
		case err != nil:
			s.endLocked(fmt.Errorf("cross into region at %v: %w", to.addr, err))
		case e.New == "":
			e.New = s.root.info.Name
			s.a.emit(e)
		}
	})
}

// follow makes the region at to the agent's own, in the background; done is
// called with a.mu held. The same news may come twice, over UDP and by the
// event queue.
func (s *session) follow(to arrival, done func(error)) {
	if s.ended || s.root == nil || !to.addr.IsValid() || s.root.info.Addr == to.addr || s.following == to.addr {
		return
	}
	s.following = to.addr
	s.moves++ // from now on, for the region left behind may close at once
	s.start(func() {
		err := s.enter(to)
		a := s.a
		a.mu.Lock()
		s.following = netip.AddrPort{}
		s.moves--
		done(err)
		a.mu.Unlock()
		s.kick()
	})
}

// enter opens the region at to, if need be, and makes it the agent's own. A
// circuit left from an earlier visit may be closing just now: then a new one
// is opened.
func (s *session) enter(to arrival) error {
	for try := 1; ; try++ {
		r, err := s.open(s.ctx, to)
		if err == nil {
			err = s.arrive(s.ctx, r, to.seed)
		}
		if err == nil || try == 3 || !errors.Is(err, circuit.ErrClosedByPeer) && !errors.Is(err, circuit.ErrClosed) {
			return err
		}
		s.log.Debug("region closed its circuit on arrival", "addr", to.addr, "try", try)
	}
}
