package websocket

import (
	"net/url"
	"testing"
)

func FuzzAPathIsTheHandshakeThatItsPartsMake(f *testing.F) {
	f.Add("My Group", "p/a s?s", "local,message", "in box")
	f.Add("", "%", "..", "&from=7")
	f.Add("é", "\x00", " ", "")
	f.Fuzz(func(t *testing.T, group, password, kinds, subscription string) {
		text := "/" + url.PathEscape(group) + "/" + url.PathEscape(password) + "/" + url.PathEscape(kinds) + "?subscription=" + url.QueryEscape(subscription)
		u, err := url.ParseRequestURI(text)
		if err != nil {
			t.Fatal(err)
		}
		hello, _, err := new(Door).helloOf(u)
		if err != nil {
			if group != "" && password != "" && kinds != "" {
				t.Fatalf("%s: %v", text, err)
			}
			return
		}
		if group == "" || password == "" || kinds == "" {
			if hello != nil { // all of them missing is the root
				t.Fatalf("%s is %v", text, hello)
			}
			return
		}
		for key, want := range map[string]string{"group": group, "password": password, "type": kinds, "subscription": subscription} {
			if got := hello.Get(key); got != want {
				t.Errorf("%s: %s is %q, want %q", text, key, got, want)
			}
		}
	})
}

func FuzzPathsAreReadOrRefused(f *testing.F) {
	for _, path := range []string{"/", "/a/b/c", "/a/b", "/a/b/c/d", "/%zz/b/c", "/a/b/c?%zz", "/a/b/c?from=1&from=2", "/a/b/c?language=JSON", "/a/b/c?language=x", "//", "/a//c"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		hello, _, err := new(Door).helloOf(u)
		if err == nil && hello != nil && (hello[0].Key != "group" || hello[1].Key != "password" || hello[2].Key != "type") {
			t.Errorf("%q is %v", path, hello)
		}
	})
}
