package serve

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/credmock/credmock/cmd/credmock/internal/listen"
)

// ports are the listeners of the sessions that have a port of their own.
type ports struct {
	site    listen.Site // with the address of the mock
	running sync.WaitGroup
}

// listen serves a session on a free port of the same host as the mock.
func (p *ports) listen(handler http.Handler) (root string, stop func(), err error) {
	host, _, err := net.SplitHostPort(p.site.Address)
	if err != nil {
		return "", nil, err
	}
	site := p.site
	site.Address, site.Handler = net.JoinHostPort(host, "0"), handler
	listener, err := site.Listen(context.Background()) // it outlives the request that asks for it
	if err != nil {
		return "", nil, err
	}
	p.running.Add(1)
	return listener.Root(), func() {
		defer p.running.Done()
		_ = listener.Stop() // the session has ended
	}, nil
}
