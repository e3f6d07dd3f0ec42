package pace

import (
	"context"
	"testing"
	"time"
)

func TestTurns(t *testing.T) {
	now := time.Unix(1000, 0)
	half := New(0.5)
	for i, row := range []struct {
		later, owed time.Duration
	}{{0, 0}, {0, 2 * time.Second}, {time.Second, 3 * time.Second}, {time.Minute, 0}, {time.Minute, 2 * time.Second}} {
		if seen := half.turn(now.Add(row.later)); seen != row.owed {
			t.Errorf("turn %d comes after %s, owed %s", i, seen, row.owed)
		}
	}
}

func TestNoPaceAndAnEndedRun(t *testing.T) {
	New(0).Wait(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	slow := New(0.001)
	slow.turn(time.Now())
	slow.Wait(ctx) // would take a quarter of an hour
}
