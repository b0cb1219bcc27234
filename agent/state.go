package agent

// State is how far an agent is with being in a grid.
type State uint8

// The states, in the order of a life.
const (
	Offline    State = iota // not in a grid
	LoggingIn               // asking the login server
	Connecting              // let in; opening the circuit to the first region
	Online                  // in a region, with its handshake done
	LoggingOut              // saying goodbye
)

// String returns the state in lower-case words.
func (s State) String() string {
	switch s {
	case Offline:
		return "offline"
	case LoggingIn:
		return "logging in"
	case Connecting:
		return "connecting"
	case Online:
		return "online"
	case LoggingOut:
		return "logging out"
	}
	return "unknown"
}

// State tells how far the agent is with being in a grid.
func (a *Agent) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}
