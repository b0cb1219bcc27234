package profile

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/script"
)

const profileNote = "The grid is asked for profiles only when one of their members is: " +
	"Groups, ProfileProperties and ProfileInterests. A grid without profiles answers nothing, which takes the whole timeout."

// profilesAtOnce is how many profiles are asked for at the same time.
const profilesAtOnce = 8

// inRange returns an avatar that is in view and no further away than within
// metres.
func inRange(c *command.Call, id grid.UUID, within float32) (agent.Avatar, error) {
	a, ok := c.Agent.Avatar(id)
	if !ok || c.Agent.Distance(a.Region, a.Position) > within {
		return agent.Avatar{}, script.ErrAvatarNotInRange
	}
	return a, nil
}

// asksProfile tells whether one of the names is a member of the profile.
func asksProfile(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		first, _, _ := strings.Cut(name, ".")
		for _, m := range profileMembers {
			if m.Name == first {
				return true
			}
		}
		return false
	})
}

// withProfiles adds the profiles to avatars, if any of their members is asked
// for. A profile that does not come is no error; it stays nil.
func withProfiles(ctx context.Context, c *command.Call, avatars []agent.Avatar, names []string) ([]avatar, error) {
	known := make([]avatar, len(avatars))
	for i, a := range avatars {
		known[i].Avatar = a
	}
	if !asksProfile(names) {
		return known, nil
	}
	var asking errgroup.Group
	asking.SetLimit(profilesAtOnce)
	for i := range known {
		asking.Go(func() error {
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			profile, err := c.Agent.Profile(ctx, known[i].ID)
			if command.IsTimeout(err) {
				return nil
			}
			if err == nil {
				known[i].profile = &profile
			}
			return err
		})
	}
	return known, asking.Wait()
}
