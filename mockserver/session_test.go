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
)

// Sessions that work at the same time, on a server that others use too, never see each other.
func TestSessionsDoNotSeeEachOther(t *testing.T) {
	mock := start(t)
	shared := mock.create(object(oauthBody, members{"name": "shared"}))
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			name := fmt.Sprintf("s%d", i)
			if got := mock.operate("POST", "sessions", `{"name":"`+name+`","seed":7}`); got.status != 201 || got.body["url"] != mock.at(name)+"/platform" {
				t.Errorf("%d: %s", got.status, got.text)
				return
			}
			own := mock.in(name)
			own.send("PATCH", "/v1/authcredentials/"+shared, object(patchBody, members{"name": name}))
			made := own.create(object(wifBody, members{"name": name}))
			if own.get(shared)["name"] != name || own.get(made)["name"] != name {
				t.Error("a session does not hold what it was sent")
			}
			if listed := own.send("GET", "/v1/environments/"+development+"/authcredentials", ""); len(listed.payload()["credentials"].([]any)) != 2 {
				t.Error(listed.text)
			}
			if i%2 == 0 {
				own.raw("POST", mock.at(name)+"/__admin/reset", nil, strings.NewReader(""))
				if own.get(shared)["name"] != "shared" || own.send("GET", "/v1/authcredentials/"+made, "").status != 404 {
					t.Error("a reset does not lead back to the start of the session")
				}
			}
			for _, exchange := range own.journal("") {
				if exchange["session"] != name {
					t.Errorf("%v", exchange)
				}
			}
		})
		if i%8 == 0 {
			group.Go(func() { mock.send("PATCH", "/v1/authcredentials/"+shared, object(patchBody)) })
		}
	}
	group.Wait()
	if mock.get(shared)["name"] != "shared" {
		t.Error("a session changed what it did not own")
	}
	if listed := mock.send("GET", "/v1/environments/"+development+"/authcredentials", ""); len(listed.payload()["credentials"].([]any)) != 1 {
		t.Error(listed.text)
	}
}

func TestSessionsOfOneSeedGiveTheSameIDs(t *testing.T) {
	mock := start(t)
	for _, name := range []string{"a", "b"} {
		mock.operate("POST", "sessions", `{"name":"`+name+`","seed":9}`)
	}
	if mock.in("a").create(object(oauthBody)) != mock.in("b").create(object(oauthBody)) {
		t.Error("the ids differ")
	}
	created := mock.in("a").send("POST", "/v1/authcredentials", object(oauthBody))
	if location := created.header.Get("Location"); !strings.HasPrefix(location, "/__sessions/a/platform/v1/authcredentials/") {
		t.Errorf("Location is %s", location)
	}
}

func TestSessionsEnd(t *testing.T) {
	var now atomic.Int64
	mock := start(t, mockserver.Options{Sessions: 2, Clock: func() time.Time { return time.Unix(now.Load(), 0) }})
	first := mock.operate("POST", "sessions", "")
	if first.body["name"] != "session-1" || mock.operate("POST", "sessions", `{"name":"b"}`).status != 201 {
		t.Fatal(first.text)
	}
	for body, want := range map[string]string{`{"name":"b"}`: "name-taken", `{"name":"c"}`: "too-many-sessions"} {
		if got := mock.operate("POST", "sessions", body); got.status != 409 || got.faults()[0] != want {
			t.Errorf("%s: %s", body, got.text)
		}
	}
	for _, name := range []string{"../x", "a b", strings.Repeat("x", 65)} {
		if got := mock.operate("POST", "sessions", object(members{"name": name})); got.status != 400 {
			t.Errorf("%s: %s", name, got.text)
		}
	}
	now.Add(29 * 60)
	mock.in("b").send("GET", "/v1/authcredentials/strategies", "")
	now.Add(2 * 60)
	if got := mock.in("session-1").send("GET", "/v1/authcredentials/strategies", ""); got.status != 404 || got.faults()[0] != "unknown-session" {
		t.Error(got.text)
	}
	if listed := mock.operate("GET", "sessions", "").body["sessions"].([]any); len(listed) != 1 {
		t.Errorf("%v", listed)
	}
	if mock.operate("DELETE", "sessions/b", "").status != 200 || mock.operate("DELETE", "sessions/b", "").status != 404 {
		t.Error("a session is deleted once")
	}
}

// What a session, a snapshot and a way back to it cost does not go by how much there is.
func TestSessionsCostTheSameWhateverThereIs(t *testing.T) {
	cost := func(credentials int) float64 {
		mock, err := mockserver.New(mockserver.Options{Sessions: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for range credentials {
			mockserver.Create(mock, object(oauthBody))
		}
		return testing.AllocsPerRun(20, func() { mockserver.Fork(mock) })
	}
	if few, many := cost(10), cost(5000); many > few+5 {
		t.Errorf("%v allocations with few credentials, %v with many", few, many)
	}
}

// A given token expires when the clock of its session is moved on, in that session alone.
func TestTokensLiveByTheClockOfTheirSession(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	mock := start(t, mockserver.Options{Clock: func() time.Time { return now }})
	mock.operate("POST", "sessions", `{"name":"late"}`)
	mock.raw("POST", mock.at("late")+"/__admin/clock", http.Header{}, strings.NewReader(`{"advance":"6m"}`))
	if at := mock.in("late").get(mock.in("late").create(object(oauthBody)))["createdAt"]; at != "2026-03-01T12:06:00.000Z" {
		t.Errorf("%v", at)
	}
	if at := mock.get(mock.create(object(oauthBody)))["createdAt"]; at != "2026-03-01T12:00:00.000Z" {
		t.Errorf("%v", at)
	}
}

// A session is a copy of what there is, or begins where the mock began.
func TestSessionsBeginNowOrAtTheStart(t *testing.T) {
	mock := start(t)
	mock.create(object(oauthBody))
	list := "/v1/environments/" + development + "/authcredentials"
	for from, want := range map[string]int{"now": 1, "start": 0} {
		if got := mock.operate("POST", "sessions", `{"name":"`+from+`","from":"`+from+`"}`); got.status != 201 {
			t.Fatalf("%d %s", got.status, got.text)
		}
		own := mock.in(from)
		own.create(object(oauthBody))
		if found := len(own.send("GET", list, "").payload()["credentials"].([]any)); found != want+1 {
			t.Errorf("from %s: %d credentials", from, found)
		}
		mock.obtain("POST", mock.at(from)+"/__admin/reset", http.Header{}, "")
		if found := len(own.send("GET", list, "").payload()["credentials"].([]any)); found != want {
			t.Errorf("from %s, after a reset: %d credentials", from, found)
		}
	}
}
