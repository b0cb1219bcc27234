package circuit

import "time"

// estimator follows the round trip time as RFC 6298 does for TCP.
type estimator struct {
	smoothed, variance time.Duration
}

func (e *estimator) sample(r time.Duration) {
	r = max(r, time.Microsecond)
	if e.smoothed == 0 {
		e.smoothed, e.variance = r, r/2
		return
	}
	e.variance += ((e.smoothed - r).Abs() - e.variance) / 4
	e.smoothed += (r - e.smoothed) / 8
}

// timeout is how long to wait for an acknowledgement of a first sending.
func (e *estimator) timeout(o *Options) time.Duration {
	if e.smoothed == 0 {
		return min(max(o.InitialRTO, o.MinRTO), o.MaxRTO)
	}
	return min(max(e.smoothed+4*e.variance, o.MinRTO), o.MaxRTO)
}
