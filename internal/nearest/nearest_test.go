package nearest_test

import (
	"strings"
	"testing"

	"rookery/internal/nearest"
)

func TestTheNameThatWasMeant(t *testing.T) {
	t.Parallel()
	names := []string{"tell", "teleport", "getselfdata", "AES", "version"}
	for text, want := range map[string]string{
		"tel": "tell", "TELL": "tell", "telepotr": "teleport", "getselfdat": "getselfdata", "aes": "AES",
		"AES": "", "tell": "", "frobnicate": "", "": "", strings.Repeat("version", 10): "",
	} {
		if got := nearest.Name(text, names); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzName(f *testing.F) {
	f.Add("tel", "tell")
	f.Add("é", "e")
	f.Fuzz(func(t *testing.T, text, name string) {
		if got := nearest.Name(text, []string{name}); got != "" && (got != name || text == name) {
			t.Errorf("%q, %q: %q", text, name, got)
		}
	})
}
