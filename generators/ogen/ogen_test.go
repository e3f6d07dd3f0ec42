//go:build generated

// Package ogen uses the client that ogen makes.
package ogen_test

import (
	"context"
	"os"
	"testing"

	"example.com/generators/build/ogen"
)

type bearer struct{}

func (bearer) Bearer(context.Context, ogen.OperationName) (ogen.Bearer, error) {
	return ogen.Bearer{Token: os.Getenv("CREDMOCK_TOKEN")}, nil
}

func TestClient(t *testing.T) {
	client, err := ogen.NewClient(os.Getenv("CREDMOCK_HOST"), bearer{})
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.CreateAuthCredential(t.Context(), ogen.NewOAuth2TwoLeggedCreateNewCredential(ogen.OAuth2TwoLeggedCreate{
		Name: "orders", EnvironmentId: os.Getenv("CREDMOCK_ENVIRONMENT"), URL: "https://login.example.com/token",
		AuthStrategy: ogen.OAuth2TwoLeggedCreateAuthStrategyOAuth202Legged, GrantType: ogen.OAuth2TwoLeggedCreateGrantTypeClientCredentials,
		ClientSecret: ogen.NewOptNilString("not-a-real-secret"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	envelope, isCreated := created.(*ogen.CreatedCredentialHeaders)
	if !isCreated {
		t.Fatalf("create: %#v", created)
	}
	shown, isOAuth := envelope.Response.Payload.GetOAuth2TwoLeggedCredential()
	if !isOAuth || shown.Name != "orders" || !shown.HasClientSecret || shown.HasPassword {
		t.Fatalf("created: %+v", shown)
	}
	updated, err := client.UpdateAuthCredential(t.Context(), &ogen.CredentialChange{
		GrantType: ogen.NewOptCredentialChangeGrantType(ogen.CredentialChangeGrantTypeClientCredentials),
		URL:       ogen.NewOptString("https://login.example.com/v2/token"),
	}, ogen.UpdateAuthCredentialParams{ID: shown.ID})
	if _, isUpdated := updated.(*ogen.CredentialEnvelope); err != nil || !isUpdated {
		t.Fatalf("update: %v %#v", err, updated)
	}
	read, err := client.GetAuthCredential(t.Context(), ogen.GetAuthCredentialParams{ID: shown.ID})
	if err != nil {
		t.Fatal(err)
	}
	again, _ := read.(*ogen.CredentialEnvelope).Payload.GetOAuth2TwoLeggedCredential()
	if again.URL != "https://login.example.com/v2/token" || !again.HasClientSecret {
		t.Errorf("read: %+v", again)
	}
	listed, err := client.ListAuthCredentials(t.Context(), ogen.ListAuthCredentialsParams{EnvironmentId: os.Getenv("CREDMOCK_ENVIRONMENT")})
	if _, isList := listed.(*ogen.CredentialListEnvelope); err != nil || !isList {
		t.Errorf("list: %v %#v", err, listed)
	}
	gone, err := client.DeleteAuthCredential(t.Context(), ogen.DeleteAuthCredentialParams{ID: shown.ID})
	if _, isGone := gone.(*ogen.MessageEnvelope); err != nil || !isGone {
		t.Errorf("delete: %v %#v", err, gone)
	}
	missing, err := client.GetAuthCredential(t.Context(), ogen.GetAuthCredentialParams{ID: shown.ID})
	if refusal, isRefused := missing.(*ogen.Errors); err != nil || !isRefused || refusal.Errors[0].Code != "not-found" {
		t.Errorf("get after delete: %v %#v", err, missing)
	}
}
