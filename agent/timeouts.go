package agent

import "time"

// timeouts are those of Config that may be changed later.
type timeouts struct{ service, data time.Duration }

// SetTimeouts changes Config.ServiceTimeout and Config.DataTimeout for waits
// that begin from now on. A time that is not positive leaves the one there is.
func (a *Agent) SetTimeouts(service, data time.Duration) {
	now := *a.timeouts.Load()
	if service > 0 {
		now.service = service
	}
	if data > 0 {
		now.data = data
	}
	a.timeouts.Store(&now)
}
