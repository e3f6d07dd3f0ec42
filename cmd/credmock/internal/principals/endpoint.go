package principals

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/assertion"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/bearer"
)

// exchangeLimit bounds how long a token request may take.
const exchangeLimit = 10 * time.Second

// endpointOf returns the source of a principal whose client signs assertions.
func (p *Flags) endpointOf(one principal, way Way) (bearer.Source, error) {
	client, key := p.value(one, endClient), p.value(one, endKey)
	switch {
	case client == "":
		return nil, cli.Usage("--%s needs --%s: the id of the client whose key it is", one.prefix+endKey, one.prefix+endClient)
	case key == "":
		return nil, cli.Usage("--%s needs --%s: the private key that signs for the client", one.prefix+endClient, one.prefix+endKey)
	}
	endpoint, err := p.endpoint(one, way.Base)
	if err != nil {
		return nil, err
	}
	text, err := cli.ReadFile(one.prefix+endKey, key)
	if err != nil {
		return nil, err
	}
	signer, err := assertion.New(client, text, p.value(one, endKeyID))
	if err != nil {
		return nil, underName(err, one.prefix)
	}
	signer.Unanswered = way.Unanswered
	transport := way.to(endpoint)
	return (&cached{get: func(ctx context.Context) (assertion.Token, error) {
		ctx, cancel := context.WithTimeout(ctx, exchangeLimit)
		defer cancel()
		return signer.Exchange(ctx, transport, endpoint)
	}}).source, nil
}

// underName returns an error about --key as one about the key of another principal.
func underName(err error, prefix string) error {
	var exit *cli.Exit
	if !errors.As(err, &exit) {
		return err
	}
	return &cli.Exit{Code: exit.Code, Message: strings.ReplaceAll(exit.Message, "--"+endKey, "--"+prefix+endKey)}
}

// endpoint returns the token endpoint of a principal.
func (p *Flags) endpoint(one principal, base *url.URL) (*url.URL, error) {
	for _, prefix := range []string{one.prefix, ""} {
		text := p.flags.Lookup(prefix + endEndpoint).Value.String()
		if text == "" {
			continue
		}
		endpoint, err := url.Parse(text)
		if err != nil || endpoint.Hostname() == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" || endpoint.User != nil ||
			endpoint.Fragment != "" {
			return nil, cli.Usage("--%s must be the URL of a token endpoint, such as https://auth.example.com/v2/auth/token",
				prefix+endEndpoint)
		}
		return endpoint, nil
	}
	return assertion.Endpoint(base), nil
}

// to returns the transport for an endpoint. One on the host of the target gets the headers of the target too.
func (w Way) to(endpoint *url.URL) http.RoundTripper {
	if endpoint.Scheme != w.Base.Scheme || endpoint.Host != w.Base.Host {
		return w.Transport
	}
	return cli.WithHeader(w.Transport, w.Header)
}
