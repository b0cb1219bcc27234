package commandtest

import (
	"testing"

	"github.com/dlclark/regexp2"
	"go.uber.org/goleak"
)

// Main runs the tests of a package that searches with regular expressions, and
// looks for goroutines that they left behind.
func Main(m *testing.M) { goleak.VerifyTestMain(stoppingClock{m}) }

// stoppingClock stops the clock that regular expressions share.
type stoppingClock struct{ *testing.M }

func (m stoppingClock) Run() int {
	defer regexp2.StopTimeoutClock()
	return m.M.Run()
}
