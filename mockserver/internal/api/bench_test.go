package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// The benchmarks compare the mock with a floor: a hand-written net/http handler that decodes and encodes the same JSON with
// encoding/json and validates nothing. Both serve the same connections over loopback in turns. The metric "of-floor" is the
// mock's throughput divided by the floor's.

const connections = 16

func BenchmarkPatch(b *testing.B)  { compareWithFloor(b, patchRequest, 0) }
func BenchmarkGet(b *testing.B)    { compareWithFloor(b, getRequest, 0) }
func BenchmarkList(b *testing.B)   { compareWithFloor(b, listRequest, 9) }
func BenchmarkCreate(b *testing.B) { compareWithFloor(b, createRequest, 0) }

// BenchmarkPatchFull and BenchmarkGetFull compare a mock that holds 100,000 credentials with one that holds 10. The metric is
// "of-empty".
func BenchmarkPatchFull(b *testing.B) { compareWithFewer(b, patchRequest) }
func BenchmarkGetFull(b *testing.B)   { compareWithFewer(b, getRequest) }

// BenchmarkSnapshotFull, BenchmarkRestoreFull and BenchmarkSessionFull compare the same two mocks without a network. Their cost
// must not depend on the number of records.
func BenchmarkSnapshotFull(b *testing.B) { operateBoth(b, "snapshots", `{"name":"here"}`) }
func BenchmarkRestoreFull(b *testing.B)  { operateBoth(b, "reset", `{"snapshot":"here"}`) }
func BenchmarkSessionFull(b *testing.B)  { operateBoth(b, "sessions", `{}`) }

func operateBoth(b *testing.B, path, body string) {
	var mocks [2]*mockserver.Server
	for i, credentials := range []int{10, 100_000} {
		mock, err := mockserver.New(mockserver.Options{Sessions: 1 << 30, SessionIdle: time.Nanosecond})
		if err != nil {
			b.Fatal(err)
		}
		for range credentials {
			seedCredential(b, mock)
		}
		operate(b, mock, "snapshots", `{"name":"here"}`)
		mocks[i] = mock
	}
	const turns = 21
	var ratios []float64
	b.ResetTimer()
	for range turns {
		b.StopTimer()
		few := operateTimes(b, mocks[0], path, body, b.N/turns+1)
		b.StartTimer()
		ratios = append(ratios, few.Seconds()/operateTimes(b, mocks[1], path, body, b.N/turns+1).Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[turns/2], "of-empty")
}

func operateTimes(b *testing.B, mock http.Handler, path, body string, times int) time.Duration {
	began := time.Now()
	for range times {
		operate(b, mock, path, body)
	}
	return time.Since(began)
}

func operate(b *testing.B, mock http.Handler, path, body string) {
	recorder := httptest.NewRecorder()
	mock.ServeHTTP(recorder, httptest.NewRequest("POST", "http://127.0.0.1/__admin/"+path, strings.NewReader(body)))
	if recorder.Code >= 300 {
		b.Fatal(recorder.Code, recorder.Body)
	}
}

// BenchmarkNew creates a mock of a loaded document.
func BenchmarkNew(b *testing.B) {
	credmock.Default()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mockserver.New(mockserver.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func compareWithFloor(b *testing.B, request func(base, id string) []byte, more int) {
	compare(b, "of-floor", aim(b, floor(), request, more), aim(b, newLogging(b), request, more))
}

// newLogging returns a mock with everything on: it logs each request as "credmock serve" does.
func newLogging(b *testing.B) *mockserver.Server {
	mock, err := mockserver.New(mockserver.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	return mock
}

func compareWithFewer(b *testing.B, request func(base, id string) []byte) {
	var clients [2]*client
	for i, credentials := range []int{10, 100_000} {
		clients[i] = aim(b, newLogging(b), request, credentials-1)
	}
	compare(b, "of-empty", clients[0], clients[1])
}

// compare measures both in turns, so that other load affects both, and reports the median ratio.
func compare(b *testing.B, metric string, base, subject *client) {
	const turns = 21
	var ratios []float64
	requests := b.N/turns + 1
	b.ResetTimer()
	for range turns {
		b.StopTimer()
		floor := base.ask(b, requests)
		b.StartTimer()
		ratios = append(ratios, floor.Seconds()/subject.ask(b, requests).Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[turns/2], metric)
}

// client holds connections that repeat one request. It does little else, so that the benchmark measures the server.
type client struct {
	conns   []net.Conn
	request []byte
}

// aim serves a handler, creates a credential and more others, and prepares a request for the first.
func aim(b *testing.B, handler http.Handler, request func(base, id string) []byte, more int) *client {
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	id := seedCredential(b, handler)
	for range more {
		seedCredential(b, handler)
	}
	made := &client{request: request(server.Listener.Addr().String(), id)}
	for range connections {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		made.conns = append(made.conns, conn)
	}
	return made
}

// ask sends requests over all connections and returns the time until the last answer.
func (c *client) ask(b *testing.B, requests int) time.Duration {
	started := time.Now()
	var group sync.WaitGroup
	for _, conn := range c.conns {
		group.Go(func() {
			reader := bufio.NewReader(conn)
			for range requests/connections + 1 {
				if _, err := conn.Write(c.request); err != nil {
					b.Error(err)
					return
				}
				answer, err := http.ReadResponse(reader, nil)
				if err != nil || answer.StatusCode >= 300 {
					b.Error("the answer is not a success", err)
					return
				}
				if _, err := io.Copy(io.Discard, answer.Body); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	return time.Since(started)
}

const (
	benchEnvironment = "a31a92e5-43b7-45df-8085-4ac5a746d105"
	benchCreate      = `{"name":"Lab results","environmentId":"` + benchEnvironment + `","authStrategy":"OAuth_2.0_2-legged",` +
		`"grantType":"client_credentials","url":"https://auth.example.com/oauth/token","clientId":"lab","clientSecret":"not-a-real-secret"}`
	benchPatch = `{"grantType":"client_credentials","url":"https://auth.example.com/oauth/token",` +
		`"clientSecret":"not-a-real-secret","scopes":"orders.read"}`
)

func wire(host, method, path, body string) []byte {
	head := fmt.Sprintf("%s /platform%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer dev-token\r\nAccept: application/json\r\n", method,
		path, host)
	if body != "" {
		head += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return []byte(head + "\r\n" + body)
}

func patchRequest(host, id string) []byte {
	return wire(host, "PATCH", "/v1/authcredentials/"+id, benchPatch)
}
func getRequest(host, id string) []byte { return wire(host, "GET", "/v1/authcredentials/"+id, "") }
func listRequest(host, _ string) []byte {
	return wire(host, "GET", "/v1/environments/"+benchEnvironment+"/authcredentials", "")
}
func createRequest(host, _ string) []byte {
	return wire(host, "POST", "/v1/authcredentials", benchCreate)
}

// seedCredential creates a credential without the network and returns its id.
func seedCredential(b *testing.B, handler http.Handler) string {
	request := httptest.NewRequest("POST", "/platform/v1/authcredentials", strings.NewReader(benchCreate))
	request.Header.Set("Authorization", "Bearer dev-token")
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	var answer struct{ Payload struct{ ID string } }
	if err := json.NewDecoder(bytes.NewReader(recorder.Body.Bytes())).Decode(&answer); err != nil || answer.Payload.ID == "" {
		b.Fatal("the credential was not created", recorder.Code, err)
	}
	return answer.Payload.ID
}
