package client

import (
	"fmt"
	"io"
)

// Draft is the body of a create or an update. The client does not send empty fields, so they keep their values.
type Draft struct {
	Name          string `json:"name,omitempty"`
	EnvironmentID string `json:"environmentId,omitempty"`
	GrantType     string `json:"grantType"` // always "client_credentials"
	URL           string `json:"url"`
	ClientID      string `json:"clientId,omitempty"`
	ClientSecret  Secret `json:"clientSecret,omitempty"`
}

// Credential is a credential in an answer. It has a flag in place of the secret.
type Credential struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	EnvironmentID   string `json:"environmentId"`
	GrantType       string `json:"grantType"`
	URL             string `json:"url"`
	ClientID        string `json:"clientId"`
	HasClientSecret bool   `json:"hasClientSecret"`
}

// Secret is a string that fmt and log do not print, whatever the verb. JSON has it in clear, because the client sends it.
type Secret string

const redacted = "[secret]"

func (Secret) String() string { return redacted }

// Format covers the verbs that do not call String, such as %x and %#v.
func (Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }
