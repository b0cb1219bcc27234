package system_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
)

const hash = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8" // of "password"

func TestGetStatusDescribesErrors(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for number, want := range map[string]string{"08653": "command not found", "48467": "no Corrade permissions", "0": "none"} {
		if got := w.Ask(t, "command=getstatus&entity=description&status="+number).Get("data"); got != want {
			t.Errorf("%s is %q, want %q", number, got, want)
		}
	}
}

func TestFiltersAreToldAndChanged(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=filter&action=set&output=RFC3986,atbash")
	if got := w.Do(t, "command=filter&action=get&type=output"); !slices.Equal(got, []string{"RFC3986", "ATBASH"}) {
		t.Errorf("output %v", got)
	}
	if got := w.Do(t, "command=filter&action=get&type=input"); !slices.Equal(got, []string{"RFC1738"}) {
		t.Errorf("input %v", got)
	}
	if got := script.EncodeLine(script.Pairs{{Key: "a b", Value: "c"}}, script.Filters{w.Program.Output}); got != "z%20y=x" {
		t.Errorf("written as %q", got)
	}
}

func TestHealthAndNetworkAreTold(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	got := w.Do(t, "command=getheartbeatdata&data=Version,ExecutingCommands,HistoryLength,WorkerOccupation,Heartbeats,Nonsense,AverageRAMUsage")
	if diff := cmp.Diff([]string{"Version", "1.2.3.4", "ExecutingCommands", "1", "HistoryLength", "60", "WorkerOccupation", "4", "Heartbeats", "1"}, got[:10]); diff != "" || len(got) != 12 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if history := w.Do(t, "command=getheartbeatdata&data=RAMAverageUsageHistory"); len(history) != 3 || !strings.HasSuffix(history[1], "Z") {
		t.Errorf("history %v", history)
	}
	got = w.Do(t, "command=getnetworkdata&data=Connected,CurrentSim.Name,LoginSeedCapability,CircuitCode,CurrentSim.Handle")
	if len(got) != 6 || !slices.Equal(got[:4], []string{"Connected", "true", "CurrentSim.Name", "Rookery"}) {
		t.Errorf("network %v", got)
	}
}

func TestNamesAreForgottenAndKept(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	id, name := grid.UUID{1}, agent.Name{First: "Ada", Last: "Rook"}
	knows := func() bool { return w.Agent.KnownNames()[id] == name }
	w.Agent.RememberNames(map[grid.UUID]agent.Name{id: name})
	w.Do(t, "command=cache&action=purge")
	w.Do(t, "command=cache&action=purge&entity=asset,nucleus")
	if !knows() {
		t.Error("purge forgets what it was not told to")
	}
	w.Do(t, "command=cache&action=save")
	w.Do(t, "command=cache&action=purge&entity=Corrade")
	if knows() {
		t.Error("purge forgets nothing")
	}
	w.Do(t, "command=cache&action=load")
	if !knows() {
		t.Error("the names are not loaded")
	}
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=cache", Error: script.ErrUnknownAction},
		{Line: "command=cache&action=purge&entity=everything", Error: script.ErrUnknownEntity, Says: "nucleus"},
	}...)
}

func TestTheConfigurationIsReadAndChanged(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	text := w.Ask(t, "command=configuration&action=read").Get("data")
	if !strings.Contains(text, `password = "***"`) || strings.Contains(text, commandtest.Password) || !strings.Contains(text, "# Kept.") {
		t.Errorf("read gives\n%s", text)
	}
	if got := w.Ask(t, "command=configuration&action=get&path=groups[0].password").Get("data"); got != "***" {
		t.Errorf("a secret is told: %q", got)
	}
	w.Do(t, "command=configuration&action=set&path=groups[0].password&data=***")
	w.Do(t, "command=version") // the password is the old one
	w.Do(t, "command=configuration&action=set&path=log.level&data=debug")
	if got := w.Ask(t, "command=configuration&action=get&path=log.level").Get("data"); got != "debug" {
		t.Errorf("log.level is %q", got)
	}
	w.Do(t, "command=configuration&action=remove&path=log.level")
	w.Do(t, "command=configuration&action=remove&path=log.level")
	if got := w.Ask(t, "command=configuration&action=get&path=log.level").Get("data"); got != "info" {
		t.Errorf("log.level is %q after it was removed", got)
	}
	changed := strings.Replace(text, "Ada Rook", "Wren Rook", 1)
	w.Do(t, script.EncodeLine(script.Pairs{{Key: "command", Value: "configuration"}, {Key: "action", Value: "write"}, {Key: "data", Value: changed}}, script.DefaultFilters()))
	if got := w.Do(t, "command=configuration&action=get&path=masters"); !slices.Equal(got, []string{"Wren Rook"}) {
		t.Errorf("masters are %v", got)
	}
	w.Do(t, "command=version") // the password behind the stars is the old one
	before := w.Settings(t)
	answer := w.Fails(t, "command=configuration&action=write&data=nonsense%3D1", script.ErrUnableToSaveConfiguration)
	if !strings.Contains(answer.Get("error"), ":1:1: ") {
		t.Errorf("the error does not say where: %q", answer.Get("error"))
	}
	if w.Settings(t) != before {
		t.Error("a mistake was written")
	}
}

func TestSettingsByTheNamesOfCorrade(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=setconfigurationdata&data=ServicesTimeout,1500,Password,other")
	got := w.Do(t, "command=getconfigurationdata&data=ServicesTimeout,Password,FirstName")
	if diff := cmp.Diff([]string{"ServicesTimeout", "1500", "FirstName", "Test"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(w.Settings(t), "password = 'other'") {
		t.Errorf("the file is now\n%s", w.Settings(t))
	}
}

func TestGroupsAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	const add = "command=addconfigurationgroup&target=11111111-1111-4111-8111-111111111111&name=New+Ones&secret=" + hash +
		"&workers=2&schedules=0&database=x.db&path=x.log&permissions=talk,Movement&notifications=local"
	const asNew = "&group=new+ones&password=password"
	w.Fails(t, "command=version"+asNew, script.ErrAccessDenied)
	w.Do(t, add)
	if got := w.Do(t, "command=listcommands"+asNew); !slices.Contains(got, "tell") || slices.Contains(got, "logout") {
		t.Errorf("the new group may %v", got)
	}
	if text := w.Settings(t); !strings.Contains(text, "New Ones") || !strings.Contains(text, "# Kept.") || !strings.Contains(text, hash) {
		t.Errorf("the file is now\n%s", text)
	}
	w.Fails(t, add, script.ErrGroupAlreadyConfigured)
	w.Do(t, "command=removeconfigurationgroup&target=NEW+ones")
	w.Fails(t, "command=version"+asNew, script.ErrAccessDenied)
	if text := w.Settings(t); strings.Contains(text, "New Ones") || !strings.Contains(text, "# Powerless.") {
		t.Errorf("the file is now\n%s", text)
	}
	w.Do(t, "command=version")
}

func TestRefusalsOfCommandsAboutTheProgram(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	const add = "command=addconfigurationgroup&target=New&id=11111111-1111-4111-8111-111111111111"
	before := w.Settings(t)
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=getstatus&status=x", Error: script.ErrInvalidStatusSupplied},
		{Line: "command=getstatus&status=48467&entity=x", Error: script.ErrUnknownEntity},
		{Line: "command=getstatus&status=1&entity=description", Error: script.ErrStatusNotFound},
		{Line: "command=filter", Error: script.ErrUnknownAction},
		{Line: "command=filter&action=get&type=x", Error: script.ErrUnknownEntity},
		{Line: "command=filter&action=set", Error: script.ErrNoDataProvided},
		{Line: "command=filter&action=set&input=ROT13", Error: script.ErrInvalidParameter, Says: "allowed are none, RFC1738"},
		{Line: "command=filter&action=set&input=RFC3986&output=AES", Error: script.ErrInvalidParameter, Says: "output"}, // no key
		{Line: "command=getheartbeatdata", Error: script.ErrNoDataProvided},
		{Line: "command=configuration&action=wrtie", Error: script.ErrUnknownAction},
		{Line: "command=configuration&action=get", Error: script.ErrNoPathProvided},
		{Line: "command=configuration&action=set&path=range", Error: script.ErrNoDataProvided},
		{Line: "command=configuration&action=write", Error: script.ErrNoDataProvided},
		{Line: "command=configuration&action=get&path=no.such", Error: script.ErrInvalidXMLPath, Says: "no.such"},
		{Line: "command=configuration&action=get&path=Log.Level", Error: script.ErrInvalidXMLPath, Says: "did you mean log.level?"},
		{Line: "command=configuration&action=remove&path=groups[0].uuid", Error: script.ErrUnableToSaveConfiguration, Says: "uuid"},
		{Line: "command=configuration&action=remove&path=groups[0]", Error: script.ErrUnableToSaveConfiguration, Says: "table"},
		{Line: "command=configuration&action=remove", Error: script.ErrNoPathProvided, Says: "the key of a setting"},
		{Line: "command=setconfigurationdata&data=MasterPasswordOverride,***", Error: script.ErrUnableToSaveCorradeConfiguration, Says: "there is none here"},
		{Line: "command=configuration&action=set&path=no.such&data=1", Error: script.ErrInvalidXMLPath},
		{Line: "command=configuration&action=set&path=range&data=far", Error: script.ErrUnableToSaveConfiguration, Says: "number"},
		{Line: "command=setconfigurationdata&data=Rnge,5", Error: script.ErrUnableToSaveCorradeConfiguration, Says: "did you mean Range?"},
		{Line: "command=addconfigurationgroup", Error: script.ErrGroupNotFound},
		{Line: "command=addconfigurationgroup&target=New", Error: script.ErrGroupNotFound, Says: "id its UUID"},
		{Line: add, Error: script.ErrNoSecretProvided},
		{Line: add + "&secret=plain", Error: script.ErrInvalidSecretProvided},
		{Line: add + "&secret=x" + hash, Error: script.ErrInvalidSecretProvided},
		{Line: add + "&secret=" + hash, Error: script.ErrInvalidWorkersProvided},
		{Line: add + "&workers=-1&secret=" + hash, Error: script.ErrInvalidWorkersProvided},
		{Line: add + "&workers=1&secret=" + hash, Error: script.ErrInvalidSchedulesProvided},
		{Line: add + "&workers=1&schedules=0&permissions=magic&secret=" + hash, Error: script.ErrInvalidParameter, Says: "permissions"},
		{Line: add + "&workers=1&schedules=0&notifications=magic&secret=" + hash, Error: script.ErrInvalidParameter, Says: "notifications"},
		{Line: "command=removeconfigurationgroup", Error: script.ErrGroupNotFound},
		{Line: "command=removeconfigurationgroup&target=Nobody", Error: script.ErrGroupNotConfigured},
	}...)
	if w.Settings(t) != before {
		t.Error("a refused command changed the file")
	}
	if got := w.Program.Input.Chain().Names(); !slices.Equal(got, []string{"RFC1738"}) {
		t.Errorf("a refused command left the filters %v", got)
	}
}
