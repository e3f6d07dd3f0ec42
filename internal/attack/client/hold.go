package client

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// holding is a number of connections that stay open beside the requests: listeners that never read, one that reads, and requests
// that never end.
type holding struct {
	conns []net.Conn
	wait  sync.WaitGroup
}

// deaf is how many listeners never read.
const deaf = 6

func (r *run) hold(ctx context.Context) *holding {
	h := &holding{}
	listen := "GET /__admin/events HTTP/1.1\r\nHost: " + r.address + "\r\n\r\n"
	unfinished := "POST " + r.prefix + r.spec.Operation("credential", "create").Path + " HTTP/1.1\r\nHost: " + r.address +
		"\r\nAuthorization: Bearer " + r.Token +
		"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"" + mark + "\":"
	for range deaf {
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
	_ = conn.SetWriteDeadline(time.Now().Add(r.Patience))
	_, _ = conn.Write([]byte(text)) // whether the mock took it is nothing that the attack needs to know
	h.conns = append(h.conns, conn)
	return conn
}

// listen reads events until the connection ends: no mark may be in one.
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
