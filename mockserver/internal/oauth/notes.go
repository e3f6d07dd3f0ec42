package oauth

import (
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/store"
)

// note adds hints about fields that may not have the intended effect, and about settings that no field has. It says nothing about
// the content of a secret.
func (t *tokenRequest) note(credential *store.Record) {
	t.noteIdentity(credential)
	t.noteBlanks(credential)
	t.noteIf(setting(credential, fieldCustomName) == "" && setting(credential, fieldCustomValue) != "",
		fieldCustomValue+" is not sent, for "+fieldCustomName+" is not set.")
	for _, field := range []string{fieldNoBasic, fieldBasicNoForm} {
		text := strings.ToLower(strings.TrimSpace(setting(credential, field)))
		t.noteIf(text != "" && text != "true" && text != "false", field+" is neither true nor false, and so it is not on.")
	}
	t.noteIf(t.json, "The body is JSON. RFC 6749 section 4.4.2 asks for a form, and few servers take JSON.")
	ownName := setting(credential, fieldAccessName)
	t.noteIf(t.json || ownName != "" && ownName != usualAccess,
		fieldGrantType+" is always sent, since no field leaves it out. An endpoint that knows no grant type usually ignores it.")
}

func (t *tokenRequest) noteIf(condition bool, note string) {
	if condition {
		t.notes = append(t.notes, note)
	}
}

// noteIdentity adds hints about the client's id and secret.
func (t *tokenRequest) noteIdentity(credential *store.Record) {
	inForm := slices.ContainsFunc(t.parameters, func(one sentParameter) bool { return one.field == fieldClientID })
	user := setting(credential, fieldUsername) != ""
	t.noteIf(t.id == "" && !user, fieldClientID+" is not set, so nothing says who asks.")
	t.noteIf(t.id == "" && user, fieldClientID+" is not set, so the request names a user and no client.")
	t.noteIf(t.id != "" && !t.basic && switchedOn(credential, fieldBasicNoForm),
		fieldNoBasic+" and "+fieldBasicNoForm+" together leave nothing that says who asks.")
	t.noteIf(t.basic && inForm, "The client id stands in the Authorization header and in the body. RFC 6749 section 2.3 forbids two methods "+
		"in one request, and strict servers refuse it; "+fieldNoBasic+" or "+fieldBasicNoForm+" leaves one of them out.")
	t.noteIf(t.id != "" && t.secret == "", fieldClientSecret+" is not set, so nothing proves who asks.")
	t.noteIf(t.basic && strings.Contains(t.id, ":"),
		"The client id has a colon, at which a server takes the Authorization header apart.")
	t.noteIf(t.basic, "Authorization: Basic holds client id and secret as they stand (RFC 7617). A server that follows RFC 6749 section 2.3.1"+
		" form-decodes them, so a percent sign, a plus sign or a colon in the id would arrive changed; "+fieldNoBasic+" avoids it.")
}

// noteBlanks names the fields that begin or end with a blank, which is easily pasted along. It leaves out the secrets.
func (t *tokenRequest) noteBlanks(credential *store.Record) {
	fields := []string{fieldURL, fieldAccessName, fieldExpiresName, fieldRefreshName, fieldRefreshGrant}
	for _, one := range t.parameters {
		if !one.secret {
			fields = append(fields, one.field)
		}
	}
	for _, row := range tokenParameters {
		if row.name != "" {
			fields = append(fields, row.name)
		}
	}
	if t.basic && !slices.Contains(fields, fieldClientID) {
		fields = append(fields, fieldClientID)
	}
	for _, field := range fields {
		text := setting(credential, field)
		t.noteIf(strings.TrimSpace(text) != text, field+" begins or ends with a blank, which is kept.")
	}
}
