package measure

import (
	"context"
	"fmt"
	"net/http"

	"example.com/bench/internal/drive"
	"example.com/bench/internal/record"
)

// manySessions is the most that a mock has at once, without one to spare.
const manySessions = 1000

// sessions compares requests to many sessions with requests to one. Each session has the ten credentials of the mock.
func (b *bench) sessions(ctx context.Context) error {
	mock, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer mock.Stop()
	one, err := b.fill(ctx, mock, sizes[0])
	if err != nil {
		return err
	}
	into := &b.run.Growth.Sessions
	into.Count = manySessions
	if into.Before, err = mock.Memory(); err != nil {
		return err
	}
	var creations, patches [][]byte
	for i := range manySessions {
		name := fmt.Sprintf("s%d", i)
		creations = append(creations, raw(mock.address(), http.MethodPost, "/__admin/sessions", fmt.Sprintf(`{"name":%q}`, name)))
		within := target{server: mock, base: "/__sessions/" + name + "/platform", id: one.id}
		patches = append(patches, within.patch())
	}
	if _, err := one.turn(ctx, drive.Load{Connections: 1, Source: drive.Once(creations), Wanted: success}); err != nil {
		return err
	}
	if into.Created, err = mock.Memory(); err != nil {
		return err
	}
	for range b.Turns {
		if into.One, err = one.session(ctx, b, into.One, patches[:1]); err != nil {
			return err
		}
		if into.All, err = one.session(ctx, b, into.All, patches); err != nil {
			return err
		}
	}
	into.After, err = mock.Memory()
	return err
}

// session appends the rate of requests in rotation.
func (t target) session(ctx context.Context, b *bench, rates []float64, requests [][]byte) ([]float64, error) {
	done, err := t.turn(ctx, drive.Load{Connections: connections[0], Source: drive.Rotate(requests), Time: b.Turn, Wanted: success,
		WarmUp: true})
	if err != nil {
		return nil, err
	}
	return append(rates, rate(done)), nil
}

// samples is how often the memory is read in the row of many requests.
const samples = 40

// memory reads the memory of one mock that answers more and more requests: updates, reads, refusals and lists of ten.
func (b *bench) memory(ctx context.Context) error {
	mock, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer mock.Stop()
	filled, err := b.fill(ctx, mock, sizes[0])
	if err != nil {
		return err
	}
	requests := [][]byte{filled.patch(), filled.get(), filled.refused(), filled.list()}
	answered := func(status int) bool { return success(status) || refusal(status) }
	for sample := range samples {
		part := b.Requests/samples + 1
		source := drive.Limit(drive.Rotate(requests), part)
		if _, err := filled.turn(ctx, drive.Load{Connections: connections[0], Source: source, Wanted: answered}); err != nil {
			return err
		}
		size, err := mock.Memory()
		if err != nil {
			return err
		}
		b.run.Growth.Latest = append(b.run.Growth.Latest, record.Resident{Requests: (sample + 1) * part, Bytes: size})
	}
	return nil
}
