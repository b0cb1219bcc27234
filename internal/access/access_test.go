package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/internal/attempts"
	"rookery/internal/rights"
	"rookery/script"
)

var groupID = uuid.MustParse("01234567-89ab-cdef-0123-456789abcdef")

func TestStoredFormsVerifyTheirPassword(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, stored, given string
		want                bool
	}{
		{"plain", "mypassword", "mypassword", true},
		{"plain in another case", "mypassword", "MyPassword", false},
		{"plain, longer", "mypassword", "mypassword1", false},
		{"SHA-1", "91dfd9ddb4198affc5c194cd8ce6d338fde470e2", "mypassword", true},
		{"SHA-1 in capitals", "91DFD9DDB4198AFFC5C194CD8CE6D338FDE470E2", "mypassword", true},
		{"the stored hash is no password", "91dfd9ddb4198affc5c194cd8ce6d338fde470e2", "91dfd9ddb4198affc5c194cd8ce6d338fde470e2", false},
		{"SHA-1 of another one", "91dfd9ddb4198affc5c194cd8ce6d338fde470e2", "mypassword2", false},
		{"empty is never right", "", "", false},
		{"empty for plain", "x", "", false},
		{"SHA-1 of nothing", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "", false},
		// From the tests of the reference implementation: 64 MiB, two passes, salt somesalt.
		{"argon2id", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password", true},
		{"argon2id of another one", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "passwort", false},
	} {
		if got := VerifyPassword(tt.stored, tt.given); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	stored := HashPassword("grüße")
	if form, err := StoredForm(stored); form != Argon2id || err != nil {
		t.Errorf("%s: form %v, %v", stored, form, err)
	}
	if !VerifyPassword(stored, "grüße") || VerifyPassword(stored, stored) || stored == HashPassword("grüße") {
		t.Error("a new hash does not verify, is its own password, or has no salt of its own")
	}
	if !VerifyPassword(HashSHA1("x"), "x") {
		t.Error("a new SHA-1 does not verify")
	}
}

func TestUnusableStoredPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	good := HashPassword("x")
	for _, stored := range []string{
		"",
		"$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$",
		strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=19456", "m=99999999", 1),
		strings.Replace(good, "m=19456", "m=4", 1),
		strings.Replace(good, "t=2", "t=0", 1),
		strings.Replace(good, "t=2", "t=99", 1),
		strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=1,x=1", 1),
		good + "=", good + "$", good[:len(good)-30],
	} {
		if form, err := StoredForm(stored); err == nil {
			t.Errorf("%q counts as form %d", stored, form)
		}
		if VerifyPassword(stored, "x") {
			t.Errorf("%q verifies", stored)
		}
	}
}

func settings() Settings {
	return Settings{
		Groups: []Group{
			{
				Name: "My Group", ID: groupID, Password: "mypassword", Workers: 3,
				Permissions: rights.Talk | rights.Movement, Notifications: []string{"local"},
			},
			{Name: "Gäste", ID: uuid.New(), Password: HashSHA1("guest")},
		},
	}
}

func TestGroupsAreFoundByNameInAnyCaseAndByUUID(t *testing.T) {
	t.Parallel()
	a, err := New(settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []string{"My Group", "my group", "MY GROUP", groupID.String(), strings.ToUpper(groupID.String())} {
		caller, err := a.Authenticate(t.Context(), group, "mypassword", "")
		if err != nil || caller.Name != "My Group" || caller.ID != groupID || caller.Workers != 3 ||
			!caller.Permissions.Has(rights.Talk) || caller.Permissions.Has(rights.Land) ||
			!caller.Hears("local") || caller.Hears("message") {
			t.Errorf("%s: %+v, %v", group, caller, err)
		}
		if caller, ok := a.Group(group); !ok || caller.Name != "My Group" {
			t.Errorf("%s: %+v, %v", group, caller, ok)
		}
	}
	if caller, err := a.Authenticate(t.Context(), "GÄSTE", "guest", ""); err != nil || caller.Workers != 1 {
		t.Errorf("%+v, %v", caller, err)
	}
	for _, tt := range [][2]string{
		{"My Group", "wrong"},
		{"My Group", ""},
		{"My", "mypassword"},
		{"", ""},
		{"", "mypassword"},
		{uuid.NewString(), "mypassword"},
		{"Gäste", HashSHA1("guest")},
		{"Gäste", "mypassword"},
	} {
		if _, err := a.Authenticate(t.Context(), tt[0], tt[1], ""); !errors.Is(err, script.ErrAccessDenied) {
			t.Errorf("group %q, password %q: %v", tt[0], tt[1], err)
		}
	}
	if _, ok := a.Group("other"); ok {
		t.Error("found a group that is not there")
	}
	if got := a.Groups(); len(got) != 2 || got[0].Name != "My Group" {
		t.Errorf("got %+v", got)
	}
}

func TestUnknownGroupCostsAsMuchAsAWrongPassword(t *testing.T) {
	t.Parallel()
	s := settings()
	s.Groups[1].Password = HashPassword("guest")
	a, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	for i, group := range []string{"Gäste", "nobody"} {
		if _, err := a.Authenticate(t.Context(), group, "wrong", ""); !errors.Is(err, script.ErrAccessDenied) {
			t.Errorf("%s: %v", group, err)
		}
		// Each slow comparison leaves its outcome behind.
		if n := len(a.verifier.young); n != i+1 {
			t.Errorf("%s: %d slow comparisons, want %d", group, n, i+1)
		}
	}
}

func TestMasterPasswordOpensEveryGroup(t *testing.T) {
	t.Parallel()
	s := settings()
	s.MasterPassword = HashSHA1("sesame")
	a, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []string{"My Group", "Gäste"} {
		if _, err := a.Authenticate(t.Context(), group, "sesame", ""); err != nil {
			t.Errorf("%s: %v", group, err)
		}
		if _, err := a.Authenticate(t.Context(), group, s.MasterPassword, ""); err == nil {
			t.Errorf("%s: the stored master password opens it", group)
		}
	}
	if _, err := a.Authenticate(t.Context(), "other", "sesame", ""); err == nil {
		t.Error("opens a group that is not there")
	}
}

func TestGroupsThatCannotBeToldApartAreRefused(t *testing.T) {
	t.Parallel()
	a, err := New(settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		change func(*Settings)
		says   string
	}{
		{func(s *Settings) { s.Groups[1].Name = "MY GROUP" }, "without case"},
		{func(s *Settings) { s.Groups[1].ID = groupID }, "two groups of the UUID"},
		{func(s *Settings) { s.Groups[1].ID = uuid.Nil }, "no UUID"},
		{func(s *Settings) { s.Groups[1].Name = "" }, "no name"},
		{func(s *Settings) { s.Groups[1].Password = "" }, "password is empty"},
		{func(s *Settings) { s.MasterPassword = "$argon2id$" }, "master password"},
	} {
		s := settings()
		tt.change(&s)
		if err := a.Update(s); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("error %v, want %q in it", err, tt.says)
		}
	}
	if _, err := a.Authenticate(t.Context(), "My Group", "mypassword", ""); err != nil {
		t.Errorf("a refused update changed the settings: %v", err)
	}
}

func TestUpdateTakesRightsAway(t *testing.T) {
	t.Parallel()
	a, err := New(settings())
	if err != nil {
		t.Fatal(err)
	}
	s := settings()
	s.Groups[0].Permissions, s.Groups[0].Password = 0, "other"
	if err := a.Update(s); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Authenticate(t.Context(), "My Group", "mypassword", ""); err == nil {
		t.Error("the old password still opens the group")
	}
	if caller, err := a.Authenticate(t.Context(), "My Group", "other", ""); err != nil || caller.Permissions != 0 {
		t.Errorf("%+v, %v", caller, err)
	}
}

func TestGuessingIsSlowedPerAddress(t *testing.T) {
	t.Parallel()
	a, err := New(settings())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1000, 0)
	a.attempts = attempts.New(func() time.Time { return now })
	guess := func(remote, password string) error {
		_, err := a.Authenticate(context.Background(), "My Group", password, remote)
		return err
	}
	for i := range attempts.Burst {
		if err := guess(fmt.Sprintf("10.0.0.1:%d", 1000+i), "wrong"); !errors.Is(err, script.ErrAccessDenied) {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if err := guess("10.0.0.1:9", "wrong"); !errors.Is(err, script.ErrTooManyAttempts) {
		t.Errorf("one more: %v", err)
	}
	if err := guess("10.0.0.1:9", "mypassword"); !errors.Is(err, script.ErrTooManyAttempts) {
		t.Errorf("the right one, which tells whether it is right: %v", err)
	}
	if err := guess("10.0.0.2:9", "mypassword"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	now = now.Add(attempts.Pause)
	if err := guess("10.0.0.1:9", "mypassword"); err != nil {
		t.Errorf("after the pause: %v", err)
	}
	if err := guess("10.0.0.1:9", "wrong"); !errors.Is(err, script.ErrAccessDenied) {
		t.Errorf("after the pause: %v", err)
	}
	if err := guess("10.0.0.1:9", "wrong"); !errors.Is(err, script.ErrTooManyAttempts) {
		t.Errorf("and again: %v", err)
	}
}

func TestGuessingAtOnceIsSlowedToo(t *testing.T) {
	t.Parallel()
	slow := settings()
	slow.Groups[0].Password = HashPassword("mypassword")
	a, err := New(slow)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1000, 0)
	a.attempts = attempts.New(func() time.Time { return now })
	// With the verifier's slots taken, all are let past the count first.
	for range cap(a.verifier.slow) {
		a.verifier.slow <- struct{}{}
	}
	answers := make(chan error)
	const guesses = 3 * attempts.Burst
	for i := range guesses {
		go func() {
			_, err := a.Authenticate(context.Background(), slow.Groups[0].Name, fmt.Sprintf("wrong %d", i), "10.0.0.1:9")
			answers <- err
		}()
	}
	for range cap(a.verifier.slow) {
		<-a.verifier.slow
	}
	denied := 0
	for range guesses {
		if err := <-answers; errors.Is(err, script.ErrAccessDenied) {
			denied++
		} else if !errors.Is(err, script.ErrTooManyAttempts) {
			t.Error(err)
		}
	}
	if denied != attempts.Burst {
		t.Errorf("%d guesses were told that they are wrong, want %d", denied, attempts.Burst)
	}
}

func TestSlowHashesAreComputedOncePerPassword(t *testing.T) {
	t.Parallel()
	v := newVerifier()
	stored := HashPassword("x")
	// With its slots taken the verifier can only answer from memory.
	for given, want := range map[string]bool{"x": true, "y": false} {
		if got := v.verify(stored, given); got != want {
			t.Fatalf("%s: %v", given, got)
		}
	}
	v.slow <- struct{}{}
	v.slow <- struct{}{}
	for given, want := range map[string]bool{"x": true, "y": false} {
		if got := v.verify(stored, given); got != want {
			t.Errorf("%s from memory: %v", given, got)
		}
	}
	for i := range 3 * remembered {
		v.remember([32]byte{byte(i), byte(i >> 8)}, true)
	}
	if n := len(v.young) + len(v.aged); n > 2*remembered {
		t.Errorf("%d outcomes remembered", n)
	}
}

func TestAccessMayBeUsedAndUpdatedAtTheSameTime(t *testing.T) {
	t.Parallel()
	a, err := New(settings())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 50 {
				if _, err := a.Authenticate(context.Background(), "My Group", "mypassword", fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
				if err := a.Update(settings()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzStoredForm(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("91dfd9ddb4198affc5c194cd8ce6d338fde470e2")
	f.Fuzz(func(t *testing.T, stored string) {
		if form, err := StoredForm(stored); err == nil && form == SHA1 && VerifyPassword(stored, stored) {
			t.Errorf("%q is its own password", stored)
		}
	})
}
