//go:build linux

package measure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/bench/internal/drive"
	"example.com/bench/internal/process"
	"example.com/bench/internal/record"
	"example.com/bench/internal/rival"
)

// The tests run this program as the floor. With a number it burns CPU time for each request, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "floor" {
		rounds, _ := strconv.Atoi(os.Args[2])
		if err := rival.Serve(context.Background(), os.Stdout, burning(rival.Floor(), rounds)); err != nil {
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func burning(handler http.Handler, rounds int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256(nil)
		for range rounds {
			sum = sha256.Sum256(sum[:])
		}
		handler.ServeHTTP(w, r)
	})
}

func newBench() *bench {
	return &bench{Settings: Settings{Turn: time.Minute, Turns: 1, Progress: io.Discard}, own: os.Args[0]}
}

func startFloor(t *testing.T, rounds int) target {
	t.Helper()
	b := newBench()
	floor, err := b.begin(t.Context(), record.Floor, "/platform",
		process.Command{Path: b.own, Arguments: []string{"floor", strconv.Itoa(rounds)}, Ready: listening})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(floor.Stop)
	filled, err := b.fill(t.Context(), floor, 3)
	if err != nil {
		t.Fatal(err)
	}
	return filled
}

// A server that works twice as much for a request shows twice the CPU time, whatever else the machine does.
func TestCPUOfARequest(t *testing.T) {
	const rounds = 10_000
	used := func(rounds int) float64 {
		server := startFloor(t, rounds)
		turn, err := server.turn(t.Context(), drive.Load{Connections: 2, Source: drive.Limit(drive.Repeat(server.get()), 60), Wanted: success})
		if err != nil || turn.Requests != 60 || turn.Driver <= 0 {
			t.Fatal(turn, err)
		}
		return micros(turn.CPU, turn)
	}
	if one, two := used(rounds), used(2*rounds); two/one < 1.5 || two/one > 2.7 {
		t.Errorf("%.0f µs and %.0f µs", one, two)
	}
}

// The floor serves every operation that is compared, and each answer is of the kind that the driver wants.
func TestOperationsAreServed(t *testing.T) {
	floor := startFloor(t, 0)
	for _, operation := range operations {
		if operation.request == nil {
			continue // it needs the key of credmock
		}
		status, body, err := drive.Ask(t.Context(), floor.address(), operation.request(floor))
		if err != nil || !operation.wanted(status) || len(body) < 100 {
			t.Errorf("%s: status %d, %s, %v", operation.name, status, body, err)
		}
	}
}

// A row has each server's turns. A peer that does not serve the operation is excused; credmock and the floor are not.
func TestTurnsAreRecorded(t *testing.T) {
	floor, row := startFloor(t, 0), record.Row{Connections: 2, Servers: map[string]record.Series{}}
	b := newBench()
	b.Turn = 20 * time.Millisecond
	measured := func(name string, operation operation) error {
		subject := floor
		subject.server = &server{floor.Process, name, "/platform"}
		return b.measureTurn(t.Context(), row, 0, subject, operation, nil)
	}
	get, missing := operation{"GET", 1, false, success, target.get}, operation{"GET", 1, false, refusal, target.get}
	for _, name := range []string{record.Floor, record.Floor, record.Prism} {
		if err := measured(name, get); err != nil {
			t.Fatal(err)
		}
	}
	if err := measured(record.Mockoon, missing); err != nil {
		t.Fatal(err)
	}
	if err := measured(record.Credmock, missing); err == nil {
		t.Error("credmock may answer anything")
	}
	floors, prism, mockoon := row.Servers[record.Floor], row.Servers[record.Prism], row.Servers[record.Mockoon]
	if len(floors.Rates) != 2 || len(floors.CPU) != 2 || len(prism.Rates) != 1 || mockoon.Note != "answers 200" {
		t.Errorf("%+v", row)
	}
}

func TestPeersKeepNoRecords(t *testing.T) {
	row := record.Row{Servers: map[string]record.Series{}}
	subject := target{server: &server{name: record.Prism}}
	if err := newBench().measureTurn(t.Context(), row, 0, subject, operation{"list of 10", 10, true, success, target.list}, nil); err != nil {
		t.Fatal(err)
	}
	if row.Servers[record.Prism].Note != "keeps no records" {
		t.Error(row)
	}
}

func TestMemoryOf(t *testing.T) {
	for text, want := range map[string]int64{"24684096 kB": 24684096 << 10, "": 0, "unknown": 0} {
		if got := memoryOf(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}

// A run whose context has ended says so, whichever step it was in.
func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, Settings{Root: t.TempDir(), Out: t.TempDir(), Progress: io.Discard})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "make bench ends early") {
		t.Error(err)
	}
}

// Without their programs the peers are left out, and a line says so.
func TestPeersAreLeftOut(t *testing.T) {
	var said bytes.Buffer
	b := newBench()
	b.Root, b.Peers, b.Progress = t.TempDir(), true, &said
	peers := b.startPeers(t.Context())
	if len(peers) != 0 || strings.Count(said.String(), "\n") != 1 || !strings.Contains(said.String(), "left out") {
		t.Errorf("%d peers: %s", len(peers), said.String())
	}
}

// Tests that fail have no number, and do not end the run.
func TestFailingTestsHaveNoNumber(t *testing.T) {
	var said bytes.Buffer
	b := newBench()
	b.Root, b.Tests, b.Progress = t.TempDir(), true, &said
	if err := b.tests(t.Context()); err != nil || b.run.Tests != 0 || !strings.Contains(said.String(), "no number") {
		t.Errorf("%v, %v seconds: %s", err, b.run.Tests, said.String())
	}
}
