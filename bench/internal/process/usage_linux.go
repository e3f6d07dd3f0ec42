package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ownGroup lets a program end with this process, and be killed with its children.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// CPU returns the CPU time that the program used so far, user and system together. It is the sum of /proc/PID/stat in nanoseconds: that
// file has steps of 10 ms.
func (p *Process) CPU() (time.Duration, error) { return cpuOf(p.cmd.Process.Pid) }

// OwnCPU returns the CPU time of this process.
func OwnCPU() (time.Duration, error) { return cpuOf(os.Getpid()) }

func cpuOf(pid int) (time.Duration, error) {
	const scheduler = 2 // the clock of a process that the scheduler keeps; see clock_getcpuclockid(3)
	var spent unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduler), &spent); err != nil {
		return 0, fmt.Errorf("the CPU time of process %d: %w", pid, err)
	}
	return time.Duration(spent.Nano()), nil
}

// Memory returns the bytes that the program has in memory.
func (p *Process) Memory() (int64, error) { return p.status("VmRSS") }

// Peak returns the most bytes that the program had in memory since ResetPeak.
func (p *Process) Peak() (int64, error) { return p.status("VmHWM") }

// ResetPeak lets Peak begin anew.
func (p *Process) ResetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0)
}

func (p *Process) status(name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return statusBytes(string(text), name)
}

// statusBytes reads a size from the text of /proc/PID/status.
func statusBytes(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			fields := strings.Fields(value)
			if len(fields) != 2 || fields[1] != "kB" {
				break
			}
			size, err := strconv.ParseInt(fields[0], 10, 64)
			return size << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/PID/status has no size %s", name)
}
