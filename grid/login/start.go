package login

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"rookery/grid"
)

// A Place is the kind of a Start.
type Place uint8

// The kinds of start locations.
const (
	Last     Place = iota // where the avatar was when it logged out
	Home                  // the avatar's home
	InRegion              // a position in a named region
)

// Start is where an avatar appears after login. The zero value is the last
// location.
type Start struct {
	Place  Place
	Region string // the region's name; only for InRegion
	// Position is in metres in the region; only for InRegion.
	Position grid.Vector3
	// Grid is the host, with a port if there was one, that a hop:// or grid
	// address names; "" when there was none. The protocol has no place for it:
	// it tells callers which grid the address is meant for.
	Grid string
}

// DefaultPosition is where an address without coordinates leads: the middle of
// a classic region, on the ground, which the grid finds.
var DefaultPosition = grid.Vector3{X: 128, Y: 128}

// The bounds of start positions in metres: the largest regions that
// OpenSimulator knows, and the height to which objects and avatars go.
const (
	maxStartXY = 65535
	maxStartZ  = 10000
)

// String returns the location as the protocol writes it: last, home or
// uri:Region&x&y&z with whole metres.
func (s Start) String() string {
	switch s.Place {
	case Home:
		return "home"
	case InRegion:
		p := s.Position
		return fmt.Sprintf("uri:%s&%d&%d&%d", s.Region, whole(p.X), whole(p.Y), whole(p.Z))
	}
	return "last"
}

func whole(f float32) int { return int(math.Round(float64(f))) }

// SLURL returns the location as an address that people can click, "" for last
// and home.
func (s Start) SLURL() string {
	if s.Place != InRegion {
		return ""
	}
	p := s.Position
	path := fmt.Sprintf("%s/%d/%d/%d", url.PathEscape(s.Region), whole(p.X), whole(p.Y), whole(p.Z))
	if s.Grid != "" {
		return "hop://" + s.Grid + "/" + path
	}
	return "secondlife://" + path
}

// ParseStart reads a start location in any of the forms that people use:
//
//	last, home, or nothing, which is last
//	uri:Region&x&y&z
//	Region, Region/x/y/z
//	secondlife://Region/x/y/z and secondlife:///app/teleport/Region/x/y/z
//	http(s)://maps.secondlife.com/secondlife/Region/x/y/z, also slurl.com
//	hop://grid:port/Region/x/y/z and x-grid-info://grid/region/Region/x/y/z
//
// Coordinates that are left out are those of DefaultPosition. Names may be
// percent-escaped, except in the uri: form. The error says what is wrong.
func ParseStart(text string) (Start, error) {
	s, err := parseStart(strings.TrimSpace(text))
	if err != nil {
		return Start{}, fmt.Errorf("start location %q: %w", text, err)
	}
	return s, nil
}

func parseStart(text string) (Start, error) {
	switch lower := strings.ToLower(text); {
	case text == "" || lower == "last":
		return Start{}, nil
	case lower == "home":
		return Start{Place: Home}, nil
	case strings.HasPrefix(lower, "uri:"):
		return atPlace("", strings.Split(text[len("uri:"):], "&"))
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		parts, err := segments(text)
		if err != nil {
			return Start{}, err
		}
		return atPlace("", parts)
	}
	rest, _, _ = strings.Cut(rest, "?")
	parts, err := segments(rest)
	if err != nil {
		return Start{}, err
	}
	return fromURL(strings.ToLower(scheme), parts)
}

// segments splits a path and undoes its percent escapes.
func segments(path string) ([]string, error) {
	parts := strings.Split(strings.TrimRight(path, "/"), "/")
	for i, p := range parts {
		plain, err := url.PathUnescape(p)
		if err != nil {
			return nil, fmt.Errorf("%q is not a percent escape", strings.TrimPrefix(err.Error(), "invalid URL escape "))
		}
		parts[i] = plain
	}
	return parts, nil
}

func fromURL(scheme string, parts []string) (Start, error) {
	host := parts[0]
	switch scheme {
	case "secondlife":
		switch {
		case host == "":
			return fromApp(parts[1:])
		case len(parts) > 2 && (parts[1] == "secondlife" || parts[1] == "region") && strings.Contains(host, "."):
			return atPlace(host, parts[2:])
		}
		return atPlace("", parts)
	case "http", "https":
		return fromWeb(strings.ToLower(host), parts[1:])
	case "hop", "inworldz":
		if host == "" {
			return Start{}, errors.New("the grid is missing between hop:// and the region")
		}
		if len(parts) > 2 && parts[1] == "app" {
			return onGrid(host)(fromApp(parts[1:]))
		}
		return atPlace(host, parts[1:])
	case "x-grid-info", "x-grid-location-info":
		if len(parts) < 2 || parts[1] != "region" {
			return Start{}, fmt.Errorf("want %s://grid/region/Region/x/y/z", scheme)
		}
		return atPlace(host, parts[2:])
	}
	return Start{}, fmt.Errorf("scheme %q is not one of secondlife, http, https, hop, x-grid-info", scheme)
}

func onGrid(host string) func(Start, error) (Start, error) {
	return func(s Start, err error) (Start, error) {
		s.Grid = host
		return s, err
	}
}

// fromApp reads app/teleport/Region/x/y/z.
func fromApp(parts []string) (Start, error) {
	if len(parts) < 2 || parts[0] != "app" || (parts[1] != "teleport" && parts[1] != "worldmap") {
		return Start{}, errors.New("want secondlife:///app/teleport/Region/x/y/z")
	}
	return atPlace("", parts[2:])
}

func fromWeb(host string, parts []string) (Start, error) {
	switch host {
	case "maps.secondlife.com", "slurl.com", "www.slurl.com":
	default:
		return Start{}, fmt.Errorf("web addresses of places begin with maps.secondlife.com or slurl.com, not %s", host)
	}
	if len(parts) == 0 || (!strings.EqualFold(parts[0], "secondlife") && !strings.EqualFold(parts[0], "region")) {
		return Start{}, fmt.Errorf("want https://%s/secondlife/Region/x/y/z", host)
	}
	return atPlace("", parts[1:])
}

// atPlace makes a Start of a region's name and up to three coordinates.
func atPlace(host string, parts []string) (Start, error) {
	s := Start{Place: InRegion, Position: DefaultPosition, Grid: host}
	if len(parts) == 0 || strings.TrimSpace(parts[0]) == "" {
		return Start{}, errors.New("the region's name is missing")
	}
	s.Region = strings.TrimSpace(parts[0])
	if strings.IndexFunc(s.Region, unicode.IsControl) >= 0 || strings.ContainsRune(s.Region, '&') {
		return Start{}, fmt.Errorf("region name %q holds a character that no region has", s.Region)
	}
	if len(parts) > 4 {
		return Start{}, fmt.Errorf("%q follows the region's name; three coordinates at most are allowed", strings.Join(parts[1:], "/"))
	}
	axes := []struct {
		name string
		most float64
		dst  *float32
	}{
		{"x", maxStartXY, &s.Position.X},
		{"y", maxStartXY, &s.Position.Y},
		{"z", maxStartZ, &s.Position.Z},
	}
	for i, text := range parts[1:] {
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 32)
		a := axes[i]
		if err != nil || math.IsNaN(f) || f < 0 || f > a.most {
			return Start{}, fmt.Errorf("%s is %q; want a number of metres from 0 to %g", a.name, text, a.most)
		}
		*a.dst = float32(f)
	}
	return s, nil
}
