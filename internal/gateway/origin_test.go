package gateway

import (
	"net/http/httptest"
	"testing"
)

func TestPagesAreKnownByTheirHost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		listed Origins
		origin string
		want   bool
	}{
		{nil, "", true},
		{nil, "http://door.example:8080", true},
		{nil, "https://DOOR.example:8080", true},
		{nil, "http://door.example", false},
		{nil, "null", false},
		{Origins{"*"}, "https://anywhere.example:1", true},
		{Origins{"*"}, "null", true},
		{Origins{"*.example.com"}, "null", false},
		{Origins{"*.Example.com"}, "https://a.EXAMPLE.com", true},
		{Origins{"*.example.com"}, "https://example.com", false},
		{Origins{"localhost:3000"}, "http://localhost:3000", true},
		{Origins{"localhost:3000"}, "http://localhost", false},
		{Origins{"https://*.example.com"}, "http://a.example.com", false},
		{Origins{"[::1]:*"}, "http://[::1]:3000", true},
		{Origins{"[::1]:*"}, "http://1:3000", false},
		{Origins{"example.com"}, "https://example.com:bad", false},
	} {
		r := httptest.NewRequest("POST", "http://door.example:8080/", nil)
		r.Header.Set("Origin", tc.origin)
		if got := tc.listed.Allow(r); got != tc.want {
			t.Errorf("%q with %q listed: allowed is %v", tc.origin, []string(tc.listed), got)
		}
	}
}
