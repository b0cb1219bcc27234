package e2e

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"rookery/simgrid"
)

func TestCurlCommandsTheAgentOverHTTP(t *testing.T) {
	t.Parallel()
	need(t, "curl", "curl")
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure("", twoGroups+"\n[http]\nenabled = true\naddress = \"127.0.0.1:0\"\n"))
	curl := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("curl", append([]string{"-sS", "--max-time", "60"}, args...)...).Output()
		if err != nil {
			t.Fatalf("curl %q: %v", args, err)
		}
		return string(out)
	}
	url := "http://" + p.ready.HTTP + "/any/path"

	out := curl("-w", " %{http_code} %{content_type}", url, "-d", "command=tell&entity=local"+speakers, "--data-urlencode", "message=a & b = été", "-d", "_id=7")
	if !strings.Contains(out, "success=True") || !strings.Contains(out, "&_id=7") || !strings.HasSuffix(out, " 200 application/x-www-form-urlencoded; charset=utf-8") {
		t.Errorf("curl got %q", out)
	}
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "a & b = été" })

	out = curl(url, "--compressed", "-H", "Content-Type: application/json", "-d", `{"command":"tell","group":"Speakers","password":"s","entity":"local","message":"{json}"}`)
	var answer map[string]any
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer["success"] != "True" || answer["group"] != "Speakers" {
		t.Errorf("curl got %q (%v)", out, err)
	}
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "{json}" })

	for name, tc := range map[string]struct {
		body, want string
	}{
		"a wrong password":    {"command=version&group=Speakers&password=x", "error=access+denied&status=70001&success=False"},
		"a right it has not":  {"command=getselfdata&data=Name" + speakers, "status=48467&success=False"},
		"an unknown command":  {"command=nonsense" + speakers, "status=8653&success=False"},
		"a missing parameter": {"command=tell&entity=local" + speakers, "success=False"},
		"what is no words":    {"hello", "status=70007&success=False"},
	} {
		if out := curl(url, "-d", tc.body); !strings.Contains(out, tc.want) {
			t.Errorf("%s: curl got %q, want %q in it", name, out, tc.want)
		}
	}
	if out := curl("http://" + p.ready.HTTP + "/healthz"); out != "ok\n" {
		t.Errorf("health: %q", out)
	}
}

func TestTheDescriptionOfTheHTTPDoorIsValid(t *testing.T) {
	t.Parallel()
	needPackage(t, "@apidevtools/swagger-parser")
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure("", twoGroups+"\n[http]\nenabled = true\naddress = \"127.0.0.1:0\"\n"))
	out, err := exec.Command("node", "testdata/openapi.js", "http://"+p.ready.HTTP+"/openapi.json").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "valid: OpenAPI 3.1") {
		t.Errorf("%v: %s", err, out)
	}
}
