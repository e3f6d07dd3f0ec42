package wire

import (
	"context"
	"net/http"
	"testing"
	"time"
)

func enterAll(t *testing.T, limit *throttle, number int) {
	t.Helper()
	for range number {
		if !limit.enter(t.Context()) {
			t.Fatal("no turn came")
		}
	}
}

// A late answer halves the requests under way, once for all that began before; prompt ones raise it again.
func TestThrottleFollowsTheTarget(t *testing.T) {
	var limit throttle
	late := time.Now().Add(-requestTimeout)
	enterAll(t, &limit, mostAtOnce)
	for range mostAtOnce {
		limit.leave(late, http.StatusOK)
	}
	if most := mostAtOnce - limit.fewer; most != mostAtOnce/2 {
		t.Errorf("%d requests may be under way after one queue, want %d", most, mostAtOnce/2)
	}
	enterAll(t, &limit, mostAtOnce/2)
	for range mostAtOnce / 2 {
		limit.leave(time.Now(), http.StatusOK)
	}
	if limit.fewer != 0 || limit.running != 0 {
		t.Errorf("%d fewer, %d running, want none", limit.fewer, limit.running)
	}
}

// A request beyond the limit waits until another one leaves, or its run ends.
func TestThrottleGivesTurns(t *testing.T) {
	limit := throttle{fewer: mostAtOnce - 1}
	enterAll(t, &limit, 1)
	ended, end := context.WithCancel(t.Context())
	end()
	if limit.enter(ended) || len(limit.queue) != 0 {
		t.Error("a request of an ended run has a turn, or waits for one")
	}
	came := make(chan bool)
	go func() { came <- limit.enter(t.Context()) }()
	limit.leave(time.Now().Add(-longestPrompt), http.StatusOK)
	if !<-came || limit.running != 1 {
		t.Errorf("no turn came, or %d are running", limit.running)
	}
}

// After a 429 fewer requests are under way, and more only after many other answers.
func TestThrottleFollowsRefusals(t *testing.T) {
	var limit throttle
	enterAll(t, &limit, 8)
	limit.leave(time.Now(), http.StatusTooManyRequests)
	if most := mostAtOnce - limit.fewer; most != 4 {
		t.Fatalf("%d requests may be under way after a 429, want 4", most)
	}
	for range 7 {
		limit.leave(time.Now().Add(-time.Millisecond), http.StatusOK)
	}
	for range steady - 7 {
		enterAll(t, &limit, 1)
		limit.leave(time.Now(), http.StatusOK)
	}
	if most := mostAtOnce - limit.fewer; most != 4 {
		t.Errorf("%d requests may be under way too soon, want 4", most)
	}
	enterAll(t, &limit, 1)
	limit.leave(time.Now(), http.StatusOK)
	if most := mostAtOnce - limit.fewer; most != 5 {
		t.Errorf("%d requests may be under way in the end, want 5", most)
	}
}
