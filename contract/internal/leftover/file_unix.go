//go:build unix && !solaris && !aix

package leftover

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// lock locks a file until this process closes it. It tells whether no other process holds the lock.
func lock(file *os.File) (free bool, err error) {
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// over returns true: the lock has told.
func (r Record) over(time.Time) bool { return true }
