package directory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const nobody = "870b5fa9-0b32-491e-8848-465666ae1151"

func TestNamesAndKeysAreFoundInTheOrderAsked(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	id := make(map[string]string)
	for _, c := range []simgrid.InhabitantConfig{
		{First: "Ada", Last: "Rook", Region: "Rookery"}, {First: "Bob", Last: "Jay", Region: "Heronry"}, {First: "Solo", Region: "Heronry"},
	} {
		in, err := w.Grid.AddInhabitant(c)
		if err != nil {
			t.Fatal(err)
		}
		id[in.Name()] = in.ID().String()
	}
	for _, tt := range []struct {
		line string
		want []string
	}{
		{
			"command=batchavatarkeytoname&avatars=" + id["Bob Jay"] + ",rubbish," + nobody + "," + id["Ada Rook"] + "&timeout=1000",
			[]string{id["Bob Jay"], "Bob Jay", id["Ada Rook"], "Ada Rook"},
		},
		{"command=batchavatarkeytoname&avatars=" + id["Solo Resident"], []string{id["Solo Resident"], "Solo Resident"}},
		{"command=batchavatarkeytoname&avatars=rubbish", nil},
		{"command=batchavatarkeytoname", nil},
		{
			`command=batchavatarnametokey&avatars=solo,"NO BODY",bob.jay,"ADA ROOK"&timeout=5000`,
			[]string{"solo Resident", id["Solo Resident"], "bob jay", id["Bob Jay"], "ADA ROOK", id["Ada Rook"]},
		},
		{"command=batchavatarnametokey&avatars=Ada Rook,,", []string{"Ada Rook", id["Ada Rook"]}},
		{"command=batchavatarnametokey", nil},
	} {
		if diff := cmp.Diff(tt.want, w.Do(t, tt.line)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.line, diff)
		}
	}
}

func TestRightsComeFirst(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for _, name := range []string{"batchavatarkeytoname", "batchavatarnametokey"} {
		w.Fails(t, "command="+name+"&avatars="+nobody+"&group="+commandtest.Powerless+"&password="+commandtest.PowerlessPass, script.ErrNoCorradePermissions)
	}
}
