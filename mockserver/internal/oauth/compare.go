package oauth

import (
	"crypto/subtle"
	"fmt"
	"mime"

	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// compare compares a request with the one that a credential describes: the first request or, by the grant, a refresh. The
// differences name parts and parameters and contain no value.
func compare(c *serve.Call, credential *store.Record, got *presented) (differences []string, refreshed bool) {
	form := c.VariantOf(credential)
	first, reason := tokenRequestOf(credential, form, nil)
	if reason != "" {
		return []string{reason}, false
	}
	differences = first.differences(got)
	valid := c.Session.Grants.Issued(credential.ID)
	if len(differences) == 0 || valid == "" {
		return differences, false
	}
	refresh, reason := tokenRequestOf(credential, form, &valid)
	if reason != "" {
		return []string{reason}, false
	}
	if others := refresh.differences(got); len(others) < len(differences) {
		return others, true
	}
	return differences, false
}

// differences returns how a request differs from the described one; nil if it does not.
func (t *tokenRequest) differences(got *presented) []string {
	var found []string
	differs := func(condition bool, format string, arguments ...any) {
		if condition {
			found = append(found, fmt.Sprintf(format, arguments...))
		}
	}
	kind, _, _ := mime.ParseMediaType(t.mediaType) // tokenRequestOf parsed it already
	differs(got.mediaType != kind, "Content-Type must be %s.", kind)
	differs(got.repeated, "Each parameter must be sent once, as text.")
	differs(t.basic && !got.basic, "The Authorization header is missing; it must be Basic, with client id and secret.")
	differs(!t.basic && (got.basic || got.other), "There must be no Authorization header.")
	differs(t.basic && got.basic && !same(got.user, t.id), "The user of the Authorization header is not the client id.")
	differs(t.basic && got.basic && !same(got.word, t.secret), "The password of the Authorization header is not the client secret.")
	known := 0
	for _, one := range t.parameters {
		value, there := got.parameters[one.name]
		differs(!there, "The parameter %s is missing; %s says its value.", one.name, one.source())
		differs(there && !same(value, one.value), "The parameter %s has not the value that %s says.", one.name, one.source())
		if there {
			known++
		}
	}
	strangers := len(got.parameters) - known
	differs(strangers == 1, "There is a parameter that the credential does not describe.")
	differs(strangers > 1, "There are %d parameters that the credential does not describe.", strangers)
	return found
}

// source returns the field that holds the value.
func (p *sentParameter) source() string {
	if p.field == fieldRefreshName {
		return "the latest answer"
	}
	return p.field
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
