package session

import (
	"testing"
	"time"
)

// Times have three digits of a second, whatever the clock shows, and are not rounded up.
func TestNowHasMilliseconds(t *testing.T) {
	for _, row := range []struct {
		nanoseconds int
		want        string
	}{
		{0, "2026-01-15T09:30:00.000Z"}, {1, "2026-01-15T09:30:00.000Z"}, {7_000_000, "2026-01-15T09:30:00.007Z"},
		{120_000_000, "2026-01-15T09:30:00.120Z"}, {999_999_999, "2026-01-15T09:30:00.999Z"},
	} {
		at := time.Date(2026, time.January, 15, 10, 30, 0, row.nanoseconds, time.FixedZone("", 3600))
		one := Session{Clock: &Clock{Base: func() time.Time { return at }}}
		if got := one.Now(); got != row.want {
			t.Errorf("%s, want %s", got, row.want)
		}
	}
	for _, end := range []time.Time{Earliest, Latest} {
		one := Session{Clock: &Clock{Base: func() time.Time { return end }}}
		if got, err := time.Parse(time.RFC3339, one.Now()); err != nil || !got.Equal(end) {
			t.Errorf("%s, want %s: %v", got, end, err)
		}
	}
}
