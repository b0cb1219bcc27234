package gateway

import (
	"strconv"
	"testing"

	"rookery/script"
)

func FuzzFromIsASequenceOrRefused(f *testing.F) {
	for _, text := range []string{"", "1", "0", "-1", "+1", "007", "1e3", "9223372036854775807", "9223372036854775808", " 1", "١"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		from, err := fromOf(script.Pairs{{Key: "subscription", Value: "x"}, {Key: "from", Value: text}})
		want, wrong := strconv.ParseUint(text, 10, 63)
		switch {
		case text == "":
			if from != 0 || err != nil {
				t.Errorf("nothing is %d, %v", from, err)
			}
		case wrong != nil || want == 0:
			if err == nil {
				t.Errorf("%q is taken for %d", text, from)
			}
		case from != want || err != nil:
			t.Errorf("%q is %d, %v", text, from, err)
		}
		if text == "" {
			return
		}
		if _, err := fromOf(script.Pairs{{Key: "from", Value: text}}); err == nil {
			t.Errorf("%q is taken without a subscription", text)
		}
	})
}
