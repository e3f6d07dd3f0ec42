//go:build !linux

package process

import (
	"errors"
	"syscall"
	"time"
)

var errLinux = errors.New("CPU time and memory of another process are read on Linux only")

func ownGroup() *syscall.SysProcAttr { return nil }

// CPU returns an error.
func (p *Process) CPU() (time.Duration, error) { return 0, errLinux }

// OwnCPU returns an error.
func OwnCPU() (time.Duration, error) { return 0, errLinux }

// Memory returns an error.
func (p *Process) Memory() (int64, error) { return 0, errLinux }

// Peak returns an error.
func (p *Process) Peak() (int64, error) { return 0, errLinux }

// ResetPeak returns an error.
func (p *Process) ResetPeak() error { return errLinux }
