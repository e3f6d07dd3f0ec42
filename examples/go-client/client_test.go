package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/client"

	"github.com/credmock/credmock/mockserver"
)

// start returns a client of a fresh mock. No test sees what another test has stored.
func start(t *testing.T) *client.Client {
	t.Helper()
	mock := mockserver.Start(t)
	return client.New(mock.URL, mock.Token)
}

const secret = "correct horse battery staple"

func draft() client.Draft {
	return client.Draft{
		Name:          "orders",
		EnvironmentID: "a31a92e5-43b7-45df-8085-4ac5a746d105", // the mock's Development environment
		GrantType:     "client_credentials",
		URL:           "https://login.example.com/token",
		ClientID:      "orders-service",
		ClientSecret:  secret,
	}
}

func TestRoundTrip(t *testing.T) {
	api := start(t)
	created, err := api.Create(t.Context(), draft())
	if err != nil {
		t.Fatal(err)
	}
	if created.ID == "" || created.ClientID != "orders-service" || !created.HasClientSecret {
		t.Errorf("created: %+v", created)
	}
	// An update that leaves the secret and the name out keeps both.
	updated, err := api.Update(t.Context(), created.ID, client.Draft{
		GrantType: created.GrantType,
		URL:       "https://login.example.com/v2/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	if updated.Name != "orders" || !updated.HasClientSecret || !strings.HasSuffix(updated.URL, "/v2/token") {
		t.Errorf("updated: %+v", updated)
	}
	if found, err := api.Get(t.Context(), created.ID); err != nil || found != updated {
		t.Errorf("got %+v (%v), expected %+v", found, err, updated)
	}
	if err := api.Delete(t.Context(), created.ID); err != nil {
		t.Fatal(err)
	}
	_, err = api.Get(t.Context(), created.ID)
	if refused := refusalOf(t, err); refused.Status != http.StatusNotFound {
		t.Errorf("after the delete: %v", refused)
	}
}

// The client sends the same body again while the API is busy, and gives up only after its attempts.
func TestRetry(t *testing.T) {
	mock := mockserver.Start(t)
	mock.Fault(mockserver.Fault{Methods: []string{http.MethodPost}, Times: 2, Status: http.StatusServiceUnavailable})
	created, err := client.New(mock.URL, mock.Token).Create(t.Context(), draft())
	if err != nil || created.ID == "" {
		t.Fatalf("created %+v, error %v", created, err)
	}
	sent := mock.Requests("createAuthCredential")
	if len(sent) != 3 {
		t.Fatalf("%d requests were sent", len(sent))
	}
	for _, again := range sent[1:] {
		if !again.IsRepeat(sent[0]) {
			t.Errorf("another request: %s, at first %s", again.Body, sent[0].Body)
		}
	}
}

// A test can store a credential itself, move the clock and share a mock with other tests.
func TestStoredCredentialIsRead(t *testing.T) {
	mock := mockserver.Start(t).Session(t)
	id := mock.Put(draft())
	mock.Advance(time.Hour)
	if found, err := client.New(mock.URL, mock.ViewerToken).Get(t.Context(), id); err != nil || found.Name != draft().Name {
		t.Errorf("got %+v, error %v", found, err)
	}
}

// The mock names each mistake and its place. A client may show both to its user.
func TestRefusalPointsAtTheViolation(t *testing.T) {
	api := start(t)
	created, err := api.Create(t.Context(), draft())
	if err != nil {
		t.Fatal(err)
	}
	change := draft()
	change.GrantType = "password"
	_, err = api.Update(t.Context(), created.ID, change)
	refused := refusalOf(t, err)
	if refused.Status != http.StatusBadRequest {
		t.Errorf("status: %d", refused.Status)
	}
	if !slices.ContainsFunc(refused.Violations, func(v client.Violation) bool { return v.Pointer == "/grantType" }) {
		t.Errorf("no violation at /grantType: %v", refused)
	}
	if strings.Contains(err.Error(), secret) {
		t.Error("the error holds the secret of the body")
	}
}

func TestUnknownTokenIsRefused(t *testing.T) {
	api := client.New(mockserver.Start(t).URL, "unknown")
	_, err := api.Get(t.Context(), "any")
	if refused := refusalOf(t, err); refused.Status != http.StatusUnauthorized {
		t.Errorf("status: %d", refused.Status)
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x"} {
		for _, value := range []any{draft(), draft().ClientSecret} {
			printed := fmt.Sprintf(verb, value)
			if strings.Contains(printed, secret) || strings.Contains(printed, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s prints the secret", verb)
			}
		}
	}
}

func refusalOf(t *testing.T, err error) *client.Refusal {
	t.Helper()
	var refused *client.Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("expected a refusal, not %v", err)
	}
	return refused
}
