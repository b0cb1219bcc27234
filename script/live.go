package script

import (
	"slices"
	"sync/atomic"
)

// Live is a filter that stands for a chain which may be changed while it is in
// use: everything that holds it follows. One line is read or written as a
// whole by the chain that held when it began. Its methods may be called from
// any goroutine.
type Live struct{ chain atomic.Pointer[Filters] }

// NewLive returns a filter that stands for a chain.
func NewLive(chain Filters) *Live {
	l := new(Live)
	l.Set(chain)
	return l
}

// Set puts another chain in place of the one there is. It must not be changed
// afterwards.
func (l *Live) Set(chain Filters) {
	chain = chain.now()
	l.chain.Store(&chain)
}

// Chain returns the chain that holds at this moment.
func (l *Live) Chain() Filters { return *l.chain.Load() }

// Name is the name of the chain's last filter, which gives its output its form.
func (l *Live) Name() string {
	if chain := l.Chain(); len(chain) > 0 {
		return chain[len(chain)-1].Name()
	}
	return None.Name()
}

// AppendEncode runs text through the chain and appends the outcome to dst.
func (l *Live) AppendEncode(dst []byte, text string) []byte {
	return l.Chain().AppendEncode(dst, text)
}

// Decode runs text through the chain.
func (l *Live) Decode(text string) (string, error) { return l.Chain().Decode(text) }

func (l *Live) escapesLines() bool { return l.Chain().escapes() }

// now returns the chain with the chains of this moment in place of the filters
// that stand for some.
func (fs Filters) now() Filters {
	if len(fs) == 1 {
		if l, ok := fs[0].(*Live); ok {
			return l.Chain()
		}
		return fs
	}
	if !slices.ContainsFunc(fs, isLive) {
		return fs
	}
	var chain Filters
	for _, f := range fs {
		if l, ok := f.(*Live); ok {
			chain = append(chain, l.Chain()...)
		} else {
			chain = append(chain, f)
		}
	}
	return chain
}

func isLive(f Filter) bool {
	_, ok := f.(*Live)
	return ok
}
