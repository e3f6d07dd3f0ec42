package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// measure prints how many changes a second one mock takes, alone and behind nginx, and two behind nginx. The client shares the
// processors with them.
func measure(ctx context.Context, out io.Writer, folder, program string, length time.Duration) error {
	for range 3 {
		for _, row := range []struct {
			name   string
			mocks  int
			direct bool
		}{
			{"one mock", 1, true},
			{"one mock behind nginx", 1, false},
			{"two mocks behind nginx", 2, false},
		} {
			rate, err := rateOf(ctx, folder, program, row.mocks, row.direct, length)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%-24s%8.0f requests a second\n", row.name, rate)
		}
	}
	return nil
}

// rateOf returns how many changes a second a new farm takes from 16 sessions that each wait for their answer.
func rateOf(ctx context.Context, folder, program string, mocks int, direct bool, length time.Duration) (rate float64, err error) {
	folder, err = os.MkdirTemp(folder, "farm-")
	if err != nil {
		return 0, err
	}
	farm, err := start(ctx, folder, program, mocks)
	if err != nil {
		return 0, err
	}
	defer farm.stop()
	if direct {
		farm.address = farm.mocks[0].address
	}
	all := make([]*session, 16)
	for i := range all {
		all[i] = &session{farm: farm, name: fmt.Sprintf("job-%d", i+1)}
	}
	if err := each(all, func(one *session) error { return errors.Join(one.create(ctx), one.work(ctx)) }); err != nil {
		return 0, err
	}
	var count atomic.Int64
	begun := time.Now()
	err = each(all, func(one *session) error {
		for time.Since(begun) < length {
			var answered struct{}
			if err := one.succeed(ctx, http.MethodPatch, "/authcredentials/"+one.id, "{"+fields+"}", &answered); err != nil {
				return err
			}
			count.Add(1)
		}
		return nil
	})
	return float64(count.Load()) / time.Since(begun).Seconds(), err
}
