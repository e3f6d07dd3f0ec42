package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"example.com/bench/internal/drive"
	"example.com/bench/internal/process"
	"example.com/bench/internal/record"
)

// operation is a row of the comparison.
type operation struct {
	name    string
	records int  // that are stored before
	lists   bool // the answer has all records
	wanted  func(status int) bool
	request func(target) []byte // nil for the token request, which is never the same
}

var operations = []operation{
	{"PATCH", 1, false, success, target.patch},
	{"POST", 1, false, success, target.post},
	{"GET", 1, false, success, target.get},
	{"list of 10", 10, true, success, target.list},
	{"list of 100", 100, true, success, target.list},
	{"list of 1,000", 1000, true, success, target.list},
	{"refused PATCH", 1, false, refusal, target.refused},
	{"token", 1, false, success, nil},
}

var connections = []int{16, 64}

// The peers have fewer turns, and longer ones: they are far from the others.
const peerTurns, peerTime = 3, 2

func (b *bench) compare(ctx context.Context) error {
	signer, err := b.newSigner(ctx)
	if err != nil {
		return err
	}
	if b.run.Verified, err = signer.verifyAlone(); err != nil {
		return err
	}
	peers := b.startPeers(ctx)
	defer stopAll(peers)
	for _, operation := range operations {
		if err := b.compareOne(ctx, operation, signer, peers); err != nil {
			return fmt.Errorf("%s: %w", operation.name, err)
		}
	}
	return nil
}

// compareOne measures an operation against new servers.
func (b *bench) compareOne(ctx context.Context, operation operation, signer *signer, peers []*server) error {
	targets, err := b.ownTargets(ctx, operation, signer)
	defer func() {
		for _, one := range targets {
			one.Stop()
		}
	}()
	if err != nil {
		return err
	}
	for _, peer := range peers {
		targets = append(targets, target{server: peer, base: peer.prefix, id: exampleID})
	}
	defer func() { targets = targets[:len(targets)-len(peers)] }() // the peers serve the next row, too
	for _, count := range connections {
		row := record.Row{Operation: operation.name, Connections: count, Servers: map[string]record.Series{}}
		for turn := range b.Turns {
			for i := range targets {
				at := targets[(i+turn)%len(targets)] // none is always the first
				if err := b.measureTurn(ctx, row, turn, at, operation, signer); err != nil {
					return err
				}
			}
		}
		b.run.Rows = append(b.run.Rows, row)
		b.say("  %s, %d connections: %s", operation.name, count, summary(row))
	}
	return nil
}

// measureTurn adds a turn of one server to a row.
func (b *bench) measureTurn(ctx context.Context, row record.Row, turn int, at target, operation operation, signer *signer) error {
	series := row.Servers[at.name]
	isPeer := at.name == record.Prism || at.name == record.Mockoon
	if isPeer && operation.lists {
		series.Note = "keeps no records"
	}
	if series.Note != "" || isPeer && turn%peerTurns != 0 {
		row.Servers[at.name] = series
		return nil
	}
	source, err := sourceOf(at, operation, signer, b.Turn)
	if err != nil {
		return err
	}
	length := b.Turn
	if isPeer {
		length *= peerTime
	}
	done, err := at.turn(ctx, drive.Load{Connections: row.Connections, Source: source, Time: length, Wanted: operation.wanted, WarmUp: true})
	if isPeer && err != nil {
		row.Servers[at.name] = excuse(err)
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	series.Rates = append(series.Rates, rate(done))
	series.CPU = append(series.CPU, micros(done.CPU, done))
	series.Driver = append(series.Driver, micros(done.Driver, done))
	row.Servers[at.name] = series
	return nil
}

// excuse returns the series of a peer whose turn failed.
func excuse(err error) record.Series {
	if status := drive.StatusError(0); errors.As(err, &status) {
		return record.Series{Note: "answers " + strconv.Itoa(int(status))}
	}
	return record.Series{Note: "breaks off"}
}

func sourceOf(at target, operation operation, signer *signer, turn time.Duration) (drive.Source, error) {
	if operation.request == nil {
		return signer.sign(at, turn)
	}
	return drive.Repeat(operation.request(at)), nil
}

func summary(row record.Row) string {
	mock := row.Servers[record.Credmock].Rates
	return fmt.Sprintf("%.0f requests a second, %.2f of the floor", record.Median(mock), record.Ratio(mock, row.Servers[record.Floor].Rates))
}

// ownTargets starts credmock, the floor and the static server, which writes the answer of credmock.
func (b *bench) ownTargets(ctx context.Context, operation operation, signer *signer) (targets []target, err error) {
	mock, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	targets = append(targets, target{server: mock})
	if targets[0], err = b.fill(ctx, mock, operation.records); err != nil {
		return targets, err
	}
	status, answer, err := b.sample(ctx, targets[0], operation, signer)
	if err != nil {
		return targets, err
	}
	body := filepath.Join(b.Out, "answer.json")
	if err := os.WriteFile(body, answer, 0o600); err != nil {
		return targets, err
	}
	floor, err := b.begin(ctx, record.Floor, "/platform", process.Command{Path: b.own, Arguments: []string{"floor"}, Ready: listening})
	if err != nil {
		return targets, err
	}
	targets = append(targets, target{server: floor})
	if targets[1], err = b.fill(ctx, floor, operation.records); err != nil {
		return targets, err
	}
	static, err := b.begin(ctx, record.Static, "/platform",
		process.Command{Path: b.own, Arguments: []string{"static", strconv.Itoa(status), body}, Ready: listening})
	if err != nil {
		return targets, err
	}
	return append(targets, target{server: static, base: "/platform", id: targets[0].id}), nil
}

// sample returns one answer of the operation.
func (b *bench) sample(ctx context.Context, to target, operation operation, signer *signer) (int, []byte, error) {
	source, err := sourceOf(to, operation, signer, 0)
	if err != nil {
		return 0, nil, err
	}
	status, body, err := drive.Ask(ctx, to.address(), source())
	if err == nil && !operation.wanted(status) {
		err = fmt.Errorf("credmock answers with status %d: %.300s", status, body)
	}
	return status, body, err
}
