package simgrid

import "rookery/grid/message"

var friendRoutes = []route{
	onRoot(handleMuteListRequest),
}

// handleMuteListRequest answers that nobody is muted: Second Life says so by
// letting the client use the list it has, OpenSimulator by a message of its own.
func handleMuteListRequest(r *Region, p *presence, _ *message.MuteListRequest) {
	if r.g.cfg.OpenSim {
		p.sendReliable(&message.GenericMessage{
			AgentData:  message.GenericMessageAgentData{AgentID: p.avatar.id, SessionID: p.session.id},
			MethodData: message.GenericMessageMethodData{Method: message.Bytes("emptymutelist")},
		})
		return
	}
	p.sendReliable(&message.UseCachedMuteList{AgentData: message.UseCachedMuteListAgentData{AgentID: p.avatar.id}})
}
