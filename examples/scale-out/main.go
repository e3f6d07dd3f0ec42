// This program serves 64 sessions with two mocks behind nginx, ends one mock, and starts it again.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	program := flag.String("credmock", "", "the credmock to run; default: built from this checkout")
	load := flag.Duration("load", 0, "measure one mock and two behind nginx for so long each, instead")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *program, *load)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // or each session would say so
	}
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// run shows or measures in a temporary folder.
func run(ctx context.Context, program string, load time.Duration) (err error) {
	if _, err := findNginx(); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "scale-out-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if program, err = find(ctx, folder, program); err != nil {
		return err
	}
	if load > 0 {
		return measure(ctx, os.Stdout, folder, program, load)
	}
	farm, err := start(ctx, folder, program, 2)
	if err != nil {
		return err
	}
	defer farm.stop()
	return farm.show(ctx, os.Stdout, 64)
}

// show shows a number of sessions over two mocks. An error says which promise was not kept.
func (f *farm) show(ctx context.Context, out io.Writer, count int) error {
	fmt.Fprintf(out, "nginx at %s, mocks at %s and %s\n", f.address, f.mocks[0].address, f.mocks[1].address)
	all := make([]*session, count)
	for i := range all {
		all[i] = &session{farm: f, name: fmt.Sprintf("job-%d", i+1), byHeader: i%2 == 1}
	}
	if err := each(all, func(one *session) error { return errors.Join(one.create(ctx), one.work(ctx)) }); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d sessions at once: each creates, changes and lists a credential, and sees its own alone\n", count)
	at, err := f.spread(ctx, all)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "mock 1 has %d sessions, mock 2 has %d\n", len(at[0]), len(at[1]))
	return f.lose(ctx, out, at[0], at[1])
}

// lose ends the first mock and starts it again. The sessions of the other one must not notice.
func (f *farm) lose(ctx context.Context, out io.Writer, lost, kept []*session) error {
	f.mocks[0].kill()
	untouched := func(one *session) error { return one.check(ctx, one.changed) }
	if err := errors.Join(
		each(lost, func(one *session) error { return one.expect(ctx, http.StatusBadGateway, "no-answer") }),
		each(kept, untouched),
	); err != nil {
		return err
	}
	fmt.Fprintf(out, "mock 1 dies: its sessions answer 502 no-answer, the other %d go on\n", len(kept))
	if err := f.startMock(ctx, f.mocks[0]); err != nil {
		return err
	}
	if err := each(lost, func(one *session) error { return one.expect(ctx, http.StatusNotFound, "unknown-session") }); err != nil {
		return err
	}
	fmt.Fprintln(out, "mock 1 is back and empty: its sessions answer 404 unknown-session")
	if err := errors.Join(
		each(lost, func(one *session) error { return errors.Join(one.create(ctx), one.check(ctx), one.work(ctx)) }),
		each(kept, untouched),
	); err != nil {
		return err
	}
	fmt.Fprintf(out, "created anew, each of the %d begins empty, and the other %d still have their credential\n", len(lost), len(kept))
	return nil
}

// each calls a function for all sessions at once.
func each(all []*session, do func(*session) error) error {
	mistakes := make([]error, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() { mistakes[i] = do(one) })
	}
	group.Wait()
	return errors.Join(mistakes...)
}

// spread returns the sessions of each mock, as the mocks themselves list them.
func (f *farm) spread(ctx context.Context, all []*session) ([][]*session, error) {
	at := make([][]*session, len(f.mocks))
	for i, one := range f.mocks {
		given, err := f.send(ctx, one.address, http.MethodGet, "/__admin/sessions", "")
		if err != nil {
			return nil, err
		}
		var list struct{ Sessions []struct{ Name string } }
		if err := json.Unmarshal(given.text, &list); err != nil {
			return nil, err
		}
		names := map[string]bool{}
		for _, listed := range list.Sessions {
			names[listed.Name] = true
		}
		for _, candidate := range all {
			if names[candidate.name] {
				at[i] = append(at[i], candidate)
			}
		}
	}
	if len(at[0])+len(at[1]) != len(all) || len(at[0]) == 0 || len(at[1]) == 0 {
		return nil, fmt.Errorf("the mocks have %d and %d sessions of %d", len(at[0]), len(at[1]), len(all))
	}
	return at, nil
}
