package gateway

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Origins are the hosts whose browser pages may use a door beside the door's
// own, each maybe behind http:// or https://, in which * stands for anything and
// ? for any one character.
type Origins []string

// Allow tells whether a request comes from a page that may ask, or from no page.
func (o Origins) Allow(r *http.Request) bool {
	origin := strings.ToLower(r.Header.Get("Origin"))
	if origin == "" {
		return true
	}
	page, err := url.Parse(origin) // "null", a page that hides where it is from, has no host
	if err != nil {
		return false
	}
	if page.Host != "" && strings.EqualFold(page.Host, r.Host) {
		return true
	}
	for _, pattern := range o {
		host := page.Host
		if strings.Contains(pattern, "://") {
			host = page.Scheme + "://" + page.Host
		}
		// The brackets of an IPv6 address are no class of characters.
		if fits, _ := path.Match(strings.ReplaceAll(strings.ToLower(pattern), "[", `\[`), host); fits {
			return true
		}
	}
	return false
}
