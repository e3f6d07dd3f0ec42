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

// measure prints how many changes a second one mock takes, alone and behind nginx, and two behind nginx, in turns. The client
// shares the processors with them.
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
			taken, err := take(ctx, folder, program, row.mocks, row.direct, length)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%-24s%7.0f requests a second,%4d µs of processor time each, and %d µs of nginx\n", row.name,
				float64(taken.count)/taken.time.Seconds(), taken.each(taken.mocks), taken.each(taken.nginx))
		}
	}
	return nil
}

// taken is the result of a measurement. The processor times include the start of each process.
type taken struct {
	count              int64
	time, mocks, nginx time.Duration
}

// each returns the share of a request in microseconds.
func (t taken) each(total time.Duration) int64 { return total.Microseconds() / max(t.count, 1) }

// take sends changes to a new farm from 16 sessions, each of which waits for its answer.
func take(ctx context.Context, folder, program string, mocks int, direct bool, length time.Duration) (made taken, err error) {
	folder, err = os.MkdirTemp(folder, "farm-")
	if err != nil {
		return made, err
	}
	farm, err := start(ctx, folder, program, mocks)
	if err != nil {
		return made, err
	}
	defer func() {
		farm.stop()
		made.nginx = farm.nginx.used()
		for _, one := range farm.mocks {
			made.mocks += one.used()
		}
	}()
	if direct {
		farm.address = farm.mocks[0].address
	}
	all := make([]*session, 16)
	for i := range all {
		all[i] = &session{farm: farm, name: fmt.Sprintf("job-%d", i+1)}
	}
	if err := each(all, func(one *session) error { return errors.Join(one.create(ctx), one.work(ctx)) }); err != nil {
		return made, err
	}
	var count atomic.Int64
	begun := time.Now()
	err = each(all, func(one *session) error {
		for time.Since(begun) < length {
			var ignored struct{}
			if err := one.succeed(ctx, http.MethodPatch, "/authcredentials/"+one.id, "{"+fields+"}", &ignored); err != nil {
				return err
			}
			count.Add(1)
		}
		return nil
	})
	made.count, made.time = count.Load(), time.Since(begun)
	return made, err
}

// used returns the processor time of a process that has ended.
func (p *process) used() time.Duration {
	return p.command.ProcessState.UserTime() + p.command.ProcessState.SystemTime()
}
