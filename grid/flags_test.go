package grid_test

import (
	"slices"
	"testing"

	"rookery/grid"
)

func TestFlagsAreNamedLowestBitFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want []string }{
		{(grid.RegionNoFly | grid.RegionAllowDamage | grid.RegionDenyBots).Names(), []string{"AllowDamage", "NoFly", "DenyBots"}},
		{grid.RegionFlags(1<<31 | 1<<19).Names(), []string{"NoFly", "DenyBots"}},
		{grid.GroupPowers(1<<51 | 1<<16 | 1<<1).Names(), []string{"Invite", "JoinChat", "GroupBanAccess"}},
		{grid.ProfileFlags(16 | 1).Names(), []string{"AllowPublish", "Online"}},
		{grid.RegionFlags(0).Names(), nil},
	} {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("got %v, want %v", tt.got, tt.want)
		}
	}
	if grid.Access(42).String() != "Adult" || grid.Access(99).String() != "99" {
		t.Errorf("%v, %v", grid.Access(42), grid.Access(99))
	}
}
