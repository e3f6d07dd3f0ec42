package oauth

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// The error codes of a token endpoint (RFC 6749, section 5.2; RFC 8707, section 2).
const (
	invalidRequest   = "invalid_request"
	invalidClient    = "invalid_client"
	invalidGrant     = "invalid_grant"
	invalidScope     = "invalid_scope"
	invalidTarget    = "invalid_target"
	unsupportedGrant = "unsupported_grant_type"
)

// codeOrder is the order in which a server meets the mistakes of a request. It reports the first.
var codeOrder = []string{invalidClient, unsupportedGrant, invalidGrant, invalidTarget, invalidScope, invalidRequest}

// verdict is the comparison of a request with the one that a credential describes.
type verdict struct {
	credential  *model.Settings
	differences []string // parts and parameters, without values
	codes       []string // error code of each difference
	refreshed   bool     // the request is a refresh
	identity    string   // method that identifies the client: basic, body or both; empty if there is none
	decoded     bool     // a half of the Basic header fits only form-decoded
}

// Verdict returns the comparison as the sender of the request sees it.
func (v *verdict) Verdict() *outbound.Verdict {
	shown := &outbound.Verdict{Differences: v.differences}
	if v.credential != nil {
		shown.Credential = v.credential.ID
	}
	return shown
}

// code returns the error code of a refused request.
func (v *verdict) code() string {
	return codeOrder[slices.IndexFunc(codeOrder, func(code string) bool { return slices.Contains(v.codes, code) })]
}

// add records a difference if the condition holds.
func (v *verdict) add(condition bool, code, format string, arguments ...any) {
	if condition {
		v.differences = append(v.differences, fmt.Sprintf(format, arguments...))
		v.codes = append(v.codes, code)
	}
}

// compare compares a request with the one that a credential describes: the first request, or a refresh if that is closer.
func compare(c *serve.Call, credential *model.Settings, got *presented) *verdict {
	first, reason := tokenRequestOf(credential, demand{})
	if reason != "" {
		return unusable(credential, reason)
	}
	found := first.compare(credential, got)
	valid := c.Session.Grants.Issued(credential.ID, holderOf(credential))
	if len(found.differences) == 0 || valid == "" && !refreshes(credential) {
		return found
	}
	if valid == "" {
		valid = rand.Text() // fits no request
	}
	refresh, reason := tokenRequestOf(credential, demand{refresh: &valid})
	if reason != "" {
		return unusable(credential, reason)
	}
	asks := !same(first.grant, refresh.grant) && same(got.parameters[first.grantName], refresh.grant)
	if asks {
		refresh.leaveOut(got)
	}
	other := refresh.compare(credential, got)
	other.refreshed = true
	if asks || len(other.differences) < len(found.differences) {
		return other
	}
	return found
}

// leaveOut removes the parameters that a refresh may leave out: the scopes (RFC 6749, section 6) and the target (RFC 8707, section 2.2)
// stay those of the first request.
func (t *tokenRequest) leaveOut(got *presented) {
	t.parameters = slices.DeleteFunc(t.parameters, func(one sentParameter) bool {
		_, there := got.parameters[one.name]
		return !there && slices.Contains([]string{roleScopes, roleAudience, roleResource}, one.role)
	})
}

func unusable(credential *model.Settings, reason string) *verdict {
	return &verdict{credential: credential, differences: []string{reason}, codes: []string{invalidRequest}}
}

// refreshes reports whether a credential has settings for a refresh.
func refreshes(credential *model.Settings) bool {
	return credential.Text(roleRefreshName) != "" || credential.Text(roleRefreshGrant) != ""
}

// compare compares a received request with the described one.
func (t *tokenRequest) compare(credential *model.Settings, got *presented) *verdict {
	found := &verdict{credential: credential}
	kind, _, _ := mime.ParseMediaType(t.mediaType) // tokenRequestOf parsed it already
	found.add(got.mediaType != kind, invalidRequest, "Content-Type must be %s.", kind)
	found.add(got.repeated, invalidRequest, "Each parameter must be sent once, as text.")
	needed := t.compareIdentity(found, got)
	known := 0
	for _, one := range t.parameters {
		value, there := got.parameters[one.name]
		if there {
			known++
		}
		switch {
		case !there && (needed || !one.identity):
			found.add(true, one.missing(), "The parameter %s is missing; %s says its value.", one.name, one.source())
		case there && !one.is(value):
			found.add(true, one.code, "The parameter %s has not the value that %s says.", one.name, one.source())
		}
	}
	strangers := len(got.parameters) - known
	found.add(strangers == 1, invalidRequest, "There is a parameter that the credential does not describe%s", ignored)
	found.add(strangers > 1, invalidRequest, "There are %d parameters that the credential does not describe%s", strangers, ignored)
	return found
}

const ignored = ". A server that follows RFC 6749 section 3.2 ignores it; this one is stricter."

// compareIdentity compares the Authorization header, and reports whether the body must identify the client. A client uses one
// method in each request (RFC 6749, section 2.3), so one is enough if the credential describes both.
func (t *tokenRequest) compareIdentity(found *verdict, got *presented) (inBody bool) {
	basic, body := got.user != nil, t.identifies(got)
	either := t.basic && t.inBody()
	found.identity = identityOf(basic, body)
	switch {
	case t.basic && basic:
		found.add(!got.user.is(t.id), invalidClient, "The user of the Authorization header is not the client id%s.", readings)
		found.add(!got.word.is(t.secret), invalidClient, "The password of the Authorization header is not the client secret%s.", readings)
		found.decoded = !same(got.user.raw, t.id) || !same(got.word.raw, t.secret)
	case t.basic && (!either || !body || got.other):
		found.add(true, invalidClient, "The Authorization header is missing; it must be Basic, with client id and secret.")
	case !t.basic && (basic || got.other):
		code := map[bool]string{false: invalidClient, true: invalidRequest}[body] // more than one method
		found.add(true, code, "There must be no Authorization header.")
	}
	return !either || !basic
}

// identifies reports whether the body of a request identifies the client.
func (t *tokenRequest) identifies(got *presented) bool {
	return slices.ContainsFunc(t.parameters, func(one sentParameter) bool {
		_, there := got.parameters[one.name]
		return one.identity && there
	})
}

// identityOf names the methods that identify the client.
func identityOf(basic, body bool) string {
	return map[[2]bool]string{{true, false}: "basic", {false, true}: "body", {true, true}: "both"}[[2]bool{basic, body}]
}

const readings = ", neither as it stands nor form-decoded"

// inBody reports whether the body identifies the client.
func (t *tokenRequest) inBody() bool {
	return slices.ContainsFunc(t.parameters, func(one sentParameter) bool { return one.identity })
}

// is reports whether a received value is the described one. Scopes that are separated by blanks are a set (RFC 6749, section 3.3).
func (p *sentParameter) is(value string) bool {
	if p.role == roleScopes {
		return slices.Equal(scopeSet(value), scopeSet(p.value))
	}
	return same(value, p.value)
}

// scopeSet returns the scopes in a text, in order and without repetition.
func scopeSet(text string) []string {
	set := slices.DeleteFunc(strings.Split(text, " "), func(one string) bool { return one == "" })
	slices.Sort(set)
	return slices.Compact(set)
}

// missing returns the error code if the parameter is missing.
func (p *sentParameter) missing() string {
	if p.code == unsupportedGrant || p.code == invalidGrant {
		return invalidRequest
	}
	return p.code
}

// source returns the field that holds the value.
func (p *sentParameter) source() string {
	if p.role == roleRefreshName {
		return "the latest answer"
	}
	return p.field
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
