package simgrid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// InhabitantConfig describes an avatar that the grid runs itself.
type InhabitantConfig struct {
	First, Last string
	ID          grid.UUID // made from the name when null
	Region      string
	Position    grid.Vector3 // the middle of the region when zero
	LookAt      grid.Vector3 // east when zero
	About       string       // the profile's text
	// Route are points to walk to in turn, again and again, in region space.
	Route []grid.Vector3
	// Pause is how long it stays at each point of the route.
	Pause time.Duration
	// Lines are said in turn, one each Every, starting after the first Every.
	Lines []string
	Every time.Duration
	// Answers says whose words it answers in local chat.
	Answers Answers
	// Reply makes the answer to what it heard in local chat or, with direct
	// true, in an instant message; no answer when it returns "". When nil, it
	// greets and repeats what it heard. It must not block.
	Reply func(h Heard, direct bool) string
}

// Answers says whose words an inhabitant answers in local chat. It never
// answers prims and other inhabitants, and always answers instant messages.
type Answers int

const (
	// AnswerNamed answers lines that contain its first name.
	AnswerNamed Answers = iota
	// AnswerAll answers every line.
	AnswerAll
	// AnswerNone answers no local chat.
	AnswerNone
)

// Inhabitant is an avatar that the grid runs itself. Its methods may be called
// from any goroutine.
type Inhabitant struct {
	g       *Grid
	account *Account
	region  *Region
	cfg     InhabitantConfig

	// guarded by Region.mu
	av       *avatar
	leg      int // the next point of the route
	resting  time.Time
	line     int
	lastLine time.Time
}

// AddInhabitant puts an avatar into the grid.
func (g *Grid) AddInhabitant(c InhabitantConfig) (*Inhabitant, error) {
	r := g.Region(c.Region)
	if r == nil {
		return nil, fmt.Errorf("inhabitant %s %s: %w", c.First, c.Last, &RegionError{c.Region})
	}
	if len(c.Lines) > 0 && c.Every <= 0 {
		return nil, fmt.Errorf("inhabitant %s %s: lines need a time between them (Every)", c.First, c.Last)
	}
	for _, p := range append(slices.Clone(c.Route), c.Position) {
		if !p.Finite() || !r.contains(p) {
			return nil, fmt.Errorf("inhabitant %s %s: position %v is not in region %s", c.First, c.Last, p, r.cfg.Name)
		}
	}
	if c.Position == (grid.Vector3{}) {
		c.Position = r.middle()
	}
	a, err := newAccount(AccountConfig{First: c.First, Last: c.Last, ID: c.ID, About: c.About})
	if err != nil {
		return nil, err
	}
	a.inhabitant = true
	if err := g.register(a); err != nil {
		return nil, err
	}
	in := &Inhabitant{g: g, account: a, region: r, cfg: c}
	av := &avatar{id: a.id, account: a, brain: in}
	av.motion.Position = r.inside(c.Position)
	av.motion.Rotation = facing(c.LookAt)
	in.av = av
	r.lock()
	defer r.unlock()
	r.addAvatar(av)
	return in, nil
}

// Inhabitant returns the inhabitant of that name, in any case, or nil.
func (g *Grid) Inhabitant(first, last string) *Inhabitant {
	a := g.Account(first, last)
	if a == nil || !a.inhabitant {
		return nil
	}
	return g.inhabitant(a.id)
}

func (g *Grid) inhabitant(id grid.UUID) *Inhabitant {
	for _, r := range g.regions {
		r.mu.Lock()
		av := r.avatars[id]
		r.mu.Unlock()
		if av != nil {
			return av.brain
		}
	}
	return nil
}

// ID is the avatar's id.
func (in *Inhabitant) ID() grid.UUID { return in.account.id }

// Name is the avatar's name.
func (in *Inhabitant) Name() string { return in.account.Name() }

// State is the avatar as its region sees it.
func (in *Inhabitant) State() AvatarState {
	in.region.mu.Lock()
	defer in.region.mu.Unlock()
	return in.av.snapshot(in.region)
}

// do runs f with the region locked.
func (in *Inhabitant) do(f func(r *Region, av *avatar)) {
	in.region.lock()
	defer in.region.unlock()
	if in.region.avatars[in.account.id] == in.av {
		f(in.region, in.av)
	}
}

// Say speaks: grid.ChatWhisper, ChatNormal, ChatShout, or typing without text.
func (in *Inhabitant) Say(kind grid.ChatType, channel int32, text string) error {
	switch kind {
	case grid.ChatWhisper, grid.ChatNormal, grid.ChatShout, grid.ChatStartTyping, grid.ChatStopTyping:
		in.do(func(r *Region, av *avatar) { r.agentSays(av, kind, channel, text) })
		return nil
	}
	return fmt.Errorf("say by chat type %v: want Whisper, Normal, Shout, StartTyping or StopTyping", kind)
}

// Message sends an instant message to an avatar anywhere in the grid.
func (in *Inhabitant) Message(to grid.UUID, text string) { in.send(to, grid.IMMessageFromAgent, text) }

// Typing tells an avatar that the inhabitant started or stopped typing a
// message to it.
func (in *Inhabitant) Typing(to grid.UUID, typing bool) {
	if typing {
		in.send(to, grid.IMStartTyping, "typing")
	} else {
		in.send(to, grid.IMStopTyping, "typing")
	}
}

func (in *Inhabitant) send(to grid.UUID, dialog grid.IMDialog, text string) {
	in.do(func(r *Region, av *avatar) {
		im := in.im(to, dialog, grid.IMSession(av.id, to), text)
		r.later(func() { in.g.deliver(im) })
	})
}

// im makes an instant message from the inhabitant. The region is locked.
func (in *Inhabitant) im(to grid.UUID, dialog grid.IMDialog, session grid.UUID, text string) message.ImprovedInstantMessage {
	return message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: in.account.id},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			ToAgentID: to, ParentEstateID: 1, RegionID: in.region.cfg.ID, Position: in.av.motion.Position,
			Dialog: uint8(dialog), ID: session, Timestamp: uint32(time.Now().Unix()),
			FromAgentName: message.Bytes(in.Name()), Message: message.Bytes(truncated(text, grid.ChatLimit)),
			BinaryBucket: []byte{0},
		},
	}
}

// WalkTo walks to a point of the region and leaves the route for good.
func (in *Inhabitant) WalkTo(to grid.Vector3) error { return in.goTo(to, false) }

// FlyTo flies to a point of the region and leaves the route for good.
func (in *Inhabitant) FlyTo(to grid.Vector3) error { return in.goTo(to, true) }

func (in *Inhabitant) goTo(to grid.Vector3, fly bool) error {
	if !to.Finite() || !in.region.contains(to) {
		return fmt.Errorf("inhabitant %s: position %v is not in region %s", in.Name(), to, in.region.cfg.Name)
	}
	in.do(func(r *Region, av *avatar) {
		in.cfg.Route = nil
		r.stand(av)
		av.flying = fly
		av.target = &destination{point: to, fly: fly}
	})
	return nil
}

// Place puts the inhabitant somewhere at once.
func (in *Inhabitant) Place(to, lookAt grid.Vector3) error {
	if !to.Finite() || !in.region.contains(to) {
		return fmt.Errorf("inhabitant %s: position %v is not in region %s", in.Name(), to, in.region.cfg.Name)
	}
	in.do(func(r *Region, av *avatar) {
		r.stand(av)
		av.target, in.cfg.Route = nil, nil
		av.motion.Position, av.motion.Velocity = r.inside(to), grid.Vector3{}
		av.motion.Rotation = facing(lookAt)
		r.land(av)
		r.needFull(av)
		r.g.hub.touch()
	})
	return nil
}

// Sit seats the inhabitant on a prim of its region, or on the ground when nil.
func (in *Inhabitant) Sit(on *Prim) error {
	if on != nil && on.region != in.region {
		return errors.New("sit: the prim is in another region")
	}
	err := error(nil)
	in.do(func(r *Region, av *avatar) {
		switch {
		case on == nil:
			r.stand(av)
			r.sitOnGround(av)
		case on.removed:
			err = ErrNoPrim
		default:
			t := SitTarget{Offset: grid.Vector3{Z: on.cfg.Scale.Z / 2}, Rotation: grid.Identity}
			if on.cfg.SitTarget != nil {
				t = *on.cfg.SitTarget
			}
			r.seat(av, on, t.Offset, t.Rotation.Normalize())
		}
	})
	return err
}

// Stand makes the inhabitant stand up.
func (in *Inhabitant) Stand() { in.do(func(r *Region, av *avatar) { r.stand(av) }) }

// Remove takes the inhabitant out of the grid; its name stays known.
func (in *Inhabitant) Remove() { in.do(func(r *Region, av *avatar) { r.removeAvatar(av) }) }

// Animate starts or stops an animation, away and busy among them.
func (in *Inhabitant) Animate(anim grid.UUID, start bool) {
	in.do(func(r *Region, av *avatar) {
		av.played = slices.DeleteFunc(av.played, func(id grid.UUID) bool { return id == anim })
		if start {
			av.played = append(av.played, anim)
		}
		r.animate(av)
		r.g.hub.touch()
	})
}

// step does what the configuration says, once a tick. The region is locked.
func (in *Inhabitant) step(r *Region, av *avatar, now time.Time) {
	if in.lastLine.IsZero() {
		in.lastLine = now
	}
	if len(in.cfg.Lines) > 0 && now.Sub(in.lastLine) >= in.cfg.Every {
		in.lastLine = now
		r.agentSays(av, grid.ChatNormal, 0, in.cfg.Lines[in.line%len(in.cfg.Lines)])
		in.line++
	}
	if len(in.cfg.Route) == 0 || av.target != nil || now.Before(in.resting) || av.seat != nil || av.grounded {
		return
	}
	to := in.cfg.Route[in.leg%len(in.cfg.Route)]
	in.leg++
	av.target = &destination{point: to, done: func(bool) {
		in.do(func(*Region, *avatar) { in.resting = time.Now().Add(in.cfg.Pause) })
	}}
}

// hear answers local chat of agents. The region is locked.
func (in *Inhabitant) hear(r *Region, av *avatar, s *speech) {
	if s.source != grid.ChatSourceAgent || s.speaker == av.id || s.text == "" {
		return
	}
	if a := in.g.AccountByID(s.speaker); a == nil || a.inhabitant {
		return
	}
	named := strings.Contains(strings.ToLower(s.text), strings.ToLower(in.account.first))
	if in.cfg.Answers == AnswerNone || in.cfg.Answers == AnswerNamed && !named {
		return
	}
	h := s.heard()
	r.later(func() {
		if text := in.reply(h, false); text != "" {
			_ = in.Say(grid.ChatNormal, 0, text)
		}
	})
}

func (in *Inhabitant) reply(h Heard, direct bool) string {
	if in.cfg.Reply != nil {
		return in.cfg.Reply(h, direct)
	}
	first, _, _ := strings.Cut(h.Name, " ")
	return fmt.Sprintf("Hello %s, you said: %s", first, h.Text)
}

// tellInhabitant gives an instant message to an inhabitant, who answers it. No
// region's lock may be held.
func (g *Grid) tellInhabitant(id grid.UUID, im *message.ImprovedInstantMessage) bool {
	in := g.inhabitant(id)
	if in == nil {
		return false
	}
	from := g.AccountByID(im.AgentData.AgentID)
	if from == nil || from.inhabitant || grid.IMDialog(im.MessageBlock.Dialog) != grid.IMMessageFromAgent {
		return true
	}
	h := Heard{
		Source: grid.ChatSourceAgent, Speaker: from.id, Name: from.Name(),
		Text: message.String(im.MessageBlock.Message), Position: im.MessageBlock.Position,
	}
	if text := in.reply(h, true); text != "" {
		in.Message(from.id, text)
	}
	return true
}
