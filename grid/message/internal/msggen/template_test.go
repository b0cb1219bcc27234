package msggen

import (
	"strings"
	"testing"
)

func TestTemplateErrorsNameLineAndFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ template, want string }{
		{"\tA: B u8", "line 1: block before the first message"},
		{"low 1", `line 1: want frequency, number and name, got "low 1"`},
		{"# head\nloud 1 A", `line 2: frequency "loud": want high, medium, low or fixed`},
		{"high 255 A", `line 1: number "255": want 1 to 254`},
		{"low x A", `line 1: number "x": want 1 to 65535`},
		{"low 1 a", `line 1: name "a": want a Go identifier with a capital`},
		{"low 1 A fast", `line 1: unknown flag "fast"`},
		{"low 1 A\n\tB C u8", `line 2: block "B C u8": want a colon after the name`},
		{"low 1 A\n\tB*0: C u8", `line 2: block B: repetition "0": want 1 to 255`},
		{"low 1 A\n\tB: C", `line 2: block B: field " C": want a name and a type`},
		{"low 1 A\n\tB: C u9", `line 2: block B: field C: unknown type "u9"`},
		{"low 1 A\n\tB: C fixed0", `line 2: block B: field C: unknown type "fixed0"`},
		{"low 1 A\n\tB: C u8, C u8", "A.B: field C is there twice"},
		{"low 1 A\nlow 1 B", "number low 1 is both A and B"},
		{"low 1 A\nlow 2 A", "type name A is taken twice"},
		{"low 1 A\n\tB: C u8\nlow 2 AB", "type name AB is taken twice"},
	} {
		_, err := Generate(strings.NewReader(c.template))
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: error %v, want %s", c.template, err, c.want)
		}
	}
}
