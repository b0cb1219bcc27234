package login_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rookery/grid"
	"rookery/grid/login"
)

var agentID = uuid.MustParse("aaaaaaaa-0000-4000-8000-000000000001")

func name() *rapid.Generator[string] {
	return rapid.StringMatching(`[A-Za-z0-9<>&äöü'\]\[]([A-Za-z0-9<>&äöü' ]{0,10}[A-Za-z0-9<>&])?`)
}

func id() *rapid.Generator[grid.UUID] {
	return rapid.Custom(func(t *rapid.T) grid.UUID {
		b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")
		b[0] |= 1 // the null UUID means that there is none
		return grid.UUID(b)
	})
}

func vector() *rapid.Generator[grid.Vector3] {
	return rapid.Custom(func(t *rapid.T) grid.Vector3 {
		f := rapid.Float32Range(-1e5, 1e5)
		return grid.Vector3{X: f.Draw(t, "x"), Y: f.Draw(t, "y"), Z: f.Draw(t, "z")}
	})
}

func response() *rapid.Generator[*login.Response] {
	return rapid.Custom(func(t *rapid.T) *login.Response {
		folder := rapid.Custom(func(t *rapid.T) login.Folder {
			return login.Folder{
				ID: id().Draw(t, "id"), Parent: id().Draw(t, "parent"), Name: name().Draw(t, "name"),
				Type: rapid.IntRange(-1, 100).Draw(t, "type"), Version: rapid.IntRange(0, 1e6).Draw(t, "version"),
			}
		})
		category := rapid.Custom(func(t *rapid.T) login.Category {
			return login.Category{ID: rapid.IntRange(0, 99).Draw(t, "id"), Name: name().Draw(t, "name")}
		})
		many := func(label string) int { return rapid.IntRange(0, 3).Draw(t, label) }
		r := &login.Response{
			AgentID: id().Draw(t, "agent"), SessionID: id().Draw(t, "session"), SecureSessionID: id().Draw(t, "secure"),
			First: name().Draw(t, "first"), Last: name().Draw(t, "last"),
			CircuitCode: rapid.Uint32().Draw(t, "code"),
			Simulator:   netip.AddrPortFrom(netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "ip"))), rapid.Uint16Min(1).Draw(t, "port")),
			HTTPPort:    rapid.Uint16().Draw(t, "http"),
			RegionX:     rapid.Uint32().Draw(t, "x"), RegionY: rapid.Uint32().Draw(t, "y"),
			RegionSizeX: 256 * rapid.Uint32Range(1, 32).Draw(t, "sx"), RegionSizeY: 256 * rapid.Uint32Range(1, 32).Draw(t, "sy"),
			SeedCapability: "http://127.0.0.1:9000/CAPS/a?b=c&d", StartLocation: name().Draw(t, "start"), LookAt: vector().Draw(t, "look"),
			Message: name().Draw(t, "message"), AgentAccess: "PG", AgentAccessMax: "M", AgentRegionAccess: "PG",
			MaxAgentGroups: rapid.IntRange(1, 100).Draw(t, "groups"), MFAHash: name().Draw(t, "mfa"),
			ServerTime: time.Unix(int64(rapid.Int32Min(1).Draw(t, "time")), 0).UTC(), InventoryHost: name().Draw(t, "host"),
			UDPBlacklist:  []string{"EnableSimulator", "TeleportFinish"}[:rapid.IntRange(0, 2).Draw(t, "blacklist")],
			InventoryRoot: id().Draw(t, "root"), LibraryRoot: id().Draw(t, "lib"), LibraryOwner: id().Draw(t, "owner"),
			Inventory: rapid.SliceOfN(folder, 0, 3).Draw(t, "inventory"), Library: rapid.SliceOfN(folder, 0, 3).Draw(t, "library"),
			InitialOutfit:   login.Outfit{Folder: name().Draw(t, "outfit"), Gender: "male"},
			Flags:           login.Flags{DaylightSavings: rapid.Bool().Draw(t, "dst"), Gendered: true, EverLoggedIn: rapid.Bool().Draw(t, "ever")},
			Textures:        login.Textures{Sun: id().Draw(t, "sun"), Cloud: id().Draw(t, "cloud")},
			EventCategories: rapid.SliceOfN(category, 0, 3).Draw(t, "events"), ClassifiedCategories: rapid.SliceOfN(category, 0, 3).Draw(t, "classifieds"),
			UIConfig: map[string]string{"allow_first_life": "Y"}, MapServerURL: "http://map/", Currency: "OS$", AppearanceURL: "http://bake/",
			ProfileServerURL: "http://profile/", SearchURL: "http://search/", OpenIDURL: "http://id/", OpenIDToken: "t", AccountType: "Base",
			DestinationURL: "http://guide/", AvatarPickerURL: "http://avatars/",
		}
		for range many("buddies") {
			r.Buddies = append(r.Buddies, login.Buddy{ID: id().Draw(t, "buddy"), RightsGiven: rapid.IntRange(0, 7).Draw(t, "given"), RightsHas: 1})
		}
		for range many("gestures") {
			r.Gestures = append(r.Gestures, login.Gesture{ItemID: id().Draw(t, "item"), AssetID: id().Draw(t, "asset")})
		}
		if rapid.Bool().Draw(t, "home") {
			r.Home = &login.HomeLocation{
				Region:   grid.HandleAt(256*rapid.Uint32Range(0, 10000).Draw(t, "hx"), 256*rapid.Uint32Range(0, 10000).Draw(t, "hy")),
				Position: vector().Draw(t, "home position"), LookAt: vector().Draw(t, "home look"),
			}
		}
		return r
	})
}

func TestEveryResponseSurvivesBothForms(t *testing.T) {
	t.Parallel()
	options := append([]string{"max-agent-groups"}, login.DefaultOptions...)
	for _, form := range []login.Form{login.XMLRPC, login.LLSD} {
		t.Run(form.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				want := response().Draw(t, "response")
				b, err := login.EncodeResponse(form, want, options)
				if err != nil {
					t.Fatal(err)
				}
				got, err := login.DecodeResponse(b)
				if err != nil {
					t.Fatalf("%v in %s", err, b)
				}
				d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.AddrPort{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(login.Response{}, "Raw"))
				if d != "" {
					t.Fatalf("%s\nin %s", d, b)
				}
			})
		})
	}
}

// answer frames members of XML-RPC, written as name=type:text.
func answer(members ...string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><methodResponse><params><param><value><struct>`)
	for _, m := range members {
		key, rest, _ := strings.Cut(m, "=")
		typ, text, _ := strings.Cut(rest, ":")
		if typ == "" {
			fmt.Fprintf(&b, "<member><name>%s</name><value>%s</value></member>\n", key, text)
			continue
		}
		fmt.Fprintf(&b, "<member>\n<name>%s</name><value> <%s>%s</%s>\n</value></member>\n", key, typ, text, typ)
	}
	b.WriteString(`</struct></value></param></params></methodResponse>`)
	return []byte(b.String())
}

var enough = []string{
	"login=string:true", "agent_id=string:aaaaaaaa-0000-4000-8000-000000000001", "session_id=:bbbbbbbb-0000-4000-8000-000000000001",
	"sim_ip=string:127.0.0.1", "sim_port=i4:9000",
}

func TestOddFormsOfGridsAreUnderstood(t *testing.T) {
	t.Parallel()
	first := func(name string, s string) string {
		return name + "=array:<data><value><struct><member><name>" + s + "</value></member></struct></value></data>"
	}
	tests := []struct {
		name   string
		member string
		get    func(r *login.Response) any
		want   any
	}{
		{"login as boolean", "login=boolean:1", func(r *login.Response) any { return r.AgentID }, agentID},
		{"login as Y", "login=:Y", func(r *login.Response) any { return r.AgentID }, agentID},
		{"port as text", "sim_port=string:13001", func(r *login.Response) any { return r.Simulator.Port() }, uint16(13001)},
		{"signed circuit code", "circuit_code=i4:-1", func(r *login.Response) any { return r.CircuitCode }, uint32(0xffffffff)},
		{"unsigned circuit code", "circuit_code=i8:4294967295", func(r *login.Response) any { return r.CircuitCode }, uint32(0xffffffff)},
		{"circuit code as text", "circuit_code=:305160921", func(r *login.Response) any { return r.CircuitCode }, uint32(305160921)},
		{"look_at", "look_at=string:[r0.99949799999999999756,r0.03166859999999999814,r0]", func(r *login.Response) any { return r.LookAt }, grid.Vector3{X: 0.999498, Y: 0.0316686}},
		{"look_at in quotes", "look_at=string:['r1.0','r0.0','r-0.5']", func(r *login.Response) any { return r.LookAt }, grid.Vector3{X: 1, Z: -0.5}},
		{"look_at with exponents", "look_at=string:[r1,r-8.7e-08,r0]", func(r *login.Response) any { return r.LookAt }, grid.Vector3{X: 1, Y: -8.7e-08}},
		{"look_at garbage", "look_at=string:north", func(r *login.Response) any { return r.LookAt }, grid.Vector3{}},
		{"name in quotes", `first_name=string:"Robin"`, func(r *login.Response) any { return r.First }, "Robin"},
		{"home", "home=string:{'region_handle':[r256000, r256256], 'position':[r50.1,r60,r70], 'look_at':[r0,r1,r0]}", func(r *login.Response) any { return *r.Home }, login.HomeLocation{
			Region: grid.HandleAt(256000, 256256), Position: grid.Vector3{X: 50.1, Y: 60, Z: 70}, LookAt: grid.Vector3{Y: 1},
		}},
		{"home in quotes", "home=string:{'region_handle':['r256000','r256256'], 'position':['r50.1','r60','r70'], 'look_at':['r0','r1','r0']}", func(r *login.Response) any { return r.Home.Region }, grid.HandleAt(256000, 256256)},
		{"home garbage", "home=string:nowhere", func(r *login.Response) any { return r.Home == nil }, true},
		{"home empty", "home=string:", func(r *login.Response) any { return r.Home == nil }, true},
		{"blacklist as text", "udp_blacklist=string:EnableSimulator, TeleportFinish,,CrossedRegion", func(r *login.Response) any { return r.UDPBlacklist }, []string{"EnableSimulator", "TeleportFinish", "CrossedRegion"}},
		{"size missing", "x=string:", func(r *login.Response) any { return r.RegionSizeX }, uint32(256)},
		{"size of a large region", "region_size_x=i4:1024", func(r *login.Response) any { return r.RegionSizeX }, uint32(1024)},
		{"groups by the old name", "max_groups=string:42", func(r *login.Response) any { return r.MaxAgentGroups }, 42},
		{"groups by the account", "account_level_benefits=struct:<member><name>group_membership_limit</name><value><int>35</int></value></member>", func(r *login.Response) any { return r.MaxAgentGroups }, 35},
		{"buddy rights as text", "buddy-list=array:<data><value><struct><member><name>buddy_id</name><value>aaaaaaaa-0000-4000-8000-000000000001</value></member><member><name>buddy_rights_has</name><value>1</value></member></struct></value></data>", func(r *login.Response) any { return r.Buddies }, []login.Buddy{{ID: agentID, RightsHas: 1}}},
		{"skeleton is nothing", "inventory-skeleton=string:", func(r *login.Response) any { return len(r.Inventory) }, 0},
		{"root", first("inventory-root", "folder_id</name><value>aaaaaaaa-0000-4000-8000-000000000001"), func(r *login.Response) any { return r.InventoryRoot }, agentID},
		{"flags as words", first("login-flags", "ever_logged_in</name><value>true"), func(r *login.Response) any { return r.Flags.EverLoggedIn }, true},
		{"message with bytes that are no UTF-8", "message=string:caf\xe9 & bar", func(r *login.Response) any { return r.Message }, "caf\uFFFD & bar"},
		{"message with CDATA", "message=string:<![CDATA[<b>]]>", func(r *login.Response) any { return r.Message }, "<b>"},
		{"address of version six", "sim_ip=string:::1", func(r *login.Response) any { return r.Simulator.Addr() }, netip.IPv6Loopback()},
		{"address mapped", "sim_ip=string:::ffff:10.0.0.1", func(r *login.Response) any { return r.Simulator.Addr().String() }, "10.0.0.1"},
		{"nil", "message=nil:", func(r *login.Response) any { return r.Message }, ""},
		{"double for an integer", "region_x=double:256000.0", func(r *login.Response) any { return r.RegionX }, uint32(256000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := login.DecodeResponse(answer(append(append([]string{}, enough...), tt.member)...))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, tt.get(r), cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateApprox(0, 1e-6)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnAnswerWithoutWhatAnAgentNeedsIsAnError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		body []byte
		want string
	}{
		{"no address", answer(enough[:3]...), "sim_ip in the grid's answer"},
		{"no port", answer(enough[:4]...), "sim_port in the grid's answer is 0; want 1 to 65535"},
		{"no agent", answer(append([]string{"agent_id=string:"}, append(enough[:1:1], enough[2:]...)...)...), "agent_id in the grid's answer"},
		{"no session", answer(append(enough[:2:2], enough[3:]...)...), "session_id in the grid's answer"},
		{"fault", []byte(`<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32601</int></value></member><member><name>faultString</name><value>no such method</value></member></struct></value></fault></methodResponse>`), "xml-rpc fault -32601: no such method"},
		{"fault of nothing", []byte(`<methodResponse><fault></fault></methodResponse>`), "xml-rpc fault without a value"},
		{"no value", []byte(`<methodResponse><params/></methodResponse>`), "an answer without a value"},
		{"no struct", []byte(`<methodResponse><params><param><value>hello</value></param></params></methodResponse>`), "is string where a struct should be"},
		{"cut off", answer(enough...)[:200], "unexpected EOF"},
		{"unknown type", answer("x=strange:1"), "unknown type <strange>"},
		{"deep", []byte("<methodResponse>" + strings.Repeat("<value><array>", 100)), "nest deeper than"},
		{"error page", []byte("<html><body>502</body></html>"), "not llsd"},
		{"nothing", nil, "llsd is empty"},
		{"llsd of another kind", []byte("<llsd><array/></llsd>"), "is []interface {} where a struct should be"},
	}
	for _, tt := range tests {
		_, err := login.DecodeResponse(tt.body)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestRefusalsAreTyped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		reason, message string
		want            error
		temporary       bool
	}{
		{"key", "Could not authenticate your avatar. Please check your username and password, and check the grid if problems persist.", login.ErrKey, false},
		{"key", "", login.ErrKey, false},
		{"key", "Error connecting to the desired location. Try connecting to another region.", login.ErrRegion, false},
		{"key", "The region you are attempting to log into is not responding. Please select another region and try again.", login.ErrRegion, false},
		{"key", "The inventory service is not responding.  Please notify your login region operator.", login.ErrUnavailable, true},
		{"presence", "You appear to be already logged in. Please wait a a minute or two and retry.", login.ErrPresence, true},
		{"presence", "Logins are currently restricted. Please try again later.", login.ErrDisabled, true},
		{"presence", "Your account has not yet been verified. Please check your email and click the provided link.", login.ErrUnverified, false},
		{"Internal Error", "Error generating Login Response", login.ErrUnavailable, true},
		{"tos", "", login.ErrTOS, false},
		{"critical", "", login.ErrCritical, false},
		{"update", "", login.ErrUpdate, false},
		{"optional", "", login.ErrOptional, false},
		{"mfa_challenge", "", login.ErrMFA, false},
		{"MFA_CHALLENGE", "", login.ErrMFA, false},
		{"disabled", "", login.ErrDisabled, true},
		{"suspended", "", login.ErrSuspended, false},
		{"something new", "", login.ErrRefused, false},
	}
	kinds := []error{
		login.ErrKey, login.ErrPresence, login.ErrDisabled, login.ErrTOS, login.ErrCritical, login.ErrUpdate, login.ErrOptional,
		login.ErrMFA, login.ErrSuspended, login.ErrUnverified, login.ErrRegion, login.ErrUnavailable, login.ErrRedirect, login.ErrRefused,
	}
	for _, tt := range tests {
		_, err := login.DecodeResponse(answer("login=string:false", "reason=string:"+tt.reason, "message=string:"+tt.message))
		var f *login.Failure
		if !errors.As(err, &f) {
			t.Errorf("%s: %v", tt.reason, err)
			continue
		}
		for _, kind := range kinds {
			if errors.Is(err, kind) != (kind == tt.want) {
				t.Errorf("%s %q: is %q: %t", tt.reason, tt.message, kind, errors.Is(err, kind))
			}
		}
		if f.Temporary() != tt.temporary {
			t.Errorf("%s %q: temporary is %t", tt.reason, tt.message, f.Temporary())
		}
		if !strings.Contains(err.Error(), tt.reason) || !strings.Contains(err.Error(), tt.message) {
			t.Errorf("the error %q does not hold the grid's words", err)
		}
	}
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add(answer(enough...))
	f.Add(answer("login=string:false", "reason=string:key"))
	f.Add([]byte("<llsd><map><key>login</key><string>indeterminate</string><key>next_url</key><string>http://x/</string></map></llsd>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := login.DecodeResponse(b)
		if err != nil {
			return
		}
		again, err := login.EncodeResponse(login.XMLRPC, r, login.DefaultOptions)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := login.DecodeResponse(again); err != nil {
			t.Fatalf("%v in %s", err, again)
		}
	})
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`<methodCall><methodName>login_to_simulator</methodName><params><param><value><struct><member><name>first</name><value><string>A</string></value></member></struct></value></param></params></methodCall>`))
	f.Add([]byte("<llsd><map><key>first</key><string>A</string><key>options</key><array><string>buddy-list</string></array></map></llsd>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := login.DecodeRequest(b)
		if err == nil {
			r.CheckPassword("x")
			r.Wants("buddy-list")
		}
	})
}
