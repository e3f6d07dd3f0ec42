package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// Concurrent sessions never see each other's changes, nor those of clients without a session.
func TestSessionsAreIsolated(t *testing.T) {
	mock := mocktest.Start(t)
	shared := mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "shared"}))
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			name := fmt.Sprintf("s%d", i)
			if got := mock.Operate("POST", "sessions", `{"name":"`+name+`","seed":7}`); got.Status != 201 ||
				got.Body["url"] != mock.At(name)+"/platform" {
				t.Errorf("%d: %s", got.Status, got.Text)
				return
			}
			own := mock.In(name)
			own.Send("PATCH", "/v1/authcredentials/"+shared, mocktest.Object(mocktest.PatchBody, mocktest.Members{"name": name}))
			made := own.Create(mocktest.Object(mocktest.WifBody, mocktest.Members{"name": name}))
			if own.Get(shared)["name"] != name || own.Get(made)["name"] != name {
				t.Error("a session lost a change")
			}
			if listed := own.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials",
				""); len(listed.Payload()["credentials"].([]any)) != 2 {
				t.Error(listed.Text)
			}
			if i%2 == 0 {
				own.Raw("POST", mock.At(name)+"/__admin/reset", nil, strings.NewReader(""))
				if own.Get(shared)["name"] != "shared" || own.Send("GET", "/v1/authcredentials/"+made, "").Status != 404 {
					t.Error("a reset does not restore the initial state of the session")
				}
			}
			for _, exchange := range own.Journal("") {
				if exchange["session"] != name {
					t.Errorf("%v", exchange)
				}
			}
		})
		if i%8 == 0 {
			group.Go(func() { mock.Send("PATCH", "/v1/authcredentials/"+shared, mocktest.Object(mocktest.PatchBody)) })
		}
	}
	group.Wait()
	if mock.Get(shared)["name"] != "shared" {
		t.Error("a session changed a shared record")
	}
	if listed := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials",
		""); len(listed.Payload()["credentials"].([]any)) != 1 {
		t.Error(listed.Text)
	}
}

func TestSessionsWithSameSeedMakeSameIDs(t *testing.T) {
	mock := mocktest.Start(t)
	for _, name := range []string{"a", "b"} {
		mock.Operate("POST", "sessions", `{"name":"`+name+`","seed":9}`)
	}
	if mock.In("a").Create(mocktest.Object(mocktest.OAuthBody)) != mock.In("b").Create(mocktest.Object(mocktest.OAuthBody)) {
		t.Error("the ids differ")
	}
	created := mock.In("a").Send("POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody))
	if location := created.Header.Get("Location"); !strings.HasPrefix(location, "/__sessions/a/platform/v1/authcredentials/") {
		t.Errorf("Location is %s", location)
	}
}

func TestSessionsEnd(t *testing.T) {
	var now atomic.Int64
	mock := mocktest.Start(t, mockserver.Options{Sessions: 2, Clock: func() time.Time { return time.Unix(now.Load(), 0) }})
	first := mock.Operate("POST", "sessions", "")
	if first.Body["name"] != "session-1" || mock.Operate("POST", "sessions", `{"name":"b"}`).Status != 201 {
		t.Fatal(first.Text)
	}
	for body, want := range map[string]string{`{"name":"b"}`: "name-taken", `{"name":"c"}`: "too-many-sessions"} {
		if got := mock.Operate("POST", "sessions", body); got.Status != 409 || got.Violations()[0] != want {
			t.Errorf("%s: %s", body, got.Text)
		}
	}
	for _, name := range []string{"../x", "a b", strings.Repeat("x", 65)} {
		if got := mock.Operate("POST", "sessions", mocktest.Object(mocktest.Members{"name": name})); got.Status != 400 {
			t.Errorf("%s: %s", name, got.Text)
		}
	}
	now.Add(29 * 60)
	mock.In("b").Send("GET", "/v1/authcredentials/strategies", "")
	now.Add(2 * 60)
	if got := mock.In("session-1").Send("GET", "/v1/authcredentials/strategies", ""); got.Status != 404 ||
		got.Violations()[0] != "unknown-session" {
		t.Error(got.Text)
	}
	if listed := mock.Operate("GET", "sessions", "").Body["sessions"].([]any); len(listed) != 1 {
		t.Errorf("%v", listed)
	}
	if mock.Operate("DELETE", "sessions/b", "").Status != 200 || mock.Operate("DELETE", "sessions/b", "").Status != 404 {
		t.Error("deleting a session again succeeded")
	}
}

// Creating a session and a snapshot, and restoring it, take the same number of allocations whatever is stored.
func TestForkTakesConstantAllocations(t *testing.T) {
	cost := func(credentials int) float64 {
		mock, err := mockserver.New(mockserver.Options{Sessions: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for range credentials {
			mockserver.Create(mock, mocktest.Object(mocktest.OAuthBody))
		}
		return testing.AllocsPerRun(20, func() { mockserver.Fork(mock) })
	}
	if few, many := cost(10), cost(5000); many > few+5 {
		t.Errorf("%v allocations with few credentials, %v with many", few, many)
	}
}

// Advancing the clock of one session leaves the others unchanged.
func TestSessionsHaveTheirOwnClock(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	mock := mocktest.Start(t, mockserver.Options{Clock: func() time.Time { return now }})
	mock.Operate("POST", "sessions", `{"name":"late"}`)
	mock.Raw("POST", mock.At("late")+"/__admin/clock", http.Header{}, strings.NewReader(`{"advance":"6m"}`))
	if at := mock.In("late").Get(mock.In("late").Create(mocktest.Object(mocktest.OAuthBody)))["createdAt"]; at != "2026-03-01T12:06:00.000Z" {
		t.Errorf("%v", at)
	}
	if at := mock.Get(mock.Create(mocktest.Object(mocktest.OAuthBody)))["createdAt"]; at != "2026-03-01T12:00:00.000Z" {
		t.Errorf("%v", at)
	}
}

// A session starts as a copy of the present state or of the initial state.
func TestSessionsStartFromNowOrTheFixtures(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody))
	list := "/v1/environments/" + mocktest.Development + "/authcredentials"
	for from, want := range map[string]int{"now": 1, "start": 0} {
		if got := mock.Operate("POST", "sessions", `{"name":"`+from+`","from":"`+from+`"}`); got.Status != 201 {
			t.Fatalf("%d %s", got.Status, got.Text)
		}
		own := mock.In(from)
		own.Create(mocktest.Object(mocktest.OAuthBody))
		if found := len(own.Send("GET", list, "").Payload()["credentials"].([]any)); found != want+1 {
			t.Errorf("from %s: %d credentials", from, found)
		}
		mock.Obtain("POST", mock.At(from)+"/__admin/reset", http.Header{}, "")
		if found := len(own.Send("GET", list, "").Payload()["credentials"].([]any)); found != want {
			t.Errorf("from %s, after a reset: %d credentials", from, found)
		}
	}
}
