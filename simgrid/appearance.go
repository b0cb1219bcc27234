package simgrid

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/message"
)

var appearanceRoutes = []route{
	onRoot(handleAgentAnimation),
	onRoot(handleAgentWearablesRequest),
	onRoot(handleAgentCachedTexture),
	onRoot(handleViewerEffect),
	ignored((*message.AgentSetAppearance)(nil)),
	ignored((*message.AgentIsNowWearing)(nil)),
}

// animation is one that an avatar plays; the sequence number tells a restart.
type animation struct {
	id       grid.UUID
	sequence int32
}

// playedLimit is how many animations a client may have started at a time.
const playedLimit = 64

func handleAgentAnimation(r *Region, p *presence, m *message.AgentAnimation) {
	av := p.avatar
	for _, a := range m.AnimationList {
		i := slices.Index(av.played, a.AnimID)
		switch {
		case a.StartAnim && i < 0 && a.AnimID != uuid.Nil && len(av.played) < playedLimit:
			av.played = append(av.played, a.AnimID)
		case !a.StartAnim && i >= 0:
			av.played = slices.Delete(av.played, i, i+1)
		}
	}
	r.animate(av)
	r.g.hub.touch()
}

func (av *avatar) isTyping() bool {
	return av.typing || av.state&grid.AgentStateTyping != 0 || slices.Contains(av.played, grid.AnimType)
}

func (av *avatar) isAway() bool {
	return av.controls&grid.ControlAway != 0 || slices.Contains(av.played, grid.AnimAway)
}

func (av *avatar) isBusy() bool { return slices.Contains(av.played, grid.AnimBusy) }

// animate works out what an avatar plays and tells everybody when it changed.
func (r *Region) animate(av *avatar) {
	want := append(make([]grid.UUID, 0, 4), av.posture())
	add := func(id grid.UUID) {
		if !slices.Contains(want, id) {
			want = append(want, id)
		}
	}
	if av.isTyping() {
		add(grid.AnimType)
	}
	if av.isAway() {
		add(grid.AnimAway)
	}
	for _, id := range av.played {
		add(id)
	}
	if slices.EqualFunc(av.shown, want, func(a animation, id grid.UUID) bool { return a.id == id }) {
		return
	}
	shown := make([]animation, 0, len(want))
	for _, id := range want {
		i := slices.IndexFunc(av.shown, func(a animation) bool { return a.id == id })
		if i >= 0 {
			shown = append(shown, av.shown[i])
			continue
		}
		av.animID++
		shown = append(shown, animation{id, av.animID})
	}
	av.shown = shown
	m := av.animationMessage()
	for _, p := range r.presences {
		switch {
		case !p.ready:
		case p.busy && p.avatar != av:
			p.skip(av, lag{animations: true})
		default:
			p.sendReliable(m)
		}
	}
}

// posture is the animation that the simulator plays for what the body does.
func (av *avatar) posture() grid.UUID {
	v := av.motion.Velocity
	moving := math.Hypot(float64(v.X), float64(v.Y)) > 0.01
	switch {
	case av.seat != nil:
		return grid.AnimSit
	case av.grounded:
		return grid.AnimSitGround
	case av.flying && moving:
		return grid.AnimFly
	case av.flying && v.Z > 0.01:
		return grid.AnimHoverUp
	case av.flying && v.Z < -0.01:
		return grid.AnimHoverDown
	case av.flying:
		return grid.AnimHover
	case !av.onGround && v.Z > 0:
		return grid.AnimJump
	case !av.onGround:
		return grid.AnimFallDown
	case av.crouching && moving:
		return grid.AnimCrouchWalk
	case av.crouching:
		return grid.AnimCrouch
	case moving && math.Hypot(float64(v.X), float64(v.Y)) > walkSpeed+0.1:
		return grid.AnimRun
	case moving:
		return grid.AnimWalk
	case av.controls&grid.ControlTurnLeft != 0:
		return grid.AnimTurnLeft
	case av.controls&grid.ControlTurnRight != 0:
		return grid.AnimTurnRight
	}
	return grid.AnimStand
}

func (av *avatar) animationMessage() *message.AvatarAnimation {
	m := &message.AvatarAnimation{Sender: message.AvatarAnimationSender{ID: av.id}}
	for _, a := range av.shown {
		m.AnimationList = append(m.AnimationList, message.AvatarAnimationAnimationList{AnimID: a.id, AnimSequenceID: a.sequence})
		m.AnimationSourceList = append(m.AnimationSourceList, message.AvatarAnimationAnimationSourceList{ObjectID: av.id})
	}
	return m
}

// Well-known textures.
var (
	texturePlywood = uuid.MustParse("89556747-24cb-43ed-920b-47caed15465f")
	textureAvatar  = uuid.MustParse("c228d1cf-4b5d-4ba8-84f4-899a0796aa97")
)

// textureEntry packs a texture for all faces: each property is a default and
// a zero that ends its list of exceptions.
func textureEntry(texture grid.UUID) []byte {
	b := append([]byte(nil), texture[:]...)
	b = append(b, 0)
	b = append(b, 0, 0, 0, 0, 0) // white, which the wire inverts
	one := binary.LittleEndian.AppendUint32(nil, math.Float32bits(1))
	b = append(append(b, one...), 0) // repeats across
	b = append(append(b, one...), 0) // and up
	b = append(b, 0, 0, 0)           // offset across
	b = append(b, 0, 0, 0)           // and up
	b = append(b, 0, 0, 0)           // rotation
	b = append(b, 0, 0)              // bump, shininess, full bright
	b = append(b, 0, 0)              // media
	b = append(b, 0, 0)              // glow
	return append(b, make([]byte, 17)...)
}

// visualParams is how many sliders an appearance has.
const visualParams = 253

// sendAppearance tells one viewer what an avatar looks like: like everybody.
func (r *Region) sendAppearance(p *presence, av *avatar) {
	m := &message.AvatarAppearance{
		Sender:         message.AvatarAppearanceSender{ID: av.id},
		ObjectData:     message.AvatarAppearanceObjectData{TextureEntry: textureEntry(textureAvatar)},
		AppearanceData: []message.AvatarAppearanceAppearanceData{{AppearanceVersion: 1, CofVersion: 1}},
	}
	m.VisualParam = make([]message.AvatarAppearanceVisualParam, visualParams)
	for i := range m.VisualParam {
		m.VisualParam[i].ParamValue = 127
	}
	p.sendReliable(m)
}

func handleAgentWearablesRequest(r *Region, p *presence, _ *message.AgentWearablesRequest) {
	p.sendReliable(&message.AgentWearablesUpdate{AgentData: message.AgentWearablesUpdateAgentData{
		AgentID: p.avatar.id, SessionID: p.session.id, SerialNum: 1,
	}})
}

// handleAgentCachedTexture answers that no baked texture is stored here.
func handleAgentCachedTexture(r *Region, p *presence, m *message.AgentCachedTexture) {
	reply := &message.AgentCachedTextureResponse{AgentData: message.AgentCachedTextureResponseAgentData{
		AgentID: p.avatar.id, SessionID: p.session.id, SerialNum: m.AgentData.SerialNum,
	}}
	for _, w := range m.WearableData {
		reply.WearableData = append(reply.WearableData, message.AgentCachedTextureResponseWearableData{TextureIndex: w.TextureIndex})
	}
	p.sendReliable(reply)
}

// handleViewerEffect shows the others where an agent looks and points. Those
// are many and soon outdated, so they are sent once and only to who is near.
func handleViewerEffect(r *Region, p *presence, m *message.ViewerEffect) {
	m.AgentData.AgentID, m.AgentData.SessionID = p.avatar.id, grid.UUID{}
	for i := range m.Effect {
		m.Effect[i].AgentID = p.avatar.id
	}
	for _, av := range r.avatars {
		if av.p != nil && av != p.avatar && av.motion.Position.Distance(p.avatar.motion.Position) <= midRange {
			av.p.send(m)
		}
	}
}
