package client

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
)

// Attack says what is attacked, and how.
type Attack struct {
	Root     string // of the mock: http, host and port
	Token    string // of an engineer
	Viewer   string // token of a member who may only read
	Requests int
	Workers  int           // if 0, 8
	Seed     uint64        // the same seed sends the same, but for what answers brought
	Patience time.Duration // how long an answer may take; if 0, half a minute
	Settle   time.Duration // how long what is no longer used may stay; if 0, ten seconds
	MayGrow  uint64        // by how much the heap may grow, in bytes; if 0, 48 MiB
	Log      *Watch        // of the mock; may be nil
	Progress func(sent int64)
}

// stretches is in how many parts an attack comes at most: after each the mock must do a sound piece of work.
const stretches = 20

// run is an attack under way.
type run struct {
	Attack
	*tally
	address string
	spec    *credmock.Spec
	prefix  string // of the API's paths
	pool    *pool
	sent    atomic.Int64
}

// Run attacks, and returns what it counted. The error says that there was nothing to attack.
func (a Attack) Run(ctx context.Context) (*Result, error) {
	root, err := url.Parse(a.Root)
	if err != nil || root.Host == "" {
		return nil, fmt.Errorf("%q is no root of a mock", a.Root)
	}
	if a.Workers <= 0 {
		a.Workers = 8
	}
	if a.Patience <= 0 {
		a.Patience = 30 * time.Second
	}
	if a.Settle <= 0 {
		a.Settle = 10 * time.Second
	}
	if a.MayGrow == 0 {
		a.MayGrow = 48 << 20
	}
	spec := credmock.Default()
	r := &run{Attack: a, tally: newTally(), address: root.Host, spec: spec, prefix: spec.BasePath()}
	if r.pool, err = newPool(spec, int64(a.Seed>>1), a.Root); err != nil {
		return nil, err
	}
	if err := r.probe(ctx); err != nil {
		return nil, fmt.Errorf("the mock is not sound to begin with: %w", err)
	}
	r.campaign(ctx)
	return &r.result, ctx.Err()
}

// campaign warms the mock up, attacks it in stretches and compares what the process has.
func (r *run) campaign(ctx context.Context) {
	began := time.Now()
	workers := make([]*worker, r.Workers)
	for i := range workers {
		workers[i] = r.newWorker(i)
	}
	parts := min(stretches, max(2, r.Requests/1000))
	each := max(1, r.Requests/(parts*r.Workers))
	for stretch := range parts {
		if ctx.Err() != nil {
			break
		}
		r.stretch(ctx, workers, each)
		if stretch == 0 { // what the first brings is what stays: pools, caches, keys
			r.result.Before = usage()
		}
	}
	r.result.After = settled(r.result.Before, r.Settle)
	r.result.Took = time.Since(began)
	r.compare()
}

// slack is how many goroutines and files more there may be: of connections that net/http has not given up yet.
const slack = 24

func (r *run) compare() {
	before, after := r.result.Before, r.result.After
	if after.Heap > before.Heap+r.MayGrow {
		r.broke("the heap grew", fmt.Sprintf("from %d to %d MiB", before.Heap>>20, after.Heap>>20))
	}
	if after.Goroutines > before.Goroutines+slack {
		r.broke("goroutines stayed", fmt.Sprintf("from %d to %d", before.Goroutines, after.Goroutines))
	}
	if after.Files > before.Files+slack {
		r.broke("files stayed", fmt.Sprintf("from %d to %d", before.Files, after.Files))
	}
	if r.Log == nil {
		return
	}
	lines, panics, marks, first := r.Log.counts()
	r.result.Lines = lines
	if panics > 0 {
		r.broke("panics in the log", fmt.Sprintf("%d: %q", panics, first))
	}
	if marks > 0 {
		r.broke("canaries in the log", fmt.Sprintf("%d: %q", marks, first))
	}
}

// stretch lets every worker send its share, with deaf listeners beside them, and then looks whether the mock is sound.
func (r *run) stretch(ctx context.Context, workers []*worker, each int) {
	holding := r.hold(ctx)
	var wait sync.WaitGroup
	for _, w := range workers {
		wait.Go(func() { w.work(ctx, each) })
	}
	wait.Wait()
	holding.release()
	if r.Progress != nil {
		r.Progress(r.sent.Load())
	}
	if ctx.Err() != nil {
		return
	}
	for _, path := range []string{"requests", "requests.har", "requests.txtar", "state", "ui/", "sessions", "faults"} {
		workers[0].inspect("/__admin/" + path)
	}
	workers[0].inspectAfter("POST", "/__admin/reset")
	if err := r.probe(ctx); err != nil && ctx.Err() == nil {
		r.broke("the mock is no longer sound", err.Error())
	}
	r.result.Probes++
}

func (r *run) newWorker(number int) *worker {
	return &worker{run: r, number: number, random: rand.New(rand.NewPCG(r.Seed, uint64(number))), session: "w" + strconv.Itoa(number)}
}

func (r *run) dial() (net.Conn, error) { return net.DialTimeout("tcp", r.address, r.Patience) }
