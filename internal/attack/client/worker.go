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

// worker sends requests over a connection of its own, inside and outside a session of its own.
type worker struct {
	*run
	number   int
	random   *rand.Rand
	canaries int64

	session string // name; replaced after a while
	lived   int    // number of requests since it was created
	faulty  bool   // faults are injected in it
	ids     []string

	conn   net.Conn
	reader *bufio.Reader
}

// shot is one request.
type shot struct {
	kind    string // kind for the counts
	method  string
	text    []byte // bytes as sent
	alone   bool   // may have invalid framing and needs its own connection
	lost    bool   // may get no answer, because of a fault or another worker's session
	reveals bool   // the answer may contain secrets
	looks   bool   // the answer is searched for other forms too
	creates bool
}

const (
	batchSize   = 16
	batchBytes  = 48 << 10
	sessionLife = 400
)

// work sends a number of requests: those with valid framing in batches, others on their own connection.
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

// renew ends the session and creates another. An old session gets faults.
func (w *worker) renew() {
	old := w.session
	w.session = "w" + strconv.Itoa(w.number) + "-" + strconv.FormatUint(w.random.Uint64N(1<<40), 36)
	w.lived, w.faulty, w.ids = 0, false, w.ids[:0]
	w.pipeline([]*shot{w.plain("DELETE", "/__admin/sessions/"+old, ""), w.plain("POST", "/__admin/sessions", `{"name":"`+w.session+`"}`)})
}

// plain makes a request with valid framing.
func (w *worker) plain(method, path, body string) *shot {
	return &shot{kind: "plain", method: method, text: w.encode(method, path, nil, []byte(body)), lost: true}
}

// inspect requests an admin page and searches it for marks in every form.
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

// closeAtOnce closes a connection without leaving its port in TIME_WAIT.
func closeAtOnce(conn net.Conn) {
	if plain, isTCP := conn.(*net.TCPConn); isTCP {
		_ = plain.SetLinger(0)
	}
	_ = conn.Close()
}

// pipeline writes all requests at once and reads the answers. If the mock closes the connection, the rest is sent again.
func (w *worker) pipeline(batch []*shot) {
	for len(batch) > 0 && w.connect() {
		_ = w.conn.SetDeadline(time.Now().Add(w.Timeout))
		var text bytes.Buffer
		for _, one := range batch {
			text.Write(one.text)
		}
		_, _ = w.conn.Write(text.Bytes()) // a failure shows in the answers
		answered := 0
		for _, one := range batch {
			closes, err := w.take(one)
			answered++
			switch {
			case err != nil && len(batch) > 1 && !errors.Is(err, os.ErrDeadlineExceeded):
				w.disconnect() // closing may lose earlier answers
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

// take reads and judges an answer. It reports whether the connection closes.
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

// answerBound is the maximum size of an answer in bytes.
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

// single sends a request over its own connection, closes the write side and reads the answers.
func (w *worker) single(one *shot) {
	conn, err := w.dial()
	if err != nil {
		w.broke("no connection", err.Error())
		return
	}
	defer closeAtOnce(conn)
	_ = conn.SetDeadline(time.Now().Add(w.Timeout))
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

// judge checks one answer.
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
		w.allowed("of the protocol " + code) // an unknown transfer coding or version of HTTP
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

// remember keeps the id of a created record.
func (w *worker) remember(body []byte) {
	if found := w.pool.id.FindSubmatch(body); found != nil {
		w.ids = append(w.ids, string(found[1]))
		if len(w.ids) > 40 {
			w.ids = append(w.ids[:0], w.ids[20:]...)
		}
	}
}

func (s *shot) example() string { return fmt.Sprintf("request: %.700q", s.text) }
