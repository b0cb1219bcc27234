package daemon

import "testing"

func TestVersionsAreFourNumbersForTheGrid(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"0.1.0-devel+0123456789ab": "0.1.0.0",
		"v1.2.3":                   "1.2.3.0",
		"1.2.3.4":                  "1.2.3.4",
		"1.2.3+meta":               "1.2.3.0",
	} {
		if got := dotted(version); got != want {
			t.Errorf("%s is %s, want %s", version, got, want)
		}
	}
}
