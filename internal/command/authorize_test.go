package command_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"rookery/internal/bus"
	"rookery/script"
)

func TestAuthorizeGrantsAllOrNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, echo())
	for _, tt := range []struct {
		promise string
		ask     bus.Authorization
		types   []string
		refused *script.Error
		says    string
	}{
		{"names in any case, each once", bus.Authorization{Group: "my group", Password: password, Types: []string{"LOCAL", " message ", "local"}}, []string{"local", "message"}, nil, ""},
		{"one unknown name", bus.Authorization{Group: "My Group", Password: password, Types: []string{"local", "locale"}}, nil, script.ErrInvalidNotificationTypes, `"locale" is no notification: allowed are`},
		{"one name the group may not hear", bus.Authorization{Group: "My Group", Password: password, Types: []string{"local", "alert"}}, nil, script.ErrNotificationNotAllowed, "alert"},
		{"all that the group may hear", bus.Authorization{Group: "My Group", Password: password, All: true}, []string{"local", "message"}, nil, ""},
		{"all, with a wrong password", bus.Authorization{Group: "My Group", Password: "x", All: true}, nil, script.ErrAccessDenied, ""},
		{"no names at all", bus.Authorization{Group: "My Group", Password: password, Types: []string{""}}, nil, script.ErrNoTypeProvided, "local, message"},
		{"an unknown group", bus.Authorization{Group: "Nobody", Password: password, Types: []string{"local"}}, nil, script.ErrAccessDenied, ""},
		{"a wrong password", bus.Authorization{Group: "My Group", Password: "x", Types: []string{"local"}}, nil, script.ErrAccessDenied, ""},
	} {
		grant := b.Authorize(context.Background(), tt.ask)
		if tt.refused == nil {
			if grant.Error != nil || grant.GroupName != "My Group" || grant.GroupID != myGroup.ID.String() || !slices.Equal(grant.Types, tt.types) {
				t.Errorf("%s: %+v", tt.promise, grant)
			}
			continue
		}
		if grant.Error == nil || grant.Error.Status != tt.refused.Status || !strings.Contains(grant.Error.Text, tt.says) ||
			grant.GroupID != "" || len(grant.Types) != 0 {
			t.Errorf("%s: %+v, want %v", tt.promise, grant, tt.refused)
		}
	}
	if strings.Contains(b.log.String(), password) {
		t.Error("the log holds the password")
	}
}
