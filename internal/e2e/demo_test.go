package e2e

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rookery/script"
)

const (
	demoHello = "group=My Group&password=mypassword&type=local"
	demoAuth  = "&group=My Group&password=mypassword"
)

// fromInhabitant accepts what somebody else than the agent says in local chat.
func fromInhabitant(agent script.Pairs) func(string, script.Pairs) bool {
	return func(_ string, pairs script.Pairs) bool {
		return pairs.Get("type") == "local" && pairs.Get("entity") == "Agent" && pairs.Get("message") != "" &&
			pairs.Get("owner") != agent.Get("owner")
	}
}

func TestOpenSSLSessionHearsInhabitantsAndCommandsTheAgent(t *testing.T) {
	t.Parallel()
	need(t, "openssl", "openssl")
	p := start(t, "demo", "--tcp", "127.0.0.1:0")
	k := converse(t, "openssl", "s_client", "-connect", p.ready.TCP, "-CAfile", p.ready.Certificate, "-verify_return_error", "-quiet")
	k.say(demoHello)
	k.await("the handshake's answer", func(line string, _ script.Pairs) bool { return line == "success=True" })
	heard := k.await("an inhabitant talking", func(_ string, pairs script.Pairs) bool {
		return pairs.Get("type") == "local" && pairs.Get("notification") == "local" && pairs.Get("message") != ""
	})
	if heard.Get("firstname") == "" || heard.Get("lastname") == "" {
		t.Errorf("local notification names nobody: %v", heard)
	}
	k.say("command=tell" + demoAuth + "&entity=local&message=hello&_id=7")
	answer := k.await("the answer", has("command=tell"))
	if answer.Get("success") != "True" || answer.Get("group") != "My Group" || answer.Get("_id") != "7" || !answer.Has("time") {
		t.Errorf("answer %v", answer)
	}
	// The agent hears itself too; the reply is somebody else's.
	self := k.await("the agent's own words", has("type=local", "message=hello"))
	k.await("an inhabitant's reply", fromInhabitant(self))
}

func TestExecAndTailOfTheDemo(t *testing.T) {
	t.Parallel()
	p := start(t, "demo", "--tcp", "127.0.0.1:0")
	env := []string{"ROOKERY_GROUP=my group", "ROOKERY_PASSWORD=mypassword", "ROOKERY_ADDR=" + p.ready.TCP, "ROOKERY_CA=" + p.ready.Certificate}
	for _, tc := range []struct {
		name string
		args []string
		code int
		out  string
		err  string
	}{
		{"a command by its name alone", []string{"exec", "version"}, 0, "success=True\n", ""},
		{"a value with blanks and signs", []string{"exec", "command=tell", "entity=local", "message=a=b & c, \"d\" é"}, 0, "success=True\n", ""},
		{"an unknown command", []string{"exec", "command=frobnicate"}, 1, "error=command not found: \"frobnicate\"", ""},
		{"a missing message", []string{"exec", "command=tell", "entity=local"}, 1, "status=", ""},
		{"no command", []string{"exec", "entity=local", "message=x"}, 2, "", "no command"},
		{"an argument without a key", []string{"exec", "command=tell", "hello"}, 2, "", "argument 2"},
		{"a wrong address", []string{"exec", "--addr", "nowhere", "version"}, 2, "", "HOST:PORT"},
		{"a wrong password", []string{"exec", "--password", "wrong", "version"}, 1, "success=False\n", ""},
		{"an unknown notification", []string{"tail", "--type", "local,nonsense"}, 3, "", "nonsense"},
		{"notifications, readable", []string{"tail", "--type", "local", "--count", "1"}, 0, "local", ""},
		{"notifications, raw", []string{"tail", "--type", "local", "--count", "1", "--raw"}, 0, "type=local", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			out, errOut, code := rookery(t, env, tc.args...)
			if code != tc.code || !strings.Contains(out, tc.out) || !strings.Contains(errOut, tc.err) {
				t.Errorf("rookery %q: exit code %d, want %d\nstandard output %q, want %q in it\nstandard error %q, want %q in it",
					tc.args, code, tc.code, out, tc.out, errOut, tc.err)
			}
		})
	}
	t.Run("an untrusted certificate", func(t *testing.T) {
		t.Parallel()
		_, errOut, code := rookery(t, append(env, "ROOKERY_CA="), "exec", "version")
		if code != 3 || !strings.Contains(errOut, "--ca") {
			t.Errorf("exit code %d, standard error %q", code, errOut)
		}
	})
}

func TestDemoKeepsItsCertificateInTheGivenDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, "demo", "--tcp", "127.0.0.1:0", "--dir", dir)
	first.stop()
	second := start(t, "demo", "--tcp", "127.0.0.1:0", "--dir", dir)
	if first.ready.Fingerprint == "" || second.ready.Fingerprint != first.ready.Fingerprint {
		t.Errorf("the first run's certificate is %q, the second's %q", first.ready.Fingerprint, second.ready.Fingerprint)
	}
	if filepath.Dir(second.ready.Certificate) != dir {
		t.Errorf("certificate %s is not in %s", second.ready.Certificate, dir)
	}
}

func TestOddClientsAreRefusedAndHarmNobody(t *testing.T) {
	t.Parallel()
	p := start(t, "demo", "--tcp", "127.0.0.1:0", "--plain")
	good := dialPlain(t, p.ready.TCP)
	good.say(demoHello)
	good.await("the handshake's answer", has("success=True"))

	for _, tc := range []struct{ name, first, want string }{
		{"an empty line", "", "success=False"},
		{"not key-value text", "hello there", "success=False"},
		{"a wrong password", "group=My Group&password=no&type=local", "success=False"},
		{"an unknown group", "group=Nobody&password=mypassword&type=local", "success=False"},
		{"an unknown notification", "group=My Group&password=mypassword&type=local,nonsense", "success=False"},
		{"no notification", "group=My Group&password=mypassword", "success=False"},
		{"bytes that are not UTF-8", "group=My Group&password=\xff\xfe&type=local", "success=False"},
		{"a line over 64 KiB", "group=My Group&password=mypassword&type=" + strings.Repeat("x", 70<<10), "success=False"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := dialPlain(t, p.ready.TCP)
			k.say(tc.first)
			lines := k.awaitEnd()
			if len(lines) != 1 || !strings.HasPrefix(lines[0], tc.want+"&error=") || !strings.Contains(lines[0], "&status=") {
				t.Errorf("got %q, want one line %s&error=…&status=…", lines, tc.want)
			}
		})
	}

	// One that subscribes and never reads.
	deaf, err := net.Dial("tcp", p.ready.TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	if _, err := deaf.Write([]byte(demoHello + "\n")); err != nil {
		t.Fatal(err)
	}

	good.say("command=version" + demoAuth + "&_id=still-here")
	good.await("an answer for the well-behaved", has("command=version", "success=True", "_id=still-here"))
}

func dialPlain(t *testing.T, addr string) *talker {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return talk(t, conn, conn)
}
