package mockserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// The limits of a request that the mock sends.
const (
	connectLimit  = 2 * time.Second
	exchangeLimit = 5 * time.Second
)

var errOutbound = errors.New("the address is not one that the mock may call")

// describeToken shows the token request that a credential describes, and sends it where the query asks for that.
func (s *Server) describeToken(c *call) *reply {
	credential := s.store.get(resourceCredential, c.parameter)
	if credential == nil {
		return refuse(http.StatusNotFound, "not-found", "There is no credential of this id.")
	}
	query := c.query
	if refusal := checkTokenQuery(query); refusal != nil {
		return refusal
	}
	send := query.Get("send") == "true"
	var refresh *string
	if query.Get("grant") == "refresh" {
		held := s.grants.held(credential.id)
		if refresh = &held; held == "" {
			held = string(withheldText) // to show the request one needs no token
		}
		if send && held == string(withheldText) {
			return refuse(http.StatusConflict, "no-refresh-token", "There is no refresh token yet: send the first request, to an endpoint that answers with one.")
		}
	}
	described, fault := tokenRequestOf(credential, refresh)
	if fault != "" {
		return refuse(http.StatusUnprocessableEntity, "no-token-request", fault)
	}
	shown := described.shown()
	if send {
		answer, refusal := s.sendToken(c, credential, described)
		if refusal != nil {
			return refusal
		}
		shown["answer"] = answer
	}
	return document(http.StatusOK, shown)
}

// checkTokenQuery refuses a query that would do something else than was meant.
func checkTokenQuery(query url.Values) *reply {
	for name, values := range query {
		allowed := map[string][]string{"send": {"true", "false"}, "grant": {"first", "refresh"}}[name]
		if len(values) != 1 || !slices.Contains(allowed, values[0]) {
			return refuse(http.StatusBadRequest, "unknown-query", "The query may have send=true and grant=refresh, and nothing else.")
		}
	}
	return nil
}

// sendToken sends the request and reads the answer.
func (s *Server) sendToken(c *call, credential *record, described *tokenRequest) (map[string]any, *reply) {
	ctx, cancel := context.WithTimeout(c.Context(), exchangeLimit)
	defer cancel()
	request, err := described.request(ctx)
	if err != nil {
		return nil, refuse(http.StatusUnprocessableEntity, "no-token-request", "The request cannot be made of these fields.")
	}
	response, err := s.outbound(request.URL.Hostname()).Do(request)
	if err != nil {
		return nil, outboundFault(err)
	}
	defer response.Body.Close()
	read := readTokenAnswer(credential, response, s.options.Clock(), c.isOwnEndpoint(request.URL))
	if read.refresh != "" {
		s.known.learn(read.refresh)
		s.grants.hold(credential.id, read.refresh)
	}
	return read.shown, nil
}

// isOwnEndpoint tells whether a URL is that of the mock's own authorization server, which writes no secret into its refusals.
func (c *call) isOwnEndpoint(target *url.URL) bool {
	own, err := url.Parse(c.ownHost())
	return err == nil && target.Port() == own.Port() && isLoopback(target.Host) && strings.HasSuffix(target.Path, oauthPath)
}

// outbound returns a client that calls loopback addresses and, where the options allow the host, that host. It looks at the
// address that it is about to connect to, and not at the name: a name can lead anywhere.
func (s *Server) outbound(host string) *http.Client {
	allowed := slices.ContainsFunc(s.options.AllowOutbound, func(name string) bool { return strings.EqualFold(name, host) })
	dialer := &net.Dialer{Timeout: connectLimit, Control: func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return errOutbound
		}
		ip := target.Addr().Unmap()
		if ip.IsLoopback() || allowed && !ip.IsLinkLocalUnicast() && !ip.IsMulticast() && !ip.IsUnspecified() {
			return nil
		}
		return errOutbound
	}}
	return &http.Client{
		// No proxy: it would connect to another address than the one that was looked at.
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: connectLimit},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// outboundFault says why there is no answer. The error's own text may hold an address or a part of a URL.
func outboundFault(err error) *reply {
	var resolution *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, errOutbound):
		return refuse(http.StatusForbidden, "outbound-refused", "The mock sends to loopback addresses alone; --allow-outbound HOST lets it call another host.")
	case errors.As(err, &resolution):
		return refuse(http.StatusBadGateway, "no-answer", "The host of the token endpoint is not known.")
	case errors.As(err, &timeout) && timeout.Timeout():
		return refuse(http.StatusGatewayTimeout, "no-answer", "The token endpoint does not answer in time.")
	case errors.Is(err, syscall.ECONNREFUSED):
		return refuse(http.StatusBadGateway, "no-answer", "Nobody listens at the token endpoint.")
	}
	return refuse(http.StatusBadGateway, "no-answer", "The token endpoint gives no answer over HTTP that can be read.")
}
