// Package fulldisk gives a test a small disk of its own to fill.
package fulldisk

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// place is the environment variable that tells the test which runs again, in a
// place where it may mount, where its disk is.
const place = "ROOKERY_TEST_FULL_DISK"

// Run runs the calling test again, as a process that has mounted a disk of 64 KiB,
// and there calls test with the disk's directory. Nothing may run before it in the
// calling test. Where no disk can be mounted the test is skipped.
func Run(t *testing.T, test func(t *testing.T, dir string)) {
	if dir := os.Getenv(place); dir != "" {
		test(t, dir)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	mount := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
		`mount -t tmpfs -o size=64k tmpfs "$0" || exit 77; exec "$@"`, dir, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	mount.Env = append(os.Environ(), place+"="+dir)
	out, err := mount.CombinedOutput()
	var exit *exec.ExitError
	if errors.Is(err, exec.ErrNotFound) || errors.As(err, &exit) && !strings.Contains(string(out), "=== RUN") {
		t.Skipf("needs the right to mount a disk of its own (unshare of util-linux, user namespaces): %s", out)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
