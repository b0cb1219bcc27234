package e2e

import (
	"slices"
	"strings"
	"testing"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

const allDoors = `
[[groups]]
name = "All"
uuid = "11111111-1111-4111-8111-111111111111"
password = "a"
permissions = ["*"]
notifications = ["*"]
schedules = 20

[[groups]]
name = "Fèw & more"
uuid = "22222222-2222-4222-8222-222222222222"
password = "fëw=%&+ \"f\""
permissions = ["grooming"]
notifications = ["local"]

[http]
enabled = true
address = "127.0.0.1:0"

[websocket]
enabled = true
address = "127.0.0.1:0"

[mqtt]
enabled = true
address = "127.0.0.1:0"

[udp]
enabled = true
address = "127.0.0.1:0"

[outgoing]
allow_private = ["127.0.0.1"]

[files]
directory = "."
`

// Where a command cannot be given or answered as it is elsewhere.
const (
	everywhere = iota
	notInWorld // objects say 1,023 bytes at most, and need the callback for the answer
	unheard    // in the world, as there are no callbacks for who has shown no password
)

// What is not in the table differs by nature: text without the key command, which
// a connection, a session and a topic take for different things; commands without
// a group, which a topic and a connection may have; wrong escapes and wrong JSON;
// counters, such as those of getheartbeatdata; who asked, in the list of schedules.
func TestTheSameCommandsHaveTheSameAnswersAtEveryDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{
		{First: "Wren", Last: "Hollow", Region: "Rookery", Position: grid.Vector3{X: 140, Y: 128, Z: 25}, Answers: simgrid.AnswerNone},
	}})
	if _, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Bench", Position: grid.Vector3{X: 127, Y: 128, Z: 25}}); err != nil {
		t.Fatal(err)
	}
	wren := w.Inhabitant("Wren", "Hollow").ID().String()
	p := start(t, "run", "--config", w.configure(plainDoor, allDoors))
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })
	all, posted := doors(t, w, p)
	// The agent falls when it arrives: it must stand before it is asked where.
	for standing := false; !standing; {
		answer := all[0].ask(words{"command", "getselfdata", "data", "SimPosition", "group", "All", "password", "a"})
		i := slices.IndexFunc(answer, func(a answered) bool { return a.key == "data" })
		if i < 0 {
			t.Fatalf("no data in %q", answer)
		}
		known, err := script.ParseVector3(script.ParseCSV(answer[i].value)[1])
		if err != nil {
			t.Fatal(err)
		}
		s, _ := w.Avatar(w.agent)
		standing = s.OnGround && float32(known.Z) == s.Position.Z
	}
	few := words{"group", "Fèw & more", "password", "fëw=%&+ \"f\""}

	const some = "\x00some" // data that is the same everywhere, whatever it is
	long := strings.Repeat("é", 600)
	for _, tc := range []struct {
		words  words
		data   string
		status string
		where  int
	}{
		// A command and what holds for every one.
		{words{"command", "version"}, some, "", everywhere},
		{words{"command", "VerSion"}, some, "", everywhere},
		{words{"command", "version", "group", "ALL"}, some, "", everywhere},
		{words{"command", "version", "group", "11111111-1111-4111-8111-111111111111"}, some, "", everywhere},
		{append(words{"command", "version"}, few...), some, "", everywhere},
		{words{"command", "version", "command", "nonsense"}, some, "", everywhere},
		{words{"command", "nonsense"}, "", "8653", everywhere},
		{words{"command", ""}, "", "8653", notInWorld}, // an object's words without a command are words
		{words{"command", "version", "timeout", 1000}, some, "", everywhere},
		{words{"command", "version", "timeout", "soon"}, "", "70003", everywhere},
		{words{"command", "version", "timeout", 0}, "", "70003", everywhere},
		{words{"command", "version", "callback", "nowhere"}, "", "65303", notInWorld},

		// Keys that come back.
		{words{"command", "version", "_id", "1", "x", "2", "Schlüssel & Wört=er", "Grüße, 世界 🐦"}, some, "", everywhere},
		{words{"command", "version", "_a", "a=b&c=d+e %41%zz", "_b", "\"quoted\", 'and' \\ so on", "_c", "one\nand\r\nanother\t"}, some, "", everywhere},
		{words{"command", "version", "_empty", "", "_blank", " ", "_last", "z"}, some, "", everywhere},
		{words{"command", "version", "_n", 12, "_f", 1.5, "_t", true, "_l", list{"a", "b,c", "d\"e", ""}}, some, "", everywhere},
		{words{"command", "version", "_twice", "1", "_twice", "2"}, some, "", everywhere},
		{words{"command", "version", "_html", "<a href='x'>&amp;</a>", "_\u2028", "\u2029\u00ad\ufeff"}, some, "", everywhere},
		{words{"command", "version", "_long", long + long}, some, "", notInWorld},
		{words{"command", "version", "entity", "local", "data", "x", "name", "y"}, some, "", everywhere},

		// Who may not.
		{words{"command", "version", "password", "wrong"}, "", "70001", unheard},
		{words{"command", "version", "password", "A"}, "", "70001", unheard},
		{words{"command", "version", "password", ""}, "", "70001", unheard},
		{words{"command", "version", "group", "Nobody", "_id", "x"}, "", "70001", unheard},
		{words{"command", "nonsense", "group", "", "password", "a"}, "", "70001", unheard},
		{append(words{"command", "tell", "entity", "local", "message", "x", "_id", "7"}, few...), "", "48467", everywhere},
		{append(words{"command", "execute", "file", "true"}, few...), "", "48467", everywhere},
		{append(words{"command", "getselfdata", "data", "Name"}, few...), "Name,\"Robin Rook\"", "", everywhere},

		// Commands about commands.
		{words{"command", "listcommands"}, some, "", everywhere},
		{append(words{"command", "listcommands"}, few...), some, "", everywhere},
		{words{"command", "getcommand", "name", "tell", "entity", "syntax", "type", "input"}, some, "", everywhere},
		{words{"command", "getcommand", "name", "Tell", "entity", "permission"}, "talk", "", everywhere},
		{words{"command", "getcommand", "name", "nonsense", "entity", "permission"}, "", "8653", everywhere},
		{words{"command", "getcommand", "entity", "permission"}, "", "40665", everywhere},
		{words{"command", "getstatus", "status", 70001, "entity", "description"}, "access denied", "", everywhere},
		{words{"command", "getstatus", "status", 1, "entity", "description"}, "", "13764", everywhere},
		{words{"command", "getstatus", "status", "one", "entity", "description"}, "", "61473", everywhere},

		// Data and what is picked from it.
		{words{"command", "getselfdata", "data", list{"Name", "AgentID", "nonsense", "HomePosition"}}, some, "", everywhere},
		{words{"command", "getselfdata"}, "", "", everywhere},
		{words{"command", "getselfdata", "data", list{"FirstName", "LastName"}, "sift", list{"skip", 1, "each", 2}}, "Robin,Rook", "", everywhere},
		{words{"command", "getselfdata", "data", "FirstName,LastName", "sift", "reverse,"}, "Rook,LastName,Robin,FirstName", "", everywhere},
		{words{"command", "getselfdata", "data", "Name", "sift", list{"match", "Name,\"(\\w+) (\\w+)\""}}, "Robin,Rook", "", everywhere},
		{words{"command", "getselfdata", "data", "Name", "sift", list{"js", "data.split(' ').join('&é=\\n')"}}, "Name,\"Robin&é=\nRook\"", "", everywhere},
		{words{"command", "getselfdata", "data", "Name", "sift", list{"sha256", ""}}, some, "", everywhere},
		{words{"command", "getselfdata", "data", "Name", "sift", list{"take", "none"}}, "", "70006", everywhere},
		{words{"command", "getselfdata", "data", "Name", "sift", list{"mix", ""}}, "", "64450", everywhere},
		{words{"command", "getregiondata", "data", list{"Name", "SizeX", "WaterHeight", "Handle"}}, some, "", everywhere},
		{words{"command", "getregiondata", "region", "Nowhere", "data", "Name"}, "", "35447", everywhere},
		{words{"command", "getnetworkdata", "data", "Connected,CurrentSim.Name"}, "Connected,true,CurrentSim.Name,Rookery", "", everywhere},
		{words{"command", "getcameradata", "data", "Far"}, some, "", everywhere},
		{words{"command", "getmovementdata", "data", "Mouselook,Camera.Far"}, some, "", everywhere},
		{words{"command", "getheartbeatdata"}, "", "3638", everywhere},
		{words{"command", "getheartbeatdata", "data", "Version,HistoryLength"}, some, "", everywhere},

		// Avatars.
		{words{"command", "getavatardata", "firstname", "wren", "lastname", "hollow", "data", "Name,ID"}, "Name,\"Wren Hollow\",ID," + wren, "", everywhere},
		{words{"command", "getavatardata", "agent", wren, "data", list{"FirstName", "SittingOn"}}, some, "", everywhere},
		{words{"command", "getavatardata", "firstname", "Nobody", "data", "Name"}, "", "57961", everywhere},
		{words{"command", "getavatarsdata", "entity", "region", "data", "Name"}, "Name,\"Robin Rook\",Name,\"Wren Hollow\"", "", everywhere},
		{words{"command", "getavatarsdata", "entity", "planet", "data", "Name"}, "", "61113", everywhere},
		{words{"command", "batchavatarnametokey", "avatars", list{"wren.hollow", "No Body"}}, some, "", everywhere},
		{words{"command", "batchavatarkeytoname", "avatars", list{wren, "garbage"}}, wren + ",\"Wren Hollow\"", "", everywhere},

		// Doing something.
		{words{"command", "tell", "entity", "local", "message", "Grüße & so = weiter + 100% 🐦"}, "", "", everywhere},
		{words{"command", "tell", "entity", "local", "message", "zwei\nZeilen", "type", "Shout", "channel", 0}, "", "", everywhere},
		{words{"command", "tell", "entity", "local", "message", ""}, "", "52299", everywhere},
		{words{"command", "tell", "entity", "local", "message", long}, "", "52299", notInWorld},
		{words{"command", "tell", "entity", "local", "message", "x", "channel", "one"}, "", "70003", everywhere},
		{words{"command", "tell", "entity", "nobody", "message", "x"}, "", "61113", everywhere},
		{words{"command", "tell", "entity", "avatar", "agent", wren, "message", "psst"}, "", "", everywhere},
		{words{"command", "tell", "entity", "avatar", "firstname", "Nobody", "message", "psst"}, "", "57961", everywhere},
		{words{"command", "language", "action", "detect", "message", "Das ist doch nicht so schwer zu verstehen, oder?"}, some, "", everywhere},
		{words{"command", "away", "action", "enable"}, "", "", everywhere},
		{words{"command", "away", "action", "get"}, "True", "", everywhere},
		{words{"command", "away", "action", "disable"}, "", "", everywhere},
		{words{"command", "busy", "action", "dance"}, "", "59526", everywhere},
		{words{"command", "typing", "action", "get"}, "False", "", everywhere},
		{words{"command", "sit", "item", "Bench"}, "", "", everywhere},
		{words{"command", "sit", "item", "Throne"}, "", "22693", everywhere},
		{words{"command", "sit"}, "", "43156", everywhere},
		{words{"command", "stand", "deanimate", "maybe"}, "", "70003", everywhere},
		{words{"command", "stand", "deanimate", true}, "", "", everywhere},
		{words{"command", "turn", "radians", 0.5, "direction", "left"}, "", "", everywhere},
		{words{"command", "turn", "radians", "some", "direction", "left"}, "", "45173", everywhere},
		{words{"command", "turnto", "position", "<128, 0, 25>"}, "", "", everywhere},
		{words{"command", "turnto", "position", "<1,2>"}, "", "59524", everywhere},
		{words{"command", "nudge", "direction", "sideways"}, "", "55979", everywhere},
		{words{"command", "teleport", "entity", "moon"}, "", "61113", everywhere},

		// What is kept.
		{words{"command", "database", "SQL", "CREATE TABLE IF NOT EXISTS t (k TEXT PRIMARY KEY, v TEXT)"}, "", "", everywhere},
		{words{"command", "database", "SQL", "INSERT OR REPLACE INTO t VALUES (:k, :v)", "data", list{"k", "é, \"1\"", "v", "a\nb"}}, "", "", everywhere},
		{words{"command", "database", "SQL", "SELECT * FROM t"}, "k,\"é, \"\"1\"\"\",v,\"a\nb\"", "", everywhere},
		{words{"command", "database", "SQL", "SELECT nonsense FROM t"}, some, "8169", everywhere},
		{words{"command", "database"}, "", "25252", everywhere},
		{words{"command", "writefile", "path", "é.txt", "data", "a, b\n\"c\" & d", "action", "create"}, "", "", everywhere},
		{words{"command", "readfile", "path", "é.txt", "sift", "sha1,"}, some, "", everywhere},
		{words{"command", "readfile", "path", "../../etc/passwd"}, some, "38278", everywhere},
		{words{"command", "at", "action", "add", "time", "2999-01-01T00:00:00Z", "data", "command=version"}, "", "", everywhere},
		{words{"command", "at", "action", "remove", "index", 0}, "", "", everywhere},
		{words{"command", "at", "action", "add", "time", "whenever", "data", "command=version"}, "", "41612", everywhere},
		{words{"command", "notify", "action", "set", "type", list{"message", "lure"}, "URL", "http://127.0.0.1:9/ä?b=c&d", "tag", list{"t,1", "t2"}}, "", "", everywhere},
		{words{"command", "notify", "action", "list", "type", "lure"}, some, "", everywhere},
		{words{"command", "notify", "action", "purge"}, "", "", everywhere},
		{words{"command", "notify", "action", "list"}, "", "", everywhere},
		{words{"command", "notify", "action", "set", "type", "nonsense", "URL", "http://127.0.0.1:9/"}, some, "65327", everywhere},
		{words{"command", "configuration", "action", "get", "path", "groups[1].name"}, "Fèw & more", "", everywhere},
		{words{"command", "configuration", "action", "get", "path", "tcp.nonsense"}, "", "20901", everywhere},
		{words{"command", "getconfigurationdata", "data", list{"FirstName", "Groups"}}, some, "", everywhere},
		{words{"command", "filter", "action", "get", "type", "input"}, "RFC1738", "", everywhere},
		{words{"command", "cache", "action", "empty"}, "", "59526", everywhere},
		{words{"command", "execute", "file", "printf", "parameter", "%s \"a b\""}, "a b", "", everywhere},
		{words{"command", "execute"}, "", "11910", everywhere},
	} {
		asked := slices.Clone(tc.words)
		if asked.get("group") == nil {
			asked = append(asked, "group", "All")
		}
		if asked.get("password") == nil {
			asked = append(asked, "password", "a")
		}
		name := asked.form()
		var first []answered
		for _, d := range all {
			if d.tell != nil && tc.where != everywhere {
				if tc.where == unheard {
					d.tell(asked)
				}
				continue
			}
			answer := timeless(t, d.ask(asked))
			if first == nil {
				first = answer
				got := map[string]string{}
				for _, a := range answer {
					got[a.key] = a.value
				}
				if got["status"] != tc.status || got["success"] != spelt(tc.status == "") || got["data"] != tc.data && (tc.data != some || got["data"] == "") {
					t.Errorf("%s: %s answered %q", name, d.name, answer)
				}
				continue
			}
			if !same(first, answer) {
				t.Errorf("%s:\n%s answered %q,\n%s %q", name, all[0].name, first, d.name, answer)
			}
		}
	}
	if n := len(posted.posts); n > 0 {
		t.Errorf("%d answers more than questions were posted to an object", n)
	}
}
