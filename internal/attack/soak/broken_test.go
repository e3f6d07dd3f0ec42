package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// These servers break one rule each, in a few answers. The soak must notice every one of them; with -short one is tried.
var breaking = map[string]struct {
	breaks  func(*plan, http.Handler) http.Handler
	noticed *regexp.Regexp // matches one of the problems
	short   bool
}{
	"loses updates":   {losingUpdates, regexp.MustCompile("differs from what was acknowledged"), false},
	"reads are stale": {readingStale, regexp.MustCompile("not linearizable|differs from what was acknowledged"), true},
	"keeps deleted":   {keepingDeleted, regexp.MustCompile("what is deleted"), false},
}

func TestSoakNotices(t *testing.T) {
	for name, broken := range breaking {
		if testing.Short() && !broken.short {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := newWorld(context.Background(), t, shortRounds, broken.breaks)
			made.soak(t, time.Second)
			noticed := strings.Join(made.problems, "\n")
			if !broken.noticed.MatchString(noticed) {
				t.Errorf("it is not noticed; the problems are: %s", noticed)
			}
		})
	}
}

// about tells whether a request is for that operation on credentials.
func (p *plan) about(action string) func(*http.Request) bool {
	operation := p.credential(action)
	before, after, _ := strings.Cut(parameter.ReplaceAllString(operation.Prefix+operation.Path, "{}"), "{}")
	path := regexp.MustCompile(`^(/__sessions/[^/]+)?` + regexp.QuoteMeta(before) + `[^/]+` + regexp.QuoteMeta(after) + `$`)
	return func(r *http.Request) bool { return r.Method == operation.Method && path.MatchString(r.URL.Path) }
}

// losingUpdates answers each fifth update as if it were done, and does nothing.
func losingUpdates(p *plan, sound http.Handler) http.Handler {
	isUpdate, get := p.about("update"), p.credential("get").Method
	var seen atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isUpdate(r) || seen.Add(1)%5 != 0 {
			sound.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Method, r.Body = get, http.NoBody
		read := httptest.NewRecorder()
		sound.ServeHTTP(read, r)
		var sent map[string]any
		var shown map[string]map[string]any
		if read.Code == http.StatusOK && json.Unmarshal(body, &sent) == nil && json.Unmarshal(read.Body.Bytes(), &shown) == nil {
			for name, value := range sent {
				if _, there := shown["payload"][name]; there {
					shown["payload"][name] = value
				}
			}
			read.Body = bytes.NewBuffer(encode(shown))
		}
		w.WriteHeader(read.Code)
		_, _ = w.Write(read.Body.Bytes()) // a client that is gone does not matter
	})
}

// readingStale answers a get with what the get before it was answered.
func readingStale(p *plan, sound http.Handler) http.Handler {
	isGet := p.about("get")
	var mutex sync.Mutex
	latest := map[string]*httptest.ResponseRecorder{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isGet(r) {
			sound.ServeHTTP(w, r)
			return
		}
		fresh := httptest.NewRecorder()
		sound.ServeHTTP(fresh, r)
		mutex.Lock()
		answered := latest[r.URL.Path]
		latest[r.URL.Path] = fresh
		mutex.Unlock()
		if answered == nil || fresh.Code != http.StatusOK {
			answered = fresh
		}
		w.WriteHeader(answered.Code)
		_, _ = w.Write(answered.Body.Bytes()) // a client that is gone does not matter
	})
}

// keepingDeleted goes on to answer a get of what it answered before, also where that is deleted.
func keepingDeleted(p *plan, sound http.Handler) http.Handler {
	isGet := p.about("get")
	var mutex sync.Mutex
	latest := map[string][]byte{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isGet(r) {
			sound.ServeHTTP(w, r)
			return
		}
		answered := httptest.NewRecorder()
		sound.ServeHTTP(answered, r)
		mutex.Lock()
		defer mutex.Unlock()
		if answered.Code == http.StatusOK {
			latest[r.URL.Path] = answered.Body.Bytes()
		}
		if text := latest[r.URL.Path]; answered.Code == http.StatusNotFound && text != nil {
			_, _ = w.Write(text) // a client that is gone does not matter
			return
		}
		w.WriteHeader(answered.Code)
		_, _ = w.Write(answered.Body.Bytes())
	})
}
