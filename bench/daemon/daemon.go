// Package daemon runs the program under measurement.
package daemon

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Daemon is one run of the program.
type Daemon struct {
	// Ready tells where its doors are.
	Ready struct{ TCP, HTTP string }
	PID   int

	cmd *exec.Cmd
	dir string
}

// Start runs a rookery binary with these settings until it says that it is up. Its
// log goes to a file, as that of a service does.
func Start(program, settings string) (*Daemon, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "rookery.toml")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	d := &Daemon{dir: dir, cmd: exec.Command(program, "run", "--config", path, "--ready-file", "/dev/fd/3")}
	d.cmd.ExtraFiles = []*os.File{write}
	d.cmd.Stderr = log
	err = d.cmd.Start()
	write.Close()
	if err != nil {
		return nil, err
	}
	d.PID = d.cmd.Process.Pid
	if err := json.NewDecoder(read).Decode(&d.Ready); err != nil {
		d.End()
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("rookery does not say that it is ready: %w\n%s", err, said)
	}
	return d, nil
}

// End ends the program and removes what it left.
func (d *Daemon) End() {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	_ = d.cmd.Wait()
	_ = os.RemoveAll(d.dir)
}

// Resident is the program's memory, in bytes.
func (d *Daemon) Resident() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", d.PID))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// Processor is the processor time that a process has used so far.
func Processor(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // proc(5): the name may have blanks
	var ticks int64
	for _, field := range strings.Fields(rest)[11:13] { // utime and stime
		n, _ := strconv.ParseInt(field, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100) // USER_HZ
}
