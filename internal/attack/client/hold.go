package client

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// holding is a set of connections that stay open beside the requests: listeners that never read, one that reads, and requests
// that never end.
type holding struct {
	conns []net.Conn
	wait  sync.WaitGroup
}

// stalled is the number of listeners that never read.
const stalled = 6

func (r *run) hold(ctx context.Context) *holding {
	h := &holding{}
	listen := "GET /__admin/events HTTP/1.1\r\nHost: " + r.address + "\r\n\r\n"
	unfinished := "POST " + r.prefix + r.spec.Operation("credential", "create").Path + " HTTP/1.1\r\nHost: " + r.address +
		"\r\nAuthorization: Bearer " + r.Token +
		"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"" + mark + "\":"
	for range stalled {
		h.open(r, listen)
	}
	for _, text := range []string{unfinished, unfinished[:60], "G"} {
		h.open(r, text)
	}
	if conn := h.open(r, listen); conn != nil && ctx.Err() == nil {
		h.wait.Go(func() { r.listen(conn) })
	}
	return h
}

func (h *holding) open(r *run, text string) net.Conn {
	conn, err := r.dial()
	if err != nil {
		r.broke("no connection", err.Error())
		return nil
	}
	_ = conn.SetWriteDeadline(time.Now().Add(r.Timeout))
	_, _ = conn.Write([]byte(text)) // it does not matter whether the mock accepts it
	h.conns = append(h.conns, conn)
	return conn
}

// listen reads events until the connection ends; none may contain a mark.
func (r *run) listen(conn net.Conn) {
	lines := bufio.NewReaderSize(conn, 1<<16)
	for {
		line, err := lines.ReadSlice('\n')
		if marked(line, false) {
			r.broke("a canary came back: events", string(line[:min(len(line), 500)]))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (h *holding) release() {
	for _, conn := range h.conns {
		closeAtOnce(conn)
	}
	h.wait.Wait()
}
