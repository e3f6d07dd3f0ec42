package client

import (
	"fmt"
	"io"
)

// Draft is what is sent to create or change a credential. What is empty is left out, and so keeps its value.
type Draft struct {
	Name          string `json:"name,omitempty"`
	EnvironmentID string `json:"environmentId,omitempty"`
	GrantType     string `json:"grantType"` // always "client_credentials"
	URL           string `json:"url"`
	ClientID      string `json:"clientId,omitempty"`
	ClientSecret  Secret `json:"clientSecret,omitempty"`
}

// Credential is what comes back: the secret itself never does.
type Credential struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	EnvironmentID   string `json:"environmentId"`
	GrantType       string `json:"grantType"`
	URL             string `json:"url"`
	ClientID        string `json:"clientId"`
	HasClientSecret bool   `json:"hasClientSecret"`
}

// Secret is a value that fmt and log do not print, whatever the verb. JSON has it in clear, for it must be sent.
type Secret string

const redacted = "[secret]"

func (Secret) String() string { return redacted }

// Format covers the verbs that do not ask String, such as %x and %#v.
func (Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }
