package oauth

import (
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/model"
)

// note adds hints about fields that may not have the intended effect, and about settings that no field has. It says nothing about
// the content of a secret.
func (t *tokenRequest) note(credential *model.Settings) {
	t.noteIdentity(credential)
	t.noteBlanks(credential)
	t.noteIf(credential.Text(roleCustomName) == "" && credential.Text(roleCustomValue) != "",
		credential.Name(roleCustomValue)+" is not sent, for "+credential.Name(roleCustomName)+" is not set.")
	for _, role := range []string{roleNoBasic, roleBasicNoForm} {
		text := strings.ToLower(strings.TrimSpace(credential.Text(role)))
		t.noteIf(text != "" && text != "true" && text != "false", credential.Name(role)+" is neither true nor false, and so it is not on.")
	}
	t.noteIf(t.json, "The body is JSON. RFC 6749 section 4.4.2 asks for a form, and few servers take JSON.")
	ownName := credential.Text(roleAccessName)
	t.noteIf(t.json || ownName != "" && ownName != usualAccess,
		credential.Name(roleGrantType)+" is always sent, since no field leaves it out. An endpoint that knows no grant type usually ignores it.")
}

func (t *tokenRequest) noteIf(condition bool, note string) {
	if condition {
		t.notes = append(t.notes, note)
	}
}

// noteIdentity adds hints about the client's id and secret.
func (t *tokenRequest) noteIdentity(credential *model.Settings) {
	inForm := slices.ContainsFunc(t.parameters, func(one sentParameter) bool { return one.role == roleClientID })
	user := credential.Text(roleUsername) != ""
	t.noteIf(t.id == "" && !user, credential.Name(roleClientID)+" is not set, so nothing says who asks.")
	t.noteIf(t.id == "" && user, credential.Name(roleClientID)+" is not set, so the request names a user and no client.")
	t.noteIf(t.id != "" && !t.basic && credential.On(roleBasicNoForm),
		credential.Name(roleNoBasic)+" and "+credential.Name(roleBasicNoForm)+" together leave nothing that says who asks.")
	t.noteIf(t.basic && inForm, "The client id stands in the Authorization header and in the body. RFC 6749 section 2.3 forbids two methods "+
		"in one request, and strict servers refuse it; "+credential.Name(roleNoBasic)+" or "+credential.Name(roleBasicNoForm)+
		" leaves one of them out.")
	t.noteIf(t.id != "" && t.secret == "", credential.Name(roleClientSecret)+" is not set, so nothing proves who asks.")
	t.noteIf(t.basic && strings.Contains(t.id, ":"),
		"The client id has a colon, at which a server takes the Authorization header apart.")
	t.noteIf(t.basic && !t.encoded, "Authorization: Basic holds client id and secret as they stand (RFC 7617). A server that follows RFC "+
		"6749 section 2.3.1 form-decodes them, so a percent sign, a plus sign or a colon in the id would arrive changed; "+
		credential.Name(roleNoBasic)+" avoids it.")
}

// noteBlanks names the fields that begin or end with a blank, which is easily pasted along. It leaves out the secrets.
func (t *tokenRequest) noteBlanks(credential *model.Settings) {
	roles := []string{roleURL, roleAccessName, roleExpiresName, roleRefreshName, roleRefreshGrant}
	for _, one := range t.parameters {
		if !one.secret {
			roles = append(roles, one.role)
		}
	}
	for _, row := range tokenParameters {
		if row.name != "" {
			roles = append(roles, row.name)
		}
	}
	if t.basic && !slices.Contains(roles, roleClientID) {
		roles = append(roles, roleClientID)
	}
	for _, role := range roles {
		text := credential.Text(role)
		t.noteIf(strings.TrimSpace(text) != text, credential.Name(role)+" begins or ends with a blank, which is kept.")
	}
}
