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

// breaking are servers with a small defect that the soak must detect.
var breaking = map[string]struct {
	breaks  func(*plan, http.Handler) http.Handler
	noticed *regexp.Regexp // matches one of the problems
}{
	"loses updates":   {losingUpdates, regexp.MustCompile("differs from what was acknowledged")},
	"reads are stale": {readingStale, regexp.MustCompile("not linearizable|differs from what was acknowledged")},
	"keeps deleted":   {keepingDeleted, regexp.MustCompile("what is deleted")},
}

func TestSoakDetectsDefects(t *testing.T) {
	for name, broken := range breaking {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := newWorld(context.Background(), t, shortRounds, broken.breaks)
			made.soak(t, time.Second)
			noticed := strings.Join(made.problems, "\n")
			if !broken.noticed.MatchString(noticed) {
				t.Errorf("the defect is not detected; problems: %s", noticed)
			}
		})
	}
}

// about reports whether a request is that operation on credentials.
func (p *plan) about(action string) func(*http.Request) bool {
	operation := p.credential(action)
	before, after, _ := strings.Cut(parameter.ReplaceAllString(operation.Prefix+operation.Path, "{}"), "{}")
	path := regexp.MustCompile(`^(/__sessions/[^/]+)?` + regexp.QuoteMeta(before) + `[^/]+` + regexp.QuoteMeta(after) + `$`)
	return func(r *http.Request) bool { return r.Method == operation.Method && path.MatchString(r.URL.Path) }
}

// losingUpdates drops every fifth update but answers as if it were stored.
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
		_, _ = w.Write(read.Body.Bytes()) // the client may have left
	})
}

// readingStale answers a get with the answer of the previous get.
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
		_, _ = w.Write(answered.Body.Bytes()) // the client may have left
	})
}

// keepingDeleted keeps answering a get of a credential after its deletion.
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
			_, _ = w.Write(text) // the client may have left
			return
		}
		w.WriteHeader(answered.Code)
		_, _ = w.Write(answered.Body.Bytes())
	})
}
