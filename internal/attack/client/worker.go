package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// worker sends requests over a connection of its own, in a session of its own and outside it.
type worker struct {
	*run
	number   int
	random   *rand.Rand
	canaries int64

	session string // its name; a new one after a while
	lived   int    // requests since it was made
	faulty  bool   // faults are at work in it
	ids     []string

	conn   net.Conn
	reader *bufio.Reader
}

// shot is one request.
type shot struct {
	kind    string // for the counts
	method  string
	text    []byte // as it is written
	alone   bool   // its framing may be broken: it has a connection to itself
	lost    bool   // it may get no answer, for a fault or another worker's session was in its way
	reveals bool   // its answer may hold secrets
	looks   bool   // its answer is looked at in other forms too
	creates bool
}

const (
	batchSize   = 16
	batchBytes  = 48 << 10
	sessionLife = 400
)

// work sends a number of requests: sound framing in batches, all else alone.
func (w *worker) work(ctx context.Context, number int) {
	defer w.disconnect()
	w.renew()
	for done := 0; done < number && ctx.Err() == nil; {
		if w.lived > sessionLife {
			w.renew()
		}
		var batch []*shot
		size := 0
		for len(batch) < batchSize && size < batchBytes && done+len(batch) < number {
			one := w.next()
			if one.alone {
				w.single(one)
				done++
				continue
			}
			batch = append(batch, one)
			if size += len(one.text); w.faulty {
				break
			}
		}
		done += len(batch)
		w.lived += len(batch)
		w.pipeline(batch)
		w.sent.Add(int64(len(batch)))
	}
	w.pipeline([]*shot{w.plain("DELETE", "/__admin/sessions/"+w.session, "")})
}

// renew ends the session and makes another. Toward its end a session gets faults.
func (w *worker) renew() {
	old := w.session
	w.session = "w" + strconv.Itoa(w.number) + "-" + strconv.FormatUint(w.random.Uint64N(1<<40), 36)
	w.lived, w.faulty, w.ids = 0, false, w.ids[:0]
	w.pipeline([]*shot{w.plain("DELETE", "/__admin/sessions/"+old, ""), w.plain("POST", "/__admin/sessions", `{"name":"`+w.session+`"}`)})
}

// plain makes a sound request.
func (w *worker) plain(method, path, body string) *shot {
	return &shot{kind: "plain", method: method, text: w.encode(method, path, nil, []byte(body)), lost: true}
}

// inspect asks for a page of the mock's own surface, and looks for marks in every form.
func (w *worker) inspect(path string) { w.inspectAfter("GET", path) }

func (w *worker) inspectAfter(method, path string) {
	one := w.plain(method, path, "")
	one.looks, one.lost, one.kind = true, false, "inspect"
	w.pipeline([]*shot{one})
	w.disconnect()
}

func (w *worker) connect() bool {
	if w.conn != nil {
		return true
	}
	conn, err := w.dial()
	if err != nil {
		w.broke("no connection", err.Error())
		return false
	}
	w.conn, w.reader = conn, bufio.NewReaderSize(conn, 32<<10)
	return true
}

func (w *worker) disconnect() {
	if w.conn != nil {
		closeAtOnce(w.conn)
		w.conn = nil
	}
}

// closeAtOnce leaves no port behind that waits.
func closeAtOnce(conn net.Conn) {
	if plain, isTCP := conn.(*net.TCPConn); isTCP {
		_ = plain.SetLinger(0)
	}
	_ = conn.Close()
}

// pipeline writes requests at once and reads their answers; where the mock ends the connection, the rest is sent again.
func (w *worker) pipeline(batch []*shot) {
	for len(batch) > 0 && w.connect() {
		_ = w.conn.SetDeadline(time.Now().Add(w.Patience))
		var text bytes.Buffer
		for _, one := range batch {
			text.Write(one.text)
		}
		_, _ = w.conn.Write(text.Bytes()) // whether the mock took it shows when it answers
		answered := 0
		for _, one := range batch {
			closes, err := w.take(one)
			answered++
			switch {
			case err != nil && len(batch) > 1 && !errors.Is(err, os.ErrDeadlineExceeded):
				w.disconnect() // where the mock ends a connection, answers before that can be lost on the way
				w.pipeline([]*shot{one})
			case err != nil:
				w.unanswered(one, err)
			}
			if closes || err != nil {
				w.disconnect()
				break
			}
		}
		batch = batch[answered:]
	}
}

// take reads an answer and judges it. It tells whether the connection ends.
func (w *worker) take(one *shot) (closes bool, err error) {
	answer, err := http.ReadResponse(w.reader, &http.Request{Method: one.method})
	for err == nil && answer.StatusCode < 200 { // an interim answer: another one follows
		answer, err = http.ReadResponse(w.reader, &http.Request{Method: one.method})
	}
	if err != nil {
		return true, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerBound))
	if err != nil {
		return true, err
	}
	w.judge(one, answer, body)
	return answer.Close, nil
}

// answerBound is how long an answer may be.
const answerBound = 64 << 20

func (w *worker) unanswered(one *shot, err error) {
	w.answered(0, 1)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.broke("no answer in time: "+one.kind, one.example())
	case !one.lost:
		w.broke("no answer: "+one.kind, err.Error()+"\n"+one.example())
	}
}

// single sends a request over a connection of its own, says that nothing follows, and reads whatever comes.
func (w *worker) single(one *shot) {
	conn, err := w.dial()
	if err != nil {
		w.broke("no connection", err.Error())
		return
	}
	defer closeAtOnce(conn)
	_ = conn.SetDeadline(time.Now().Add(w.Patience))
	_, _ = conn.Write(one.text)
	if plain, isTCP := conn.(*net.TCPConn); isTCP {
		_ = plain.CloseWrite()
	}
	text, err := io.ReadAll(io.LimitReader(conn, answerBound))
	w.sent.Add(1)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.answered(0, 1)
		w.broke("no end in time: "+one.kind, one.example())
		return
	}
	w.judgeRaw(one, text)
}

// judgeRaw judges all answers in a text; there may be none.
func (w *worker) judgeRaw(one *shot, text []byte) {
	if !bytes.HasPrefix(text, []byte("HTTP/1.")) {
		w.answered(0, 1)
		w.search(one, text)
		return
	}
	reader := bufio.NewReader(bytes.NewReader(text))
	for {
		answer, err := http.ReadResponse(reader, &http.Request{Method: one.method})
		if err != nil {
			return
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		w.judge(one, answer, body)
	}
}

// judge looks at one answer.
func (w *worker) judge(one *shot, answer *http.Response, body []byte) {
	w.answered(answer.StatusCode, 1)
	if answer.StatusCode >= 500 {
		w.judgeStatus(one, answer, body)
	}
	w.search(one, body)
	for name, values := range answer.Header {
		w.search(one, []byte(name+": "+strings.Join(values, ", ")))
	}
	if one.creates && answer.StatusCode == http.StatusCreated {
		w.remember(body)
	}
}

func (w *worker) judgeStatus(one *shot, answer *http.Response, body []byte) {
	code := strconv.Itoa(answer.StatusCode)
	switch {
	case answer.Header.Get("X-Credmock-Fault") != "":
		w.allowed("injected " + code)
	case (answer.StatusCode == http.StatusNotImplemented || answer.StatusCode == http.StatusHTTPVersionNotSupported) && one.alone:
		w.allowed("of the protocol " + code) // a transfer coding or a version of HTTP that there is not
	default:
		w.broke("status "+code+": "+one.kind, fmt.Sprintf("%.300q\n%s", body, one.example()))
	}
}

func (w *worker) search(one *shot, text []byte) {
	if !one.reveals && marked(text, one.looks || w.random.IntN(64) == 0) {
		at := max(0, bytes.Index(text, markBytes))
		w.broke("a canary came back: "+one.kind, fmt.Sprintf("%.300q\n%s", text[max(0, at-150):min(len(text), at+100)], one.example()))
	}
}

// remember keeps the id of what was created.
func (w *worker) remember(body []byte) {
	if found := w.pool.id.FindSubmatch(body); found != nil {
		w.ids = append(w.ids, string(found[1]))
		if len(w.ids) > 40 {
			w.ids = append(w.ids[:0], w.ids[20:]...)
		}
	}
}

func (s *shot) example() string { return fmt.Sprintf("request: %.700q", s.text) }
