package circuit

import "time"

// estimator follows the round trip time as RFC 6298 does for TCP.
type estimator struct {
	smoothed, variance time.Duration
	// backedOff is the wait that the last resend came to. It holds for new
	// packets too until there is a sample, or a sudden slowness would never be
	// measured: packets sent twice give no samples.
	backedOff time.Duration
}

func (e *estimator) sample(r time.Duration) {
	r = max(r, time.Microsecond)
	e.backedOff = 0
	if e.smoothed == 0 {
		e.smoothed, e.variance = r, r/2
		return
	}
	e.variance += ((e.smoothed - r).Abs() - e.variance) / 4
	e.smoothed += (r - e.smoothed) / 8
}

// timeout is how long to wait for an acknowledgement of a first sending.
func (e *estimator) timeout(o *Options) time.Duration {
	estimate := o.InitialRTO
	if e.smoothed != 0 {
		estimate = e.smoothed + 4*e.variance
	}
	return min(max(estimate, e.backedOff, o.MinRTO), o.MaxRTO)
}
