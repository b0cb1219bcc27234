package command

import "rookery/script"

// Callbacks posts answers to the URLs that commands name. Its methods are
// called concurrently and do not wait for receivers.
type Callbacks interface {
	// Check tells whether a URL may be posted to; the error says why not and
	// what is allowed.
	Check(url string) error
	// Post hands in an answer for a URL, on behalf of a group.
	Post(url, group string, answer script.Pairs)
}

// checkCallback refuses a command whose answer could not be posted before it
// does anything: the asker has time to notice, which the far end of a wrong
// URL never would.
func (d *Dispatcher) checkCallback(url string) error {
	if url == "" || d.o.Callbacks == nil {
		return nil
	}
	if err := d.o.Callbacks.Check(url); err != nil {
		return Explain(script.ErrInvalidURLProvided, "callback: %v", err)
	}
	return nil
}
