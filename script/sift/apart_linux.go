package sift

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"time"
)

// apartNice is the priority of such a process, see nice(2).
const apartNice = 10

// confine has the system end this process when it takes more memory than a step
// may, or more processor time, should the one that started it be gone. It is
// called by the thread that does the work.
func confine(limits Limits) error {
	held, err := heldMemory()
	if err != nil {
		return err
	}
	most := held + apartMemory + uint64(limits.Memory)
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	seconds := uint64(limits.Time/time.Second) + 2
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: seconds, Max: seconds}); err != nil {
		return fmt.Errorf("processor time: %w", err)
	}
	// Those who ask for a sift wait for it, and not everybody else.
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, apartNice); err != nil {
		return fmt.Errorf("priority: %w", err)
	}
	return nil
}

// heldMemory is what the process holds of the kind that RLIMIT_DATA counts, in
// bytes (proc_pid_status(5), VmData).
func heldMemory() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, found := bytes.Cut(status, []byte("\nVmData:"))
	var kilobytes uint64
	if _, err := fmt.Sscan(string(rest), &kilobytes); !found || err != nil {
		return 0, fmt.Errorf("no VmData in /proc/self/status: %w", err)
	}
	return kilobytes << 10, nil
}
