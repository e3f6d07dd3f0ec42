//go:build generated

// Package oapi uses the client and the strict server that oapi-codegen makes.
package oapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"example.com/generators/build/oapi"
)

func authorize(_ context.Context, request *http.Request) error {
	request.Header.Set("Authorization", "Bearer "+os.Getenv("CREDMOCK_TOKEN"))
	return nil
}

func newCredential(t *testing.T) oapi.NewCredential {
	t.Helper()
	secret := "not-a-real-secret"
	var body oapi.NewCredential
	err := body.FromOAuth2TwoLeggedCreate(oapi.OAuth2TwoLeggedCreate{
		Name: "orders", EnvironmentId: os.Getenv("CREDMOCK_ENVIRONMENT"), Url: "https://login.example.com/token", ClientSecret: &secret,
		AuthStrategy: oapi.OAuth2TwoLeggedCreateAuthStrategyOAuth202Legged, GrantType: oapi.OAuth2TwoLeggedCreateGrantTypeClientCredentials,
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestClient(t *testing.T) {
	client, err := oapi.NewClientWithResponses(os.Getenv("CREDMOCK_HOST"), oapi.WithRequestEditorFn(authorize))
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.CreateAuthCredentialWithResponse(t.Context(), newCredential(t))
	if err != nil || created.JSON201 == nil {
		t.Fatalf("create: %v %s", err, created.Body)
	}
	shown, err := created.JSON201.Payload.AsOAuth2TwoLeggedCredential()
	if err != nil || shown.Name != "orders" || !shown.HasClientSecret || shown.HasPassword {
		t.Fatalf("created: %v %+v", err, shown)
	}
	grant, url := oapi.CredentialChangeGrantTypeClientCredentials, "https://login.example.com/v2/token"
	updated, err := client.UpdateAuthCredentialWithResponse(t.Context(), shown.Id, oapi.CredentialChange{GrantType: &grant, Url: &url})
	if err != nil || updated.JSON200 == nil {
		t.Fatalf("update: %v %s", err, updated.Body)
	}
	read, err := client.GetAuthCredentialWithResponse(t.Context(), shown.Id)
	if err != nil || read.JSON200 == nil {
		t.Fatalf("get: %v %s", err, read.Body)
	}
	if again, err := read.JSON200.Payload.AsOAuth2TwoLeggedCredential(); err != nil || again.Url != url || !again.HasClientSecret {
		t.Errorf("read: %v %+v", err, again)
	}
	if kind, err := read.JSON200.Payload.Discriminator(); err != nil || kind != string(shown.AuthStrategy) {
		t.Errorf("discriminator: %v %s", err, kind)
	}
	listed, err := client.ListAuthCredentialsWithResponse(t.Context(), os.Getenv("CREDMOCK_ENVIRONMENT"))
	if err != nil || listed.JSON200 == nil || len(listed.JSON200.Payload.Credentials) == 0 {
		t.Errorf("list: %v %s", err, listed.Body)
	}
	gone, err := client.DeleteAuthCredentialWithResponse(t.Context(), shown.Id)
	if err != nil || gone.JSON200 == nil {
		t.Errorf("delete: %v %s", err, gone.Body)
	}
	missing, err := client.GetAuthCredentialWithResponse(t.Context(), shown.Id)
	if err != nil || missing.JSON404 == nil || missing.JSON404.Errors[0].Code != "not-found" {
		t.Errorf("get after delete: %v %s", err, missing.Body)
	}
}

// strict answers what it was sent, without the secret.
type strict struct{ oapi.StrictServerInterface }

func (strict) CreateAuthCredential(_ context.Context, request oapi.CreateAuthCredentialRequestObject) (
	oapi.CreateAuthCredentialResponseObject, error) {
	sent, err := request.Body.AsOAuth2TwoLeggedCreate()
	if err != nil {
		return nil, err
	}
	var shown oapi.Credential
	err = shown.FromOAuth2TwoLeggedCredential(oapi.OAuth2TwoLeggedCredential{
		Id: "1", Name: sent.Name, Url: sent.Url, HasClientSecret: sent.ClientSecret != nil,
		AuthStrategy: oapi.OAuth2TwoLeggedCredentialAuthStrategyOAuth202Legged,
	})
	return oapi.CreateAuthCredential201JSONResponse{CreatedCredentialJSONResponse: oapi.CreatedCredentialJSONResponse{
		Body: oapi.CredentialEnvelope{Meta: oapi.Meta{Version: "1.0.0"}, Payload: shown},
	}}, err
}

func TestStrictServer(t *testing.T) {
	server := httptest.NewServer(oapi.Handler(oapi.NewStrictHandler(strict{}, nil)))
	defer server.Close()
	client, err := oapi.NewClientWithResponses(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.CreateAuthCredentialWithResponse(t.Context(), newCredential(t))
	if err != nil || created.JSON201 == nil {
		t.Fatalf("create: %v %s", err, created.Body)
	}
	if shown, err := created.JSON201.Payload.AsOAuth2TwoLeggedCredential(); err != nil || shown.Name != "orders" || !shown.HasClientSecret {
		t.Errorf("created: %v %+v", err, shown)
	}
}
