package session

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// The earliest and the latest time that a clock can show. All times in between have a year of four digits, like the
// times of the API.
var (
	Earliest = time.Unix(0, 0).UTC()
	Latest   = time.Date(9999, time.December, 31, 23, 59, 59, int(999*time.Millisecond), time.UTC)
)

var errOutOfRange = errors.New("the clock would leave the years from 1970 to 9999")

// Clock is the clock of a session. It shows the base clock's time until it is set. It shows no time before [Earliest]
// or after [Latest], where it stops.
type Clock struct {
	Base    func() time.Time
	setting atomic.Pointer[clockSetting] // nil if the clock was never set
	change  sync.Mutex                   // held while the setting changes
}

// clockSetting is the state of a clock that was set.
type clockSetting struct {
	shown  time.Time // time that the clock was set to
	base   time.Time // time of the base clock at that moment
	frozen bool      // the clock does not advance
}

// ClockChange is a change to a clock. Nil and zero fields change nothing.
type ClockChange struct {
	To     *time.Time    // sets the clock
	By     time.Duration // then moves it
	Frozen *bool         // stops it, or lets it run
}

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time { return c.at(c.Base(), c.setting.Load()) }

// at returns the time that a setting shows at a time of the base clock. The setting may be nil.
func (c *Clock) at(base time.Time, setting *clockSetting) time.Time {
	switch {
	case setting == nil:
		return Clamp(base)
	case setting.frozen:
		return setting.shown
	}
	return Clamp(setting.shown.Add(base.Sub(setting.base)))
}

// Clamp returns the time nearest to a given one that a clock can show.
func Clamp(at time.Time) time.Time {
	switch {
	case at.Before(Earliest):
		return Earliest
	case at.After(Latest):
		return Latest
	}
	return at
}

// Set changes the clock. It returns errOutOfRange, and changes nothing, if the result is before [Earliest] or after
// [Latest].
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

// IsFrozen reports whether the clock has been stopped.
func (c *Clock) IsFrozen() bool {
	setting := c.setting.Load()
	return setting != nil && setting.frozen
}

// Offset returns how far the clock is ahead of the base clock, as in 1h30m0s.
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

// difference returns the time between two times, rounded to milliseconds. It may be more than a [time.Duration]
// holds.
func difference(later, earlier time.Time) string {
	seconds := later.Unix() - earlier.Unix()
	rest := time.Duration(later.Nanosecond() - earlier.Nanosecond()).Round(time.Millisecond)
	if years := seconds / int64(365*24*time.Hour/time.Second); -290 < years && years < 290 {
		return (time.Duration(seconds)*time.Second + rest).String()
	}
	return fmt.Sprintf("%dh%dm%ds", seconds/3600, abs(seconds/60%60), abs(seconds%60))
}

func abs(number int64) int64 { return max(number, -number) }

// Remark returns the time of a clock that was set, as the end of an error message about time; empty if it was never
// set.
func (c *Clock) Remark() string {
	if c.setting.Load() == nil {
		return ""
	}
	return "; the clock of this mock was set, and says " + c.Now().UTC().Format(time.RFC3339)
}

// Fork returns an independent clock that shows the same time.
func (c *Clock) Fork() *Clock {
	copied := &Clock{Base: c.Base}
	copied.setting.Store(c.setting.Load())
	return copied
}
