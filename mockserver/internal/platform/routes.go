package platform

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/origin"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

const path = "/__platform"

// Routes returns the routes of the platform.
func (p *Platform) Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(http.MethodGet, path+"/jwks.json", "platformKeys", func(*serve.Call) *serve.Reply { return p.keysReply() }),
		serve.OwnRoute(http.MethodGet, path+"/.well-known/openid-configuration", "platformConfiguration", p.configuration),
	}
}

// keysReply returns the public keys, which are made first if need be.
func (p *Platform) keysReply() *serve.Reply {
	keys, err := p.Keys()
	if err != nil {
		return serve.Failure()
	}
	return serve.JSON(http.StatusOK, map[string]any{"keys": members(keys)})
}

// members returns the keys of a set as JSON objects.
func members(set jwk.Set) []any {
	var keys []any
	for i := range set.Len() {
		key, _ := set.Key(i)
		keys = append(keys, key)
	}
	return keys
}

func (p *Platform) configuration(c *serve.Call) *serve.Reply {
	issuer := root(c) + c.Base + path
	return serve.JSON(http.StatusOK, map[string]any{
		"issuer": issuer, "jwks_uri": issuer + "/jwks.json", "response_types_supported": []string{"id_token"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func root(c *serve.Call) string {
	if c.TLS != nil {
		return "https://" + c.Host
	}
	return "http://" + c.Host
}

// Issuer returns the issuer that the platform names in its tokens.
func (p *Platform) Issuer(c *serve.Call) string { return root(c) + c.Base + path }

// SignerOf returns whose key has an id: a client of the fixtures, as which a test can sign in the platform's place, or else the platform.
func (p *Platform) SignerOf(c *serve.Call, kid string) *model.Client {
	for _, client := range c.Model.Clients {
		if client.Principal.Published && origin.SocketOf(c.Request) == origin.OpenSocket {
			continue
		}
		if keys, err := client.Keys(); err == nil {
			if _, known := keys.LookupKeyID(kid); known {
				return client
			}
		}
	}
	return &model.Client{Keys: p.Keys}
}

// IsIssuer reports whether an issuer is the platform. The mock has many names, and the signature is the proof, so only the path counts.
func IsIssuer(issuer string) bool { return isOwn(issuer, path) }

// IsKeysURL reports whether an address is that of the platform's keys.
func IsKeysURL(address string) bool { return isOwn(address, path+"/jwks.json") }

func isOwn(address, end string) bool {
	target, err := url.Parse(address)
	return err == nil && target.Host != "" && strings.HasSuffix(target.Path, end)
}
