package config

import "net/netip"

// Throttle is what the agents ask regions to send at most, in bits per second.
type Throttle struct {
	Resend  int `toml:"resend"`
	Land    int `toml:"land"`
	Wind    int `toml:"wind"`
	Cloud   int `toml:"cloud"`
	Task    int `toml:"task"`
	Texture int `toml:"texture"`
	Asset   int `toml:"asset"`
}

func defaultThrottle() Throttle {
	return Throttle{Resend: 100_000, Land: 50_000, Wind: 10_000, Cloud: 10_000, Task: 500_000, Texture: 50_000, Asset: 200_000}
}

// mostThrottle is the most that is asked for. Regions send less.
const mostThrottle = 100_000_000

// leastThrottle is what simulators raise less to; wind and cloud want less.
const (
	leastThrottle    = 8000
	leastThrottleSky = 400
)

func (c *Config) checkThrottle(d *decoder) {
	t := c.Throttle
	between(d, "throttle.resend", t.Resend, leastThrottle, mostThrottle)
	between(d, "throttle.land", t.Land, leastThrottle, mostThrottle)
	between(d, "throttle.wind", t.Wind, leastThrottleSky, mostThrottle)
	between(d, "throttle.cloud", t.Cloud, leastThrottleSky, mostThrottle)
	between(d, "throttle.task", t.Task, leastThrottle, mostThrottle)
	between(d, "throttle.texture", t.Texture, leastThrottle, mostThrottle)
	between(d, "throttle.asset", t.Asset, leastThrottle, mostThrottle)
}

// checkBind looks at the address of this machine that an agent uses. Grids tell
// IPv4 addresses of their regions only.
func checkBind(d *decoder, key, text string) {
	if text == "" {
		return
	}
	if ip, err := netip.ParseAddr(text); err != nil || !ip.Is4() {
		d.problem(key, "%q: want an IPv4 address of this machine, such as 192.0.2.7", text)
	}
}

// longestLanguage bounds the code of a language.
const longestLanguage = 35 // as RFC 5646 advises

func checkLanguage(d *decoder, key, code string) {
	ok := len(code) <= longestLanguage
	for _, r := range code {
		ok = ok && (r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z')
	}
	if !ok {
		d.problem(key, "%q: want the code of a language, such as en or pt-br", code)
	}
}
