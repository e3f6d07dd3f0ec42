package mockserver

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// The first and the last moment that a clock can show. All of them have four digits for the year, as the times of the API do.
var (
	earliest = time.Unix(0, 0).UTC()
	latest   = time.Date(9999, time.December, 31, 23, 59, 59, int(999*time.Millisecond), time.UTC)
)

var errOffCalendar = errors.New("the clock would leave the years from 1970 to 9999")

// clock is the clock of a session: that of the options, until somebody sets it. It never shows a time that is not
// between [earliest] and [latest]; one that comes to an end stands still there.
type clock struct {
	base    func() time.Time
	setting atomic.Pointer[clockSetting] // nil for none
	change  sync.Mutex                   // held while the setting changes
}

// clockSetting says what a clock shows that was set.
type clockSetting struct {
	shown  time.Time // what it showed when it was set
	since  time.Time // what that of the options showed then
	frozen bool      // it stands still
}

// clockChange is what somebody wants of a clock. What is left out stays as it is.
type clockChange struct {
	to     *time.Time
	by     time.Duration
	frozen *bool
}

func (c *clock) now() time.Time { return c.at(c.base(), c.setting.Load()) }

// at returns what the clock shows by a setting when that of the options shows a time.
func (c *clock) at(base time.Time, setting *clockSetting) time.Time {
	switch {
	case setting == nil:
		return onCalendar(base)
	case setting.frozen:
		return setting.shown
	}
	return onCalendar(setting.shown.Add(base.Sub(setting.since)))
}

// onCalendar returns a time, or the nearest that a clock can show.
func onCalendar(at time.Time) time.Time {
	switch {
	case at.Before(earliest):
		return earliest
	case at.After(latest):
		return latest
	}
	return at
}

// set sets the clock to a time, where one is given, moves it on, and lets it run or stand still. Where that leaves the calendar, it
// fails with errOffCalendar and changes nothing.
func (c *clock) set(wanted clockChange) error {
	c.change.Lock()
	defer c.change.Unlock()
	before := c.setting.Load()
	base := c.base()
	next := &clockSetting{since: base, shown: c.at(base, before), frozen: before != nil && before.frozen}
	if wanted == (clockChange{}) {
		return nil
	}
	if wanted.to != nil {
		next.shown = *wanted.to
	}
	next.shown = next.shown.Add(wanted.by)
	if !next.shown.Equal(onCalendar(next.shown)) {
		return errOffCalendar
	}
	if wanted.frozen != nil {
		next.frozen = *wanted.frozen
	}
	c.setting.Store(next)
	return nil
}

func (c *clock) isFrozen() bool {
	setting := c.setting.Load()
	return setting != nil && setting.frozen
}

// ahead says how far the clock is ahead of that of the options, as in 1h30m0s.
func (c *clock) ahead() string {
	switch setting := c.setting.Load(); {
	case setting == nil:
		return "0s"
	case setting.frozen:
		return difference(setting.shown, c.base())
	default:
		return difference(setting.shown, setting.since)
	}
}

// difference returns the time between two moments, to the millisecond. That may be more than a [time.Duration] holds.
func difference(later, earlier time.Time) string {
	seconds := later.Unix() - earlier.Unix()
	rest := time.Duration(later.Nanosecond() - earlier.Nanosecond()).Round(time.Millisecond)
	if years := seconds / int64(365*24*time.Hour/time.Second); -290 < years && years < 290 {
		return (time.Duration(seconds)*time.Second + rest).String()
	}
	return fmt.Sprintf("%dh%dm%ds", seconds/3600, abs(seconds/60%60), abs(seconds%60))
}

func abs(number int64) int64 { return max(number, -number) }

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
