package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/config"
	"rookery/internal/query"
)

func TestMembersAreAskedAndSetByCorradesNames(t *testing.T) {
	t.Parallel()
	s, text := open(t, stored)
	if err := s.SetMembers([]string{
		"FirstName", "Wren", "TCPNotificationsServerPort", "9001", "TCPNotificationsServerAddress", "127.0.0.2",
		"ServicesTimeout", "1500", "Password", "new", "EnableHTTPServer", "true", "InputFilters", "RFC3986,ATBASH",
	}); err != nil {
		t.Fatal(err)
	}
	asked := []string{
		"FirstName", "LastName", "ServicesTimeout", "EnableHTTPServer", "InputFilters", "TCPNotificationsServerAddress", "TCPNotificationsServerPort",
		"Password", "AESKey", "MasterPasswordOverride", "EnableMasterPasswordOverride", "HTTPServerPrefix",
	}
	want := []string{
		"FirstName", "Wren", "LastName", "Rook", "ServicesTimeout", "1500", "EnableHTTPServer", "true",
		"InputFilters", "Index", "0", "RFC3986", "Index", "1", "ATBASH", "TCPNotificationsServerAddress", "127.0.0.2", "TCPNotificationsServerPort", "9001",
		"EnableMasterPasswordOverride", "false", "HTTPServerPrefix", "http://127.0.0.1:8080/",
	}
	if diff := cmp.Diff(want, query.Ask(s.Current().Members(), asked)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.Current().Agents[0].Password != "new" || !strings.Contains(text(), "avatar = 'Wren Rook'") {
		t.Errorf("the file is now\n%s", text())
	}
	all := strings.Join(query.Ask(s.Current().Members(), config.MemberNames()), "\n")
	if strings.Contains(all, "new") {
		t.Errorf("a secret is told:\n%s", all)
	}
}

func TestWrongMembersAreRefused(t *testing.T) {
	t.Parallel()
	s, text := open(t, stored)
	for says, cells := range map[string][]string{
		"did you mean Range?": {"Rnge", "5"},
		"no value":            {"Range"},
		"cannot be set":       {"Groups", "x"},
		"milliseconds":        {"DataTimeout", "soon"},
		"HTTPServerPrefix":    {"HTTPServerPrefix", "nowhere"},
		"true or false":       {"Range", "96", "EnableHTTPServer", "perhaps"},
	} {
		if err := s.SetMembers(cells); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want %q in it", cells, err, says)
		}
	}
	if text() != stored {
		t.Error("the file has changed")
	}
}
