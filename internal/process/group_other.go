//go:build !unix

package process

import "os/exec"

// group returns what kills a program; those that it started live on.
func group(cmd *exec.Cmd) (kill func() error) {
	return func() error { return cmd.Process.Kill() }
}
