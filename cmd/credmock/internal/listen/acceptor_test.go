package listen

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// notes is a log that several goroutines write to.
type notes struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (n *notes) Write(line []byte) (int, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.text.Write(line)
}

func (n *notes) String() string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.text.String()
}

// opened serves a fresh mock as serve does, and returns what it logs.
func opened(t *testing.T, given Site) (*Listener, *notes) {
	t.Helper()
	logged := &notes{}
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	given.Address, given.Handler, given.Version = "127.0.0.1:0", mock, credmock.Default().Version
	given.Logger, given.EndStreams = slog.New(slog.NewTextHandler(logged, nil)), mock.EndStreams
	serving, err := given.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serving.server.Close() })
	return serving, logged
}

// say connects, sends a text and returns the connection.
func (l *Listener) say(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.acceptor.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if l.acceptor.secure {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// unreadable are requests that net/http answers by itself, with what is owed.
var unreadable = map[string]struct {
	status int
	code   string
}{
	"GET /platform/v1/authcredentials/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n": {400,
		"malformed-request"},
	"canary-7f3a canary-7f3a\r\n\r\n": {400,
		"malformed-request"},
	"GET / HTTP/1.1\r\n\r\n": {400,
		"malformed-request"},
	"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": {400,
		"malformed-request"},
	"GET / HTTP/1.1\r\nHost: localhost\r\ncanary 7f3a: x\r\n\r\n": {400,
		"malformed-request"},
	"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("canary-7f3a", 8<<10) + "\r\n\r\n": {431,
		"headers-too-large"},
	"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: canary-7f3a\r\nContent-Length: 1\r\n\r\n": {417,
		"expectation-failed"},
	"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: canary-7f3a, chunked\r\n\r\n": {501,
		"unknown-transfer-coding"},
	"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n": {505,
		"unsupported-version"},
	"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n": {505,
		"unsupported-version"},
	"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n": {400,
		"malformed-request"},
	"POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n": {400,
		"malformed-request"},
}

// What net/http answers by itself has the API's form, is counted in the log, and nothing of the request stands there.
func TestUnreadableRequests(t *testing.T) {
	for request, owed := range unreadable {
		serving, logged := opened(t, Site{})
		conn := serving.say(t, request)
		answers := bufio.NewReader(conn)
		var answer *http.Response
		var body []byte
		for {
			next, err := http.ReadResponse(answers, nil)
			if err != nil {
				break
			}
			body, _ = io.ReadAll(next.Body)
			if answer = next; answer.StatusCode >= 400 {
				break // as nothing follows
			}
		}
		var told struct {
			Meta   struct{ Version string }
			Errors []struct{ Code, Message string }
		}
		if answer == nil || json.Unmarshal(body, &told) != nil || answer.StatusCode != owed.status || len(told.Errors) != 1 ||
			told.Errors[0].Code != owed.code || told.Meta.Version == "" ||
			told.Errors[0].Message == "" || answer.Header.Get("X-Frame-Options") != "DENY" ||
			answer.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%.60q: %v %s", request, answer, body)
		}
		if err := serving.Stop(); err != nil {
			t.Error(err)
		}
		said := logged.String()
		if want := fmt.Sprintf(`what="a request cannot be read: %d %s" count=1 all=1`, owed.status, owed.code); strings.Count(said, want) != 1 ||
			strings.Count(said, "not answered") != 1 || strings.Contains(said, "canary") {
			t.Errorf("%.60q: the log says %s", request, said)
		}
	}
}

// What the mock answers, and who says nothing, is not counted.
func TestReadableRequestsAreNotCounted(t *testing.T) {
	serving, logged := opened(t, Site{})
	for _, request := range []string{
		"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "GET /nowhere HTTP/1.0\r\nHost: localhost\r\n\r\n",
		"POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
	} {
		answer, err := io.ReadAll(serving.say(t, request))
		if err != nil || !strings.Contains(string(answer), "no-store") {
			t.Errorf("%q: %v %s", request, err, answer)
		}
	}
	if err := serving.say(t, "").Close(); err != nil {
		t.Error(err)
	}
	if err := serving.Stop(); err != nil || strings.Contains(logged.String(), "not answered") {
		t.Errorf("%v %s", err, logged)
	}
}

func TestUnreadableRequestsOverTLS(t *testing.T) {
	secure, _, err := SelfSigned("127.0.0.1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	serving, logged := opened(t, Site{Secure: secure})
	answer, err := io.ReadAll(serving.say(t, "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	if !strings.Contains(string(answer), " 400 ") {
		t.Errorf("%v %s", err, answer)
	}
	answer, err = io.ReadAll(serving.say(t, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
	if !strings.Contains(string(answer), "alive") {
		t.Errorf("%v %s", err, answer)
	}
	serving.acceptor.secure = false // of the client
	plain := serving.say(t, "")
	serving.acceptor.secure = true
	if _, err := io.WriteString(plain, "GET / HTTP/1.1\r\nHost: canary-7f3a\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(plain); !strings.Contains(string(answer), "malformed-request") {
		t.Errorf("%v %s", err, answer)
	}
	if err := serving.Stop(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{`what="a request cannot be read" count=1 all=1`,
		`what="a request cannot be read: 400 malformed-request" count=1 all=1`} {
		if said := logged.String(); strings.Count(said, want) != 1 || strings.Contains(said, "canary") {
			t.Errorf("the log says %s", said)
		}
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	serving, logged := opened(t, Site{most: 2})
	const alive = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
	ask := func() (net.Conn, error) {
		conn := serving.say(t, alive)
		_, err := http.ReadResponse(bufio.NewReader(conn), nil)
		return conn, err
	}
	first, err := ask()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(); err == nil {
		t.Error("a third connection is answered")
	}
	for end := time.Now().Add(10 * time.Second); !strings.Contains(logged.String(), tooManyConnections); runtime.Gosched() {
		if time.Now().After(end) { // the line follows the end of the connection
			t.Fatalf("the log says %s", logged.String())
		}
	}
	first.Close()
	for ; err == nil; err = t.Context().Err() {
		if _, again := ask(); again == nil {
			break // as soon as the server knows that the first has gone
		}
	}
	if err != nil {
		t.Error("nobody takes the place of a connection that ended")
	}
}

// Deaf listeners, stuck clients and requests that never end do not hold up the end.
func TestStopWithDeafClients(t *testing.T) {
	if backlogLimit+drainLimit > 2*time.Second {
		t.Error("the end takes more than two seconds")
	}
	serving, _ := opened(t, Site{})
	for range 20 {
		for _, text := range []string{
			"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /platform HTTP/1.1\r\nHost: loc", "",
			"POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{",
		} {
			serving.say(t, text)
		}
	}
	if _, err := bufio.NewReader(serving.say(t, "GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n")).ReadString(':'); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := serving.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 9*time.Second { // what it takes where it waits for the clients is ten and more
		t.Errorf("the end took %s", took)
	}
}

// Who has connected when the end begins is answered.
func TestBacklogIsAnswered(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	serving := &Listener{
		server: &http.Server{Handler: mock}, Ended: make(chan error, 1),
		acceptor: &acceptor{Listener: socket, most: mostConnections, tally: newTally(slog.New(slog.DiscardHandler)), closed: make(chan struct{})},
	}
	var waiting []net.Conn
	for range 10 {
		waiting = append(waiting, serving.say(t, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	}
	serving.acceptor.watch(serving.server)
	begin := serving.server.ConnContext
	serving.server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		for !serving.acceptor.draining.Load() { // the first connection keeps the others waiting until the end has begun
			select {
			case <-serving.acceptor.closed:
				return begin(ctx, conn)
			default:
				runtime.Gosched()
			}
		}
		return begin(ctx, conn)
	}
	go func() { serving.Ended <- serving.server.Serve(serving.acceptor) }()
	if err := serving.Stop(); err != nil {
		t.Error(err)
	}
	for i, conn := range waiting {
		if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || answer.StatusCode != 200 {
			t.Fatalf("connection %d is lost: %v", i, err)
		}
	}
	if conn, err := net.Dial("tcp", socket.Addr().String()); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

// The log of net/http may hold what a client sent; the log of the mock has its own words and counts, and not a line for each.
func TestTallyRepeatsNothing(t *testing.T) {
	var logged bytes.Buffer
	now := time.Unix(0, 0)
	counting := newTally(slog.New(slog.NewTextHandler(&logged, nil)))
	counting.now = func() time.Time { return now.Add(time.Hour) }
	for _, line := range []string{"http: TLS handshake error from 1.2.3.4:5: canary", "http: panic serving 1.2.3.4:5: canary\nstack",
		"http: Accept error: canary", "http: superfluous canary", "canary"} {
		for range 1000 {
			if n, err := counting.Write([]byte(line)); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
	}
	first := strings.Count(logged.String(), "\n")
	now = now.Add(tellEvery)
	counting.add(failedAccept)
	counting.finish()
	counting.finish()
	said := logged.String()
	for _, what := range []string{failedHandshake, failedHandler, failedAccept, otherComplaint} {
		if !strings.Contains(said, what) {
			t.Errorf("%s is not told", what)
		}
	}
	if first != 4 || strings.Count(said, "\n") != 8 || strings.Contains(said, "canary") || !strings.Contains(said, "count=1000 all=1001") ||
		!strings.Contains(said, "count=1999 all=2000") {
		t.Errorf("%d lines first: %s", first, said)
	}
}

func TestMutantsAnswerLocalNamesAlone(t *testing.T) {
	serving, err := Local(context.Background(), "127.0.0.1:0", http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer serving.Close()
	for host, owed := range map[string]int{"localhost": 404, "evil.example": 421} {
		answer, err := http.ReadResponse(bufio.NewReader(serving.say(t, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")), nil)
		if err != nil || answer.StatusCode != owed {
			t.Errorf("%s: %v %v", host, answer, err)
		}
	}
}
