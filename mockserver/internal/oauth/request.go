package oauth

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// mediaTypeForm is the usual media type of a token request.
const mediaTypeForm = "application/x-www-form-urlencoded"

// tokenRequest is the request that a credential describes.
type tokenRequest struct {
	url         string
	mediaType   string
	json        bool
	parameters  []sentParameter
	basic       bool // sends the identity in the Authorization header
	encoded     bool // the identity in the header is form-encoded
	id, secret  string
	secretField string
	credential  *model.Settings
	decoded     map[string]any  // parts of a signed assertion, to be shown; may be nil
	behind      []outbound.Part // the same in pieces
	grantName   string          // name of the parameter of the grant
	grant       string          // its value
	notes       []string        // hints for the reader, without values
}

// sentParameter is one parameter of the body.
type sentParameter struct {
	name, value string
	role        string   // role of the value's field; may be empty
	field       string   // field of the value, for messages and variables
	from        []string // fields that the value comes from
	nameFrom    string   // field that the name comes from; empty for the usual name
	secret      bool
	identity    bool   // identifies the client
	code        string // error code of OAuth if the value is another one
}

// DescribesToken reports whether a strategy describes a token request.
func DescribesToken(v *model.Variant) bool {
	return v.Request == model.RequestOAuth || v.Request == model.RequestAssertion || v.Request == model.RequestExchange
}

// demand says which of the requests of a credential is meant.
type demand struct {
	refresh *string // token of a refresh; nil for the first request
	encoded bool    // the halves of Basic are form-encoded
}

// tokenRequestOf returns the first request that a credential describes or, with a refresh token, the refresh request. If there
// is none, the second result says why.
func tokenRequestOf(credential *model.Settings, want demand) (*tokenRequest, string) {
	made := &tokenRequest{
		credential: credential, url: credential.Text(roleURL), id: credential.Text(roleClientID), secret: credential.Text(roleClientSecret),
		mediaType: credential.TextOr(roleContentType, mediaTypeForm), secretField: credential.Name(roleClientSecret), encoded: want.encoded,
	}
	if reason := outbound.CheckURL(credential.Name(roleURL), outbound.AtTokenEndpoint, made.url); reason != "" {
		return nil, reason
	}
	kind, _, err := mime.ParseMediaType(made.mediaType)
	made.json = kind == serve.MediaTypeJSON || strings.HasSuffix(kind, "+json")
	if err != nil || !made.json && kind != mediaTypeForm {
		return nil, credential.Name(roleContentType) + " must be that of a form or of JSON, for there is no telling how another body would look."
	}
	made.basic = made.id != "" && !credential.On(roleNoBasic)
	made.Fill(credential, want.refresh)
	made.note(credential)
	return made, ""
}

// Fill adds the parameters of the body.
func (t *tokenRequest) Fill(credential *model.Settings, refresh *string) {
	for _, row := range tokenParameters {
		one := sentParameter{
			name: credential.TextOr(row.name, row.usual), value: credential.Text(row.value),
			role: row.value, field: credential.Name(row.value), secret: credential.IsSecret(row.value), identity: row.part == anIdentity,
			code: cmp.Or(row.code, invalidRequest), nameFrom: nameIfSet(credential, row.name),
		}
		switch {
		case row.part == aGrant && refresh != nil:
			one.value, one.field = credential.TextOr(roleRefreshGrant, usualRefresh), credential.Name(roleRefreshGrant)
		case row.part == anIdentity && credential.On(roleBasicNoForm), row.part == aUser && refresh != nil:
			continue
		}
		one.from = []string{one.field}
		if row.part == aGrant && refresh != nil {
			one.from[0] = nameIfSet(credential, roleRefreshGrant)
		}
		t.Add(one)
		if row.part == aGrant {
			t.grantName, t.grant = one.name, one.value
		}
		if row.part == aGrant && refresh != nil {
			t.Add(sentParameter{name: credential.TextOr(roleRefreshName, usualRefresh), value: *refresh, role: roleRefreshName,
				field: "refreshToken", secret: true, code: invalidGrant, nameFrom: nameIfSet(credential, roleRefreshName)})
		}
	}
}

// nameIfSet returns the name of the field with a role; empty if it is not set.
func nameIfSet(credential *model.Settings, role string) string {
	if credential.Text(role) == "" {
		return ""
	}
	return credential.Name(role)
}

// Add appends a parameter, or replaces an earlier one with the same name.
func (t *tokenRequest) Add(one sentParameter) {
	if one.name == "" || one.value == "" {
		return
	}
	for i, earlier := range t.parameters {
		if earlier.name == one.name {
			t.notes = append(t.notes, fmt.Sprintf("%s takes the place of %s: both are sent under one name.", one.field, earlier.field))
			one.code, one.identity = earlier.code, earlier.identity
			t.parameters[i] = one
			return
		}
	}
	t.parameters = append(t.parameters, one)
}

// authorization returns the value of the Authorization header; empty if it is not sent.
func (t *tokenRequest) authorization() string {
	if !t.basic {
		return ""
	}
	id, secret := t.id, t.secret
	if t.encoded {
		id, secret = url.QueryEscape(id), url.QueryEscape(secret)
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

// body encodes the parameters, each with the text that value returns.
func (t *tokenRequest) body(value func(sentParameter) string) string {
	parts := make([]string, len(t.parameters))
	for i, one := range t.parameters {
		if t.json {
			parts[i] = quoted(one.name) + ":" + value(one)
		} else {
			parts[i] = url.QueryEscape(one.name) + "=" + value(one)
		}
	}
	if t.json {
		return "{" + strings.Join(parts, ",") + "}"
	}
	return strings.Join(parts, "&")
}

// encode encodes a value for the media type of the body.
func (t *tokenRequest) encode(value string) string {
	if t.json {
		return quoted(value)
	}
	return url.QueryEscape(value)
}

func quoted(text string) string { return string(view.AppendValue(nil, text)) }

// request returns the HTTP request.
func (t *tokenRequest) request(ctx context.Context) (*http.Request, error) {
	body := t.body(func(one sentParameter) string { return t.encode(one.value) })
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", t.mediaType)
	request.Header.Set("Accept", serve.MediaTypeJSON)
	request.Header.Set("User-Agent", outbound.UserAgent)
	if authorization := t.authorization(); authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return request, nil
}
