package interop

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	oauthserver "github.com/go-oauth2/oauth2/v4/server"
	oauthstore "github.com/go-oauth2/oauth2/v4/store"
	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	fositestorage "github.com/ory/fosite/storage"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// newFosite returns a server of ory/fosite.
func newFosite(t *testing.T, known *registration) http.Handler {
	store := fositestorage.NewMemoryStore()
	config := &fosite.Config{GlobalSecret: []byte("not-a-real-secret-of-32-letters!"), HashCost: 4}
	for _, one := range known.Clients {
		hash, err := (&fosite.BCrypt{Config: config}).Hash(context.Background(), []byte(one.Secret))
		if err != nil {
			t.Fatal(err)
		}
		made := &fosite.DefaultClient{ID: one.ID, Secret: hash, GrantTypes: []string{"client_credentials"}, Scopes: []string{"a", "b"}}
		store.Clients[one.ID] = made
		if one.Signs != "" {
			store.Clients[one.ID] = &fosite.DefaultOpenIDConnectClient{
				DefaultClient: made, JSONWebKeysURI: known.Keys, TokenEndpointAuthMethod: one.Method,
				TokenEndpointAuthSigningAlgorithm: one.Signs,
			}
		}
	}
	provider := compose.Compose(config, store, compose.NewOAuth2HMACStrategy(config), compose.OAuth2ClientCredentialsGrantFactory)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		config.TokenURL = "http://" + r.Host + "/token"
		access, err := provider.NewAccessRequest(r.Context(), r, new(fosite.DefaultSession))
		if err != nil {
			provider.WriteAccessError(r.Context(), w, access, err)
			return
		}
		for _, scope := range access.GetRequestedScopes() {
			access.GrantScope(scope)
		}
		response, err := provider.NewAccessResponse(r.Context(), access)
		if err != nil {
			provider.WriteAccessError(r.Context(), w, access, err)
			return
		}
		provider.WriteAccessResponse(r.Context(), w, access, response)
	})
}

// areKnown reports whether a server of ours has all these scopes.
func areKnown(scopes []string) bool {
	return !slices.ContainsFunc(scopes, func(one string) bool { return one != "a" && one != "b" })
}

func newHeaderServer(t *testing.T, known *registration) http.Handler {
	return newGoOAuth2(t, known, oauthserver.ClientBasicHandler)
}

func newFormServer(t *testing.T, known *registration) http.Handler {
	return newGoOAuth2(t, known, oauthserver.ClientFormHandler)
}

// newGoOAuth2 returns a server of go-oauth2/oauth2, which finds the client with a function.
func newGoOAuth2(t *testing.T, known *registration, find oauthserver.ClientInfoHandler) http.Handler {
	clients := oauthstore.NewClientStore()
	for _, one := range known.Clients {
		if err := clients.Set(one.ID, &models.Client{ID: one.ID, Secret: one.Secret}); err != nil {
			t.Fatal(err)
		}
	}
	manager := manage.NewDefaultManager()
	manager.MustTokenStorage(oauthstore.NewMemoryTokenStore())
	manager.MapClientStorage(clients)
	manager.SetClientTokenCfg(&manage.Config{AccessTokenExp: time.Hour, RefreshTokenExp: time.Hour, IsGenerateRefresh: true})
	made := oauthserver.NewDefaultServer(manager)
	made.SetAllowedGrantType(oauth2.ClientCredentials, oauth2.Refreshing)
	made.SetClientInfoHandler(find)
	made.SetClientScopeHandler(func(asked *oauth2.TokenGenerateRequest) (bool, error) {
		return areKnown(strings.Fields(asked.Scope)), nil
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = made.HandleTokenRequest(w, r) })
}

// zitadelStorage is the storage of the example server, with clients of ours.
type zitadelStorage struct {
	*storage.Storage
	known *registration
}

// zitadelClient is a client with the grant type for machines.
type zitadelClient struct{ *storage.Client }

func (zitadelClient) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeClientCredentials}
}

func (s *zitadelStorage) ClientCredentials(_ context.Context, id, secret string) (op.Client, error) {
	for _, one := range s.known.Clients {
		if one.ID == id && one.Secret == secret && secret != "" {
			return zitadelClient{storage.WebClient(id, secret)}, nil
		}
	}
	return nil, errors.New("no client has this id and secret")
}

func (s *zitadelStorage) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	if !areKnown(scopes) {
		return nil, oidc.ErrInvalidScope()
	}
	return &oidc.JWTTokenRequest{Subject: id, Audience: []string{id}, Scopes: scopes}, nil
}

// newZitadel returns a server of zitadel/oidc.
func newZitadel(t *testing.T, known *registration) http.Handler {
	store := storage.NewStorageWithClients(storage.NewUserStore("http://127.0.0.1/"), map[string]*storage.Client{})
	made, err := op.NewProvider(&op.Config{AuthMethodPost: true, AuthMethodPrivateKeyJWT: true}, &zitadelStorage{store, known},
		op.StaticIssuer("http://127.0.0.1/"), op.WithAllowInsecure(), op.WithCustomTokenEndpoint(op.NewEndpoint("token")))
	if err != nil {
		t.Fatal(err)
	}
	return made
}
