package e2e

import (
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rookery/script"
	"rookery/simgrid"
)

// question is what the scripts testdata/httpclient.* read, one a line.
type question struct {
	Words map[string]string `json:"words"`
	JSON  bool              `json:"json,omitempty"`
	Alone bool              `json:"alone,omitempty"`
	User  string            `json:"user,omitempty"`
}

// response is what they write.
type response struct {
	Status   int            `json:"status"`
	Type     string         `json:"type"`
	Encoding string         `json:"encoding"`
	Port     int            `json:"port"`
	Words    map[string]any `json:"words"`
}

// next returns the next line, whatever it is.
func (k *talker) next(what string) string {
	k.t.Helper()
	select {
	case line, ok := <-k.lines:
		if !ok {
			k.t.Fatalf("the conversation ended before %s", what)
		}
		return line
	case <-time.After(patience):
		k.t.Fatalf("%s never came", what)
	}
	return ""
}

// needCurlOfPHP skips a test when PHP is there without curl.
func needCurlOfPHP(t *testing.T) {
	t.Helper()
	if err := exec.Command("php", "-r", "exit(function_exists('curl_init') ? 0 : 1);").Run(); err != nil {
		t.Skip("needs curl in PHP (Debian package php-curl; scripts/test installs it)")
	}
}

func TestBackEndsInPHPAndPythonOverHTTP(t *testing.T) {
	t.Parallel()
	types := map[bool]string{false: "application/x-www-form-urlencoded; charset=utf-8", true: "application/json"}
	for _, tc := range []struct {
		name, program, packet, script string
		door, user                    string
	}{
		{"PHP", "php", "php-cli", "testdata/httpclient.php", "", ""},
		{"Python", "python3", "python3", "testdata/httpclient.py", "user = \"hôte\"\npassword = \"a:b c\"\n", "hôte:a:b c"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			need(t, tc.program, tc.packet)
			if tc.program == "php" {
				needCurlOfPHP(t)
			}
			w := newWorld(t, simgrid.Config{})
			p := start(t, "run", "--config", w.configure("", twoGroups+"\n[http]\nenabled = true\naddress = \"127.0.0.1:0\"\n"+tc.door))
			k := converse(t, tc.program, tc.script, "http://"+p.ready.HTTP+"/any/path")
			ask := func(q question) response {
				t.Helper()
				text, err := json.Marshal(q)
				if err != nil {
					t.Fatal(err)
				}
				k.say(string(text))
				var r response
				if line := k.next("the answer"); json.Unmarshal([]byte(line), &r) != nil {
					t.Fatalf("answered was %q", line)
				}
				return r
			}
			command := func(words ...string) map[string]string {
				all := map[string]string{"group": "Speakers", "password": "s"}
				for i := 0; i < len(words); i += 2 {
					all[words[i]] = words[i+1]
				}
				return all
			}

			// What the door asks for itself, it asks for first.
			if tc.user != "" {
				for _, q := range []question{
					{Words: command("command", "version")},
					{Words: command("command", "version"), Alone: true},
					{Words: command("command", "version"), User: "hôte:wrong"},
				} {
					if r := ask(q); r.Status != http.StatusUnauthorized || r.Words != nil {
						t.Errorf("without the door's password: %+v", r)
					}
				}
			}

			var port int
			for _, message := range []string{
				"Grüße, 世界 🐦",
				"a=b&c=d+e %41 100% ; / ? # \\ \"quoted\", <x>",
				"one line\nand another",
				"  blanks at both ends  ",
			} {
				for _, asJSON := range []bool{false, true} {
					want := map[string]any{"group": "Speakers", "command": "tell", "success": "True", "_id": message}
					q := question{command("command", "tell", "entity", "local", "message", message, "_id", message, "_nothing", ""), asJSON, false, tc.user}
					r := ask(q)
					delete(r.Words, "time")
					if r.Status != http.StatusOK || r.Type != types[asJSON] || !maps.Equal(r.Words, want) {
						t.Errorf("%q: %+v, want the words %v", message, r, want)
					}
					if spoken := awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text != "" }); spoken.Text != message {
						t.Errorf("the grid heard %q, want %q", spoken.Text, message)
					}
					if port == 0 {
						port = r.Port
					}
					if r.Port != port {
						t.Errorf("a command came from port %d, the first one from %d: the connection was not kept", r.Port, port)
					}
				}
			}
			if r := ask(question{command("command", "version", "_id", "x"), false, true, tc.user}); r.Status != http.StatusOK || r.Words["_id"] != "x" || r.Port == port {
				t.Errorf("over a connection of its own: %+v", r)
			}

			long := strings.Repeat("à la recherche ", 300)
			for _, asJSON := range []bool{false, true} {
				if r := ask(question{command("command", "version", "_long", long), asJSON, false, tc.user}); r.Encoding != "gzip" || r.Words["_long"] != long || r.Port != port {
					t.Errorf("a long answer: status %d, encoding %q, %d bytes", r.Status, r.Encoding, len(r.Words["_long"].(string)))
				}
			}

			for name, refused := range map[string]struct {
				words  map[string]string
				http   int
				status string
			}{
				"a wrong password":    {command("command", "version", "password", "p"), http.StatusForbidden, "70001"},
				"no password":         {command("command", "version", "password", ""), http.StatusForbidden, "70001"},
				"a right it has not":  {command("command", "getselfdata", "data", "Name"), http.StatusOK, "48467"},
				"an unknown command":  {command("command", "nonsense"), http.StatusOK, "8653"},
				"an empty message":    {command("command", "tell", "entity", "local", "message", ""), http.StatusOK, "52299"},
				"a message too long":  {command("command", "tell", "entity", "local", "message", long), http.StatusOK, "52299"},
				"an entity there not": {command("command", "tell", "entity", "nobody", "message", "x"), http.StatusOK, "61113"},
			} {
				for _, asJSON := range []bool{false, true} {
					if r := ask(question{refused.words, asJSON, false, tc.user}); r.Status != refused.http || r.Words["success"] != "False" || r.Words["status"] != refused.status {
						t.Errorf("%s: %+v, want status %d and %s", name, r, refused.http, refused.status)
					}
				}
			}
		})
	}
}

func TestAPythonBackEndOverTLS(t *testing.T) {
	t.Parallel()
	need(t, "python3", "python3")
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerAll}}})
	p := start(t, "run", "--config", w.configure("", twoGroups))
	host, port, err := net.SplitHostPort(p.ready.TCP)
	if err != nil {
		t.Fatal(err)
	}
	authority := filepath.Join(filepath.Dir(p.ready.Certificate), "tcp-cert.pem")
	client := func(authority, hello string) *talker {
		return converse(t, "python3", "testdata/client.py", host, port, authority, hello)
	}

	k := client(authority, "type=local"+speakers)
	if line := k.next("the handshake's answer"); line != "success=True" {
		t.Fatalf("the handshake's answer is %q", line)
	}
	k.say("command=tell&entity=local&message=" + "%C3%A9t%C3%A9+%26+%3D%0A%F0%9F%90%A6" + "&_transaction=t1" + speakers)
	k.await("the answer", has("command=tell", "success=True", "_transaction=t1"))
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "été & =\n🐦" })
	k.await("the inhabitant's reply", func(_ string, pairs script.Pairs) bool {
		return pairs.Get("type") == "local" && pairs.Get("firstname") == "Wren" && strings.Contains(pairs.Get("message"), "été & =\n🐦")
	})

	k = client(authority, "command=version&_id=1"+speakers)
	k.await("the answer to a first line that is a command", has("command=version", "success=True", "_id=1"))

	k = client(authority, "type=local&group=Speakers&password=wrong")
	k.await("the refusal", has("success=False", "status=70001"))
	k.awaitEnd()

	if line := client("", "type=local"+speakers).next("what it says of the certificate"); !strings.HasPrefix(line, "untrusted: self") {
		t.Errorf("a client that does not know the certificate said %q", line)
	}
}
