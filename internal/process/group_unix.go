//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// group makes a program the first of a group of its own, and returns what kills
// the whole group.
func group(cmd *exec.Cmd) (kill func() error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
