package rights_test

import (
	"slices"
	"strings"
	"testing"

	"rookery/internal/rights"
)

func TestPermissionsKeepTheNumbersOfConfigurations(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]rights.Permission{
		"movement": 1, "grooming": 8, "interact": 32, "talk": 512, "system": 2048, "feed": 131072,
	} {
		got, err := rights.ParsePermission(strings.ToUpper(name))
		if err != nil || got != number || got.String() != name {
			t.Errorf("%s: %d %q, %v; want %d", name, got, got, err, number)
		}
	}
}

func TestUnknownNamesAreRefusedWithTheAllowedOnes(t *testing.T) {
	t.Parallel()
	if _, err := rights.ParsePermission("flying"); err == nil || !strings.Contains(err.Error(), "movement, economy") {
		t.Errorf("permission: %v", err)
	}
	if _, err := rights.ParseNotification("locale"); err == nil || !strings.Contains(err.Error(), "alert, region") {
		t.Errorf("notification: %v", err)
	}
}

func TestAllHoldsEveryPermission(t *testing.T) {
	t.Parallel()
	if got := rights.All.Names(); !slices.Equal(got, rights.PermissionNames()) {
		t.Errorf("All holds %v", got)
	}
	if rights.Movement.Has(rights.Movement | rights.Talk) {
		t.Error("one of two permissions counts as both")
	}
}

func TestNotificationsKeepTheNumbersOfConfigurations(t *testing.T) {
	t.Parallel()
	for name, mask := range map[string]uint64{
		"alert": 1, "local": 64, "typing": 65536, "outfit": 2147483648, "store": 549755813888, "coarse": 0,
	} {
		got, err := rights.ParseNotification(strings.ToUpper(name))
		if err != nil || got.Name != name || got.Mask != mask {
			t.Errorf("%s: %+v, %v; want mask %d", name, got, err, mask)
		}
	}
	names := rights.NotificationNames()
	slices.Sort(names)
	if len(slices.Compact(names)) != len(rights.AllNotifications()) {
		t.Error("a name occurs twice")
	}
}
