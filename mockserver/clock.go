package mockserver

import (
	"sync/atomic"
	"time"
)

// clock is the clock of a session: that of the options, until somebody sets it.
type clock struct {
	base    func() time.Time
	setting atomic.Pointer[clockSetting] // nil for none
}

// clockSetting says how a clock differs from that of the options.
type clockSetting struct {
	ahead  time.Duration // how far it is ahead of the other
	frozen time.Time     // where it stands still; zero for a clock that runs
}

func (c *clock) now() time.Time {
	setting := c.setting.Load()
	switch {
	case setting == nil:
		return c.base()
	case !setting.frozen.IsZero():
		return setting.frozen
	}
	return c.base().Add(setting.ahead)
}

// change sets the clock to a time, where one is given, moves it on, and lets it run or stand still.
func (c *clock) change(to *time.Time, by time.Duration, frozen bool) {
	now, ahead := c.now(), c.ahead()
	if to != nil {
		now, ahead = *to, to.Sub(c.base())
	}
	if frozen {
		c.setting.Store(&clockSetting{frozen: now.Add(by)})
	} else {
		c.setting.Store(&clockSetting{ahead: ahead + by})
	}
}

func (c *clock) isFrozen() bool {
	setting := c.setting.Load()
	return setting != nil && !setting.frozen.IsZero()
}

// ahead returns how far the clock is ahead of that of the options.
func (c *clock) ahead() time.Duration {
	setting := c.setting.Load()
	switch {
	case setting == nil:
		return 0
	case setting.frozen.IsZero():
		return setting.ahead
	}
	return setting.frozen.Sub(c.base())
}

// remark says what the clock shows where somebody set it, so that who is refused for a time looks there first.
func (c *clock) remark() string {
	if c.setting.Load() == nil {
		return ""
	}
	return "; the clock of this mock was set, and says " + c.now().UTC().Format(time.RFC3339)
}

// fork returns a clock that shows the same, and is set on its own.
func (c *clock) fork() *clock {
	copied := &clock{base: c.base}
	copied.setting.Store(c.setting.Load())
	return copied
}
