package session

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// The first and the last moment that a clock can show. All of them have four digits for the year, as the times of the API do.
var (
	Earliest = time.Unix(0, 0).UTC()
	Latest   = time.Date(9999, time.December, 31, 23, 59, 59, int(999*time.Millisecond), time.UTC)
)

var errOutOfRange = errors.New("the clock would leave the years from 1970 to 9999")

// Clock is the clock of a session: that of the options, until somebody sets it. It never shows a time that is not
// between [earliest] and [latest]; one that comes to an end stands still there.
type Clock struct {
	Base    func() time.Time
	setting atomic.Pointer[clockSetting] // nil for none
	change  sync.Mutex                   // held while the setting changes
}

// clockSetting says what a clock shows that was set.
type clockSetting struct {
	shown  time.Time // what it showed when it was set
	base   time.Time // what that of the options showed then
	frozen bool      // it stands still
}

// ClockChange is what somebody wants of a clock. What is left out stays as it is.
type ClockChange struct {
	To     *time.Time
	By     time.Duration
	Frozen *bool
}

// Now returns what the clock shows.
func (c *Clock) Now() time.Time { return c.at(c.Base(), c.setting.Load()) }

// at returns what the clock shows by a setting when that of the options shows a time.
func (c *Clock) at(base time.Time, setting *clockSetting) time.Time {
	switch {
	case setting == nil:
		return Clamp(base)
	case setting.frozen:
		return setting.shown
	}
	return Clamp(setting.shown.Add(base.Sub(setting.base)))
}

// OnCalendar returns a time, or the nearest that a clock can show.
func Clamp(at time.Time) time.Time {
	switch {
	case at.Before(Earliest):
		return Earliest
	case at.After(Latest):
		return Latest
	}
	return at
}

// Set sets the clock to a time, where one is given, moves it on, and lets it run or stand still. Where that leaves the calendar, it
// fails with errOffCalendar and changes nothing.
func (c *Clock) Set(wanted ClockChange) error {
	c.change.Lock()
	defer c.change.Unlock()
	before := c.setting.Load()
	base := c.Base()
	next := &clockSetting{base: base, shown: c.at(base, before), frozen: before != nil && before.frozen}
	if wanted == (ClockChange{}) {
		return nil
	}
	if wanted.To != nil {
		next.shown = *wanted.To
	}
	next.shown = next.shown.Add(wanted.By)
	if !next.shown.Equal(Clamp(next.shown)) {
		return errOutOfRange
	}
	if wanted.Frozen != nil {
		next.frozen = *wanted.Frozen
	}
	c.setting.Store(next)
	return nil
}

// IsFrozen reports whether the clock stands still.
func (c *Clock) IsFrozen() bool {
	setting := c.setting.Load()
	return setting != nil && setting.frozen
}

// Ahead says how far the clock is ahead of that of the options, as in 1h30m0s.
func (c *Clock) Offset() string {
	switch setting := c.setting.Load(); {
	case setting == nil:
		return "0s"
	case setting.frozen:
		return difference(setting.shown, c.Base())
	default:
		return difference(setting.shown, setting.base)
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

// Remark says what the clock shows where somebody set it, so that who is refused for a time looks there first.
func (c *Clock) Remark() string {
	if c.setting.Load() == nil {
		return ""
	}
	return "; the clock of this mock was set, and says " + c.Now().UTC().Format(time.RFC3339)
}

// Fork returns a clock that shows the same, and is set on its own.
func (c *Clock) Fork() *Clock {
	copied := &Clock{Base: c.Base}
	copied.setting.Store(c.setting.Load())
	return copied
}
