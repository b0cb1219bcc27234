package simgrid

import (
	"net/http"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
)

var imRoutes = []route{
	onRoot(handleImprovedInstantMessage),
	onRoot(handleRetrieveInstantMessages),
}

// storedIM is an instant message that waits for its receiver to log in.
type storedIM struct {
	message message.ImprovedInstantMessage
}

// storedLimit is how many messages wait for one receiver.
const storedLimit = 100

// What the grid answers to a sender.
const (
	imStored  = "User not online - message will be stored and delivered later."
	imFull    = "User not online - inventory and message capacity is full, the message was not stored."
	imUnknown = "There is no such user, the message was not delivered."
)

func handleImprovedInstantMessage(r *Region, p *presence, m *message.ImprovedInstantMessage) {
	b := &m.MessageBlock
	if m.AgentData.AgentID != p.avatar.id {
		return
	}
	im := message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: p.avatar.id},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			ToAgentID: b.ToAgentID, ParentEstateID: 1, RegionID: r.cfg.ID, Position: p.avatar.motion.Position,
			Dialog: b.Dialog, ID: b.ID, Timestamp: uint32(time.Now().Unix()),
			FromAgentName: message.Bytes(p.session.account.Name()),
			Message:       message.Bytes(truncated(message.String(b.Message), grid.ChatLimit)),
			BinaryBucket:  b.BinaryBucket,
		},
	}
	send, ok := imDialogs[grid.IMDialog(b.Dialog)]
	if !ok {
		r.g.served.add("ImprovedInstantMessage " + grid.IMDialog(b.Dialog).String())
		return
	}
	r.later(func() { send(r.g, p.session.account, im) })
}

// imDialogs are what agents may send as instant messages, and what the grid
// does with it, without any region's lock held.
var imDialogs = map[grid.IMDialog]func(g *Grid, from *Account, im message.ImprovedInstantMessage){
	grid.IMMessageFromAgent:       (*Grid).passOn,
	grid.IMBusyAutoResponse:       (*Grid).passOn,
	grid.IMSessionSend:            (*Grid).sayInSession,
	grid.IMStartTyping:            (*Grid).passOn,
	grid.IMStopTyping:             (*Grid).passOn,
	grid.IMDenyTeleport:           (*Grid).passOn,
	grid.IMFriendshipOffered:      (*Grid).offerFriendship,
	grid.IMInventoryOffered:       (*Grid).giveOwn,
	grid.IMInventoryAccepted:      (*Grid).answerGift,
	grid.IMInventoryDeclined:      (*Grid).answerGift,
	grid.IMTaskInventoryAccepted:  (*Grid).answerGift,
	grid.IMTaskInventoryDeclined:  (*Grid).answerGift,
	grid.IMGroupInvitationAccept:  (*Grid).answerInvitation,
	grid.IMGroupInvitationDecline: (*Grid).answerInvitation,
}

func (g *Grid) passOn(_ *Account, im message.ImprovedInstantMessage) { g.deliver(im) }

// kept tells whether a message waits for a receiver that is away.
func kept(d grid.IMDialog) bool {
	switch d {
	case grid.IMMessageFromAgent, grid.IMMessageFromObject, grid.IMFriendshipOffered, grid.IMGroupInvitation,
		grid.IMInventoryOffered, grid.IMTaskInventoryOffered:
		return true
	}
	return false
}

// deliver brings an instant message to whom it is for. No region's lock may be
// held.
func (g *Grid) deliver(im message.ImprovedInstantMessage) {
	b := &im.MessageBlock
	dialog := grid.IMDialog(b.Dialog)
	to := g.AccountByID(b.ToAgentID)
	e := MessageSent{
		From: im.AgentData.AgentID, To: b.ToAgentID, FromName: message.String(b.FromAgentName),
		Dialog: dialog, Text: message.String(b.Message),
	}
	switch {
	case to == nil:
		g.notice(im.AgentData.AgentID, imUnknown)
	case to.inhabitant:
		e.Delivered = g.tellInhabitant(to.id, &im)
	default:
		e.Delivered = g.deliverTo(to.id, &im)
		if !e.Delivered && kept(dialog) {
			g.store(to, im)
		}
	}
	g.hub.emit(e)
}

// deliverTo sends an instant message to an agent that is in the grid.
func (g *Grid) deliverTo(agent grid.UUID, im *message.ImprovedInstantMessage) bool {
	s := g.session(agent)
	if s == nil {
		return false
	}
	p := s.rootPresence()
	if p == nil {
		return false
	}
	p.region.lock()
	defer p.region.unlock()
	if p.circuit == nil || p.gone {
		return false
	}
	p.sendReliable(im)
	return true
}

func (g *Grid) store(to *Account, im message.ImprovedInstantMessage) {
	im.MessageBlock.Offline = uint8(grid.IMOffline)
	g.mu.Lock()
	full := len(to.stored) >= storedLimit
	if !full {
		to.stored = append(to.stored, storedIM{im})
	}
	g.mu.Unlock()
	if im.MessageBlock.Dialog != uint8(grid.IMMessageFromAgent) {
		return
	}
	if full {
		g.notice(im.AgentData.AgentID, imFull)
	} else {
		g.notice(im.AgentData.AgentID, imStored)
	}
}

// notice sends a message from the grid itself to an agent.
func (g *Grid) notice(agent grid.UUID, text string) {
	g.deliverTo(agent, &message.ImprovedInstantMessage{MessageBlock: message.ImprovedInstantMessageMessageBlock{
		ToAgentID: agent, Dialog: uint8(grid.IMMessageBox), Timestamp: uint32(time.Now().Unix()),
		FromAgentName: message.Bytes(g.cfg.Name), Message: message.Bytes(text), BinaryBucket: []byte{0},
	}})
}

// takeStored returns what waits for an account, which waits no longer.
func (g *Grid) takeStored(a *Account) []storedIM {
	g.mu.Lock()
	defer g.mu.Unlock()
	stored := a.stored
	a.stored = nil
	return stored
}

func handleRetrieveInstantMessages(r *Region, p *presence, _ *message.RetrieveInstantMessages) {
	for _, s := range r.g.takeStored(p.session.account) {
		p.sendReliable(&s.message)
	}
}

// serveOfflineMessages is the same by capability, as Second Life has it.
func serveOfflineMessages(p *presence, w http.ResponseWriter, _ *http.Request) {
	list := []any{}
	for _, s := range p.region.g.takeStored(p.session.account) {
		b := s.message.MessageBlock
		fromGroup := "N"
		if b.FromGroup {
			fromGroup = "Y"
		}
		list = append(list, map[string]any{
			"from_agent_id": s.message.AgentData.AgentID, "from_agent_name": message.String(b.FromAgentName), "from_group": fromGroup,
			"to_agent_id": b.ToAgentID, "parent_estate_id": int(b.ParentEstateID), "region_id": b.RegionID,
			"local_x": float64(b.Position.X), "local_y": float64(b.Position.Y), "local_z": float64(b.Position.Z),
			"offline": int(b.Offline), "dialog": int(b.Dialog), "transaction-id": b.ID, "timestamp": int(b.Timestamp),
			"message": message.String(b.Message), "binary_bucket": b.BinaryBucket,
		})
	}
	caps.WriteLLSD(w, http.StatusOK, []any{list})
}

// alert shows a text to an agent in a box in the corner.
func (r *Region) alert(p *presence, text string) {
	p.sendReliable(&message.AlertMessage{AlertData: message.AlertMessageAlertData{Message: message.Bytes(truncated(text, 254))}})
}
