package measure

import (
	"context"
	"strconv"
	"strings"
	"time"

	"example.com/bench/internal/drive"
	"example.com/bench/internal/record"
)

// sizes are the numbers of credentials of the mocks that are compared. The last one is that of the budgets.
var sizes = []int{10, 1000, 100_000}

// settling is how long a program gets until its memory is read at rest.
const settling = time.Second

// grow compares mocks that hold different numbers of credentials, in turns.
func (b *bench) grow(ctx context.Context) error {
	var mocks []target
	defer func() {
		for _, one := range mocks {
			one.Stop()
		}
	}()
	for _, size := range sizes {
		mock, err := b.serve(ctx)
		if err != nil {
			return err
		}
		mocks = append(mocks, target{server: mock})
		if err := b.restIdle(ctx, mock); err != nil {
			return err
		}
		if mocks[len(mocks)-1], err = b.fill(ctx, mock, size); err != nil {
			return err
		}
		if b.run.Growth.Memory.Full, err = mock.Memory(); err != nil {
			return err
		}
		b.run.Growth.Memory.Credentials = size
	}
	if err := b.growRequests(ctx, "PATCH", target.patch, mocks); err != nil {
		return err
	}
	if err := b.growRequests(ctx, "GET", target.get, mocks); err != nil {
		return err
	}
	return b.growOperations(ctx, []target{mocks[0], mocks[len(mocks)-1]})
}

// restIdle reads the memory of a mock that has done nothing yet.
func (b *bench) restIdle(ctx context.Context, mock *server) (err error) {
	if b.run.Growth.Memory.Idle > 0 {
		return nil
	}
	select {
	case <-time.After(settling):
	case <-ctx.Done():
	}
	b.run.Growth.Memory.Idle, err = mock.Memory()
	return err
}

func (b *bench) growRequests(ctx context.Context, name string, request func(target) []byte, mocks []target) error {
	levels := make([]level, len(mocks))
	for turn := range b.Turns {
		for i := range mocks {
			at := (i + turn) % len(mocks)
			done, err := mocks[at].turn(ctx, drive.Load{Connections: connections[0], Source: drive.Repeat(request(mocks[at])), Time: b.Turn,
				Wanted: success, WarmUp: true})
			if err != nil {
				return err
			}
			levels[at].add(done)
		}
	}
	b.keep(&b.run.Growth.Throughput, name, levels, sizes)
	return nil
}

// level is the turns of a mock.
type level record.Level

func (l *level) add(done drive.Turn) {
	l.Rates, l.CPU = append(l.Rates, rate(done)), append(l.CPU, micros(done.CPU, done))
}

// keep adds the levels of an operation.
func (b *bench) keep(into *[]record.Level, name string, levels []level, credentials []int) {
	for i, one := range levels {
		one.Operation, one.Credentials = name, credentials[i]
		*into = append(*into, record.Level(one))
	}
}

// times is how often a turn repeats an operation of the admin surface.
const times = 20

// growOperations compares the operations that must not depend on the number of credentials.
func (b *bench) growOperations(ctx context.Context, mocks []target) error {
	for _, operation := range []struct {
		name, path, body, clean string // clean is the path of DELETE for what each body made; %d stands for its number
	}{
		{"snapshot", "snapshots", `{"name":"here"}`, ""},
		{"session", "sessions", `{"name":"s%d"}`, "sessions/s%d"},
		{"restore", "reset", `{"snapshot":"here"}`, ""},
	} {
		levels := make([]level, len(mocks))
		for turn := range b.Turns {
			for i := range mocks {
				at := (i + turn) % len(mocks)
				done, err := mocks[at].turn(ctx, drive.Load{Connections: 1, Wanted: success,
					Source: drive.Once(mocks[at].admin("POST", operation.path, operation.body))})
				if err != nil {
					return err
				}
				levels[at].add(done)
				if operation.clean == "" {
					continue
				}
				if _, err := mocks[at].turn(ctx, drive.Load{Connections: 1, Wanted: success,
					Source: drive.Once(mocks[at].admin("DELETE", operation.clean, ""))}); err != nil {
					return err
				}
			}
		}
		b.keep(&b.run.Growth.Operations, operation.name, levels, []int{sizes[0], sizes[len(sizes)-1]})
	}
	return nil
}

// admin returns requests to the admin surface.
func (t target) admin(method, path, body string) [][]byte {
	var made [][]byte
	for i := range times {
		made = append(made, raw(t.address(), method, "/__admin/"+numbered(path, i), numbered(body, i)))
	}
	return made
}

// numbered puts a number into the place that a text has for it.
func numbered(text string, number int) string {
	return strings.ReplaceAll(text, "%d", strconv.Itoa(number))
}

// listed is how often a list of so many records is read.
var listed = []struct{ records, reads int }{{10, 200}, {100, 100}, {1000, 50}, {10_000, 10}, {100_000, 5}}

// lists measures one list after another, of a mock that gets more and more credentials.
func (b *bench) lists(ctx context.Context) error {
	mock, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer mock.Stop()
	filled, err := b.fill(ctx, mock, listed[0].records)
	if err != nil {
		return err
	}
	stored := listed[0].records
	for _, size := range listed {
		if err := filled.add(ctx, size.records-stored); err != nil {
			return err
		}
		stored = size.records
		cost, err := filled.readLists(ctx, size.records, size.reads)
		if err != nil {
			return err
		}
		b.run.Growth.Lists = append(b.run.Growth.Lists, cost)
	}
	return nil
}

// readLists reads a list several times. One of them is alone: its memory is read, which takes the server longer.
func (t target) readLists(ctx context.Context, records, reads int) (record.List, error) {
	cost := record.List{Records: records}
	load := drive.Load{Connections: 1, Source: drive.Limit(drive.Repeat(t.list()), 1), Wanted: success}
	before, err := t.Memory()
	if err != nil {
		return cost, err
	}
	if err := t.ResetPeak(); err != nil {
		return cost, err
	}
	if _, err := t.turn(ctx, load); err != nil {
		return cost, err
	}
	peak, err := t.Peak()
	if err != nil {
		return cost, err
	}
	cost.Extra = max(0, peak-before)
	for range reads {
		load.Source = drive.Limit(drive.Repeat(t.list()), 1)
		done, err := t.turn(ctx, load)
		if err != nil {
			return cost, err
		}
		cost.Bytes = done.Bytes
		cost.Micros, cost.CPU = append(cost.Micros, micros(done.Elapsed, done)), append(cost.CPU, micros(done.CPU, done))
	}
	return cost, nil
}
