package oauth

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// tokenRequest is the request that a credential describes.
type tokenRequest struct {
	url        string
	mediaType  string
	json       bool
	parameters []sentParameter
	basic      bool // sends the identity in the Authorization header
	id, secret string
	grantName  string   // name of the parameter of the grant
	grant      string   // its value
	notes      []string // hints for the reader, without values
}

// sentParameter is one parameter of the body.
type sentParameter struct {
	name, value string
	field       string // field of the value
	secret      bool
	identity    bool   // identifies the client
	code        string // error code of OAuth if the value is another one
}

// setting returns a field of a credential as text; empty if it is not set.
func setting(r *store.Record, field string) string {
	switch value := r.Values[field].(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return ""
}

func settingOr(r *store.Record, field, usual string) string {
	if text := setting(r, field); text != "" {
		return text
	}
	return usual
}

// switchedOn returns a boolean field, which the contract also allows as a string.
func switchedOn(r *store.Record, field string) bool {
	return strings.EqualFold(strings.TrimSpace(setting(r, field)), "true")
}

// DescribesToken reports whether a strategy describes a token request. One with a signed assertion cannot be made of fields.
func DescribesToken(v *model.Variant) bool {
	known := map[string]bool{}
	for _, property := range v.Create.Properties() {
		known[property.Name] = true
	}
	return known[fieldURL] && known[fieldGrantType] && !v.SignsAssertions
}

// tokenRequestOf returns the first request that a credential describes or, with a refresh token, the refresh request. If there
// is none, the second result says why.
func tokenRequestOf(credential *store.Record, form *model.Variant, refresh *string) (*tokenRequest, string) {
	if form.SignsAssertions {
		return nil, "The strategy of this credential proves the client with a signed assertion, which the mock does not make. It describes no " +
			"token request of fields alone."
	}
	if !DescribesToken(form) {
		return nil, "The strategy of this credential describes no token request."
	}
	made := &tokenRequest{
		url: setting(credential, fieldURL), id: setting(credential, fieldClientID), secret: setting(credential, fieldClientSecret),
		mediaType: settingOr(credential, fieldContentType, "application/x-www-form-urlencoded"),
	}
	if strings.TrimLeft(made.url, " \t\r\n") != made.url {
		return nil, fieldURL + " begins with a blank."
	}
	target, err := url.Parse(made.url)
	if err != nil || target.Host == "" || target.User != nil || target.Scheme != "http" && target.Scheme != "https" {
		return nil, fieldURL + " is no URL of a token endpoint: it needs http:// or https:// and a host, and no user or password."
	}
	kind, _, err := mime.ParseMediaType(made.mediaType)
	made.json = kind == serve.MediaTypeJSON || strings.HasSuffix(kind, "+json")
	if err != nil || !made.json && kind != "application/x-www-form-urlencoded" {
		return nil, fieldContentType + " must be that of a form or of JSON, for there is no telling how any other body would look."
	}
	made.basic = made.id != "" && !switchedOn(credential, fieldNoBasic)
	made.Fill(credential, form, refresh)
	made.note(credential)
	return made, ""
}

// Fill adds the parameters of the body.
func (t *tokenRequest) Fill(credential *store.Record, form *model.Variant, refresh *string) {
	for _, row := range tokenParameters {
		one := sentParameter{
			name: settingOr(credential, row.name, row.usual), value: setting(credential, row.value),
			field: row.value, secret: isSecret(form, row.value), identity: row.part == anIdentity, code: cmp.Or(row.code, invalidRequest),
		}
		switch {
		case row.part == aGrant && refresh != nil:
			one.value, one.field = settingOr(credential, fieldRefreshGrant, usualRefresh), fieldRefreshGrant
		case row.part == anIdentity && switchedOn(credential, fieldBasicNoForm), row.part == aUser && refresh != nil:
			continue
		}
		t.Add(one)
		if row.part == aGrant {
			t.grantName, t.grant = one.name, one.value
		}
		if row.part == aGrant && refresh != nil {
			t.Add(sentParameter{name: settingOr(credential, fieldRefreshName, usualRefresh), value: *refresh, field: fieldRefreshName, secret: true,
				code: invalidGrant})
		}
	}
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

// isSecret reports whether the document says that a field is never shown.
func isSecret(v *model.Variant, field string) bool {
	for _, property := range v.Create.Properties() {
		if property.Name == field {
			return property.Secret
		}
	}
	return true // a field without a description may be secret
}

// authorization returns the value of the Authorization header; empty if it is not sent.
func (t *tokenRequest) authorization() string {
	if !t.basic {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(t.id+":"+t.secret))
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

// userAgent names the mock to token endpoints.
const userAgent = "credmock"

// request returns the HTTP request.
func (t *tokenRequest) request(ctx context.Context) (*http.Request, error) {
	body := t.body(func(one sentParameter) string { return t.encode(one.value) })
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", t.mediaType)
	request.Header.Set("Accept", serve.MediaTypeJSON)
	request.Header.Set("User-Agent", userAgent)
	if authorization := t.authorization(); authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return request, nil
}
