package wire

import (
	"net"
	"net/http"
	"time"
)

func newTransport() http.RoundTripper {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     30 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second,

		MaxResponseHeaderBytes: maxHeader,
	}
}

// bounded returns a transport that bounds headers. It returns a new one for nil.
func bounded(transport http.RoundTripper) http.RoundTripper {
	switch given := transport.(type) {
	case nil:
		return newTransport()
	case *http.Transport:
		if given.MaxResponseHeaderBytes == 0 {
			narrow := given.Clone()
			narrow.MaxResponseHeaderBytes = maxHeader
			return narrow
		}
	}
	return transport
}
