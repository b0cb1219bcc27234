package broker

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTopicsAndFilters(t *testing.T) {
	t.Parallel()
	for text, tc := range map[string]struct{ topic, filter bool }{
		"a": {true, true}, "/": {true, true}, "a/b c/é": {true, true}, "$SYS/x": {true, true}, "$share/n/a": {true, true},
		"#": {false, true}, "+": {false, true}, "a/#": {false, true}, "a/+/b": {false, true}, "+/+": {false, true}, "/#": {false, true},
		"$share/n/#": {false, true}, "$share/n/a/+": {false, true},
		"a#": {}, "#/a": {}, "a/#/b": {}, "a+": {}, "+a/b": {}, "##": {}, "": {}, "a\x00b": {}, "\xff": {},
		"$share/n": {true, false}, "$share//a": {true, false}, "$share/+/a": {}, "$share/n/": {true, false},
		strings.Repeat("x", 65535): {true, true}, strings.Repeat("x", 65536): {},
	} {
		if err := CheckTopic(text); (err == nil) != tc.topic {
			t.Errorf("topic %.20q: %v", text, err)
		}
		if err := CheckFilter(text); (err == nil) != tc.filter {
			t.Errorf("filter %.20q: %v", text, err)
		}
	}
}

func FuzzCheckFilter(f *testing.F) {
	for _, text := range []string{"a/+/#", "$share/a/b", "#/", "+a", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		topic, filter := CheckTopic(text) == nil, CheckFilter(text) == nil
		if filter && (!utf8.ValidString(text) || text == "") {
			t.Fatalf("%q is a filter", text)
		}
		if topic && Wild(text) {
			t.Fatalf("%q is a topic", text)
		}
		if topic && !filter && !Shared(text) {
			t.Fatalf("%q is a topic but no filter", text)
		}
	})
}
