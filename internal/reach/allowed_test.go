package reach

import (
	"net/netip"
	"testing"
)

func TestWhatIsPublic(t *testing.T) {
	t.Parallel()
	policy := NewPolicy()
	for text, want := range map[string]bool{
		"8.8.8.8": true, "93.184.216.34": true, "2606:2800:220:1::1": true, "64:ff9b::8.8.8.8": true, "2002:808:808::1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "172.32.0.1": true, "192.168.1.1": false, "100.64.0.1": false,
		"169.254.169.254": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "fec0::1": false, "ff02::1": false,
		"224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "2001::1": false,
		"64:ff9b::10.0.0.1": false, "64:ff9b::127.0.0.1": false, "2002:a00:1::1": false, "2002:7f00:1::": false, "::7f00:1": false,
		"::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true,
	} {
		if got := policy.Check(netip.MustParseAddr(text)) == nil; got != want {
			t.Errorf("%s: public %v, want %v", text, got, want)
		}
	}
}

func TestAllowedIsReadInItsThreeForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"127.0.0.1": "127.0.0.1/32", " ::1 ": "::1/128", "10.1.2.3/8": "10.0.0.0/8", "fd00::/8": "fd00::/8", "::ffff:10.0.0.1": "10.0.0.1/32",
		"localhost": "localhost", "Hooks.Internal": "hooks.internal", "my_host-1": "my_host-1",
	} {
		if a, err := ParseAllowed(text); err != nil || a.String() != want {
			t.Errorf("%q: %v, %v; want %s", text, a, err, want)
		}
	}
	for _, text := range []string{"", "10.0.0", "10.0.0.0/33", "300.1.1.1", "a b", "http://x", "host:80", "-x", "x.", "*", "x/8"} {
		if a, err := ParseAllowed(text); err == nil {
			t.Errorf("%q is read as %v", text, a)
		}
	}
}

func FuzzParseAllowed(f *testing.F) {
	for _, text := range []string{"127.0.0.1", "::1", "10.0.0.0/8", "fe80::1%eth0", "localhost", "a.b-c.d", "1.2.3", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAllowed(text)
		if err != nil {
			return
		}
		if again, err := ParseAllowed(a.String()); err != nil || again != a {
			t.Fatalf("%q is %v, which reads as %v, %v", text, a, again, err)
		}
	})
}
