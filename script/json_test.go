package script

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextsInDataStayWholeInJSON(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"a":{"texts":1,"words":{"x":1}}}`: `{"data":["{\"a\":{\"texts\":1,\"words\":{\"x\":1}}}"]}`,
		"Hello, \"you\"\r\nthere":           `{"data":["Hello, \"you\"\r\nthere"]}`,
		"one text":                          `{"data":["one text"]}`,
		`a,"b, c",`:                         `{"data":["a","b, c",""]}`,
		`"{""a"":1}",2`:                     `{"data":["{\"a\":1}","2"]}`,
		"":                                  `{"data":[]}`,
	} {
		if got := string(AppendJSON(nil, Pairs{{"data", data}})); got != want {
			t.Errorf("%q: %s, want %s", data, got, want)
		}
	}
}

func TestJSONObjectsAreRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want Pairs
	}{
		{`{}`, nil},
		{` {"command":"tell","message":"a & b = \"c\" é","_id":7,"x":1.50} `, Pairs{{"command", "tell"}, {"message", `a & b = "c" é`}, {"_id", "7"}, {"x", "1.50"}}},
		{`{"on":true,"off":false,"nothing":null,"empty":""}`, Pairs{{"on", "True"}, {"off", "False"}, {"empty", ""}}},
		{`{"avatars":["Juno Resident","a,b","",null,3]}`, Pairs{{"avatars", `"Juno Resident","a,b",,,3`}}},
		{`{"b":"1","a":"2","b":"3"}`, Pairs{{"b", "1"}, {"a", "2"}, {"b", "3"}}},
	} {
		got, err := ParseJSON([]byte(tc.text))
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.text, diff)
		}
	}
	for _, text := range []string{``, `null`, `[]`, `"x"`, `{`, `{"a"}`, `{"a":}`, `{"a":{"b":1}}`, `{"a":[[1]]}`, `{"a":[{}]}`, `{} {}`, `{"a":"b"`, `{1:2}`} {
		if got, err := ParseJSON([]byte(text)); !errors.Is(err, ErrUndecodable) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

func TestAnswersAreWrittenAsJSON(t *testing.T) {
	t.Parallel()
	ps := Pairs{{"group", "My Group"}, {"data", `Name,"Robin ""R"" Rook",<1>`}, {"success", "True"}, {"success", "False"}, {"x", "\x00\n\u2028&<"}}
	got := string(AppendJSON([]byte(">"), ps))
	var object map[string]any
	if err := json.Unmarshal([]byte(got[1:]), &object); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	want := map[string]any{"group": "My Group", "data": []any{"Name", `Robin "R" Rook`, "<1>"}, "success": "True", "x": "\x00\n\u2028&<"}
	if diff := cmp.Diff(want, object); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"command":"tell","a":["b",1,true,null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		ps, err := ParseJSON(text)
		if err != nil {
			return
		}
		ps.Delete("data")
		again, err := ParseJSON(AppendJSON(nil, ps))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(ps.Unique().Map(), again.Map()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
