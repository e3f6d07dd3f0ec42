package checks

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/probe"
)

// askingNames are the parameters of queries, and the middles of headers, that ask a server for more than it should tell.
var askingNames = []string{
	"expand", "include", "fields", "select", "view", "projection", "embed", "with", "extend", "show", "output", "format", "mode", "level",
	"debug", "verbose", "raw", "full", "all", "reveal", "unmask", "decrypt", "plain", "plaintext", "internal", "admin", "trace", "dump",
	"export", "secrets", "secret", "credentials", "showSecrets", "includeSecrets", "include_secrets", "show_secrets", "withSecrets",
	"revealSecrets", "hidden", "private", "sensitive", "unsafe", "noredact", "redact", "mask", "hash", "digest", "pretty", "$select",
	"$expand",
	"details", "detail", "extended", "metadata", "meta", "_debug", "__debug__", "_expand", "_fields", "fields[]", "include[]",
}

// askingQueries return queries with every name and one value. Some names mean the opposite, so false is among the values.
func askingQueries(strategy *credmock.Strategy) []string {
	var secrets []string
	for _, secret := range strategy.Secrets {
		secrets = append(secrets, secret.Name)
	}
	var queries []string
	for _, value := range []string{"true", "secrets", "*", "all", "false", strings.Join(secrets, ",")} {
		var pairs []string
		for _, name := range askingNames {
			pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
		}
		queries = append(queries, strings.Join(pairs, "&"))
	}
	full := strings.NewReplacer("view=", "view=full&was=", "projection=", "projection=full&was=", "mode=", "mode=full&was=",
		"level=", "level=full&was=")
	queries[len(queries)-1] = full.Replace(queries[len(queries)-1])
	for _, secret := range secrets {
		queries[len(queries)-1] += "&" + secret + "=true"
	}
	return queries
}

// askingHeaders are headers with which a client asks for more, or claims to be more.
func askingHeaders(h http.Header) {
	for _, name := range []string{
		"Debug", "Trace", "Verbose", "Expand", "Include", "Fields", "Include-Secrets", "Show-Secrets", "Reveal", "Unmask", "Admin", "Internal",
		"Raw", "Full", "Export",
	} {
		h.Set("X-"+name, "true")
	}
	for name, value := range map[string]string{
		"Prefer": "return=representation", "Range": "bytes=0-100000", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1",
		"X-Role": "admin", "X-User-Role": "admin", "X-Requested-With": "XMLHttpRequest", "Cookie": "debug=1; admin=true",
		"If-None-Match": "*", "Cache-Control": "no-cache", "X-HTTP-Method-Override": "GET", "X-Request-Id": "debug", "Origin": "http://localhost",
		"User-Agent": "curl/8.0 debug", "Referer": "http://localhost/admin", "Accept-Language": "de", "Pragma": "akamai-x-get-extracted-values",
	} {
		h.Set(name, value)
	}
}

// mediaTypes are what a client may ask for beside JSON.
var mediaTypes = []string{
	"text/html", "application/xml", "text/plain", "text/csv", "application/yaml", "application/vnd.api+json",
	"application/json; version=2; view=full", "",
}

// provokeNegotiation asks for a credential, and for the list, in every way that may tell more. Credentials of other strategies than the
// default one are asked for in a few ways.
func provokeNegotiation(p *probe.Probe, strategy *credmock.Strategy) {
	made := p.Standing(strategy)
	queries := askingQueries(strategy)
	last := queries[len(queries)-1]
	get := func(edit func(*http.Request)) { p.Try(probe.Request{Action: "get", ID: made.ID, Edit: edit}) }
	list := func(edit func(*http.Request)) { p.Try(probe.Request{Action: "list", ID: p.Environment, Edit: edit}) }
	all := func(r *http.Request) {
		askingHeaders(r.Header)
		r.URL.RawQuery = last
	}
	if list(all); strategy != probe.DefaultStrategy(p.Spec) {
		get(all)
		get(func(r *http.Request) { r.URL.RawQuery = queries[0] })
		get(func(r *http.Request) { r.Header.Set("Accept", mediaTypes[0]) })
		return
	}
	for _, query := range queries {
		get(func(r *http.Request) { r.URL.RawQuery = query })
		list(func(r *http.Request) { r.URL.RawQuery = query })
	}
	for _, mediaType := range mediaTypes {
		get(func(r *http.Request) { r.Header["Accept"] = acceptOf(mediaType) })
	}
	get(func(r *http.Request) { askingHeaders(r.Header) })
	list(func(r *http.Request) { r.Header.Set("Accept", mediaTypes[0]) })
	p.Try(probe.Request{Action: "strategies", Edit: all})
}

// acceptOf returns the values of an Accept header, or nil for none.
func acceptOf(mediaType string) []string {
	if mediaType == "" {
		return nil
	}
	return []string{mediaType}
}

// provokeAskingWrites creates, updates and deletes while it asks for more, and sends invalid bodies likewise.
func provokeAskingWrites(p *probe.Probe, strategy *credmock.Strategy) {
	queries := askingQueries(strategy)
	edit := func(r *http.Request) {
		askingHeaders(r.Header)
		r.Header.Del("X-HTTP-Method-Override")
		r.Header.Del("If-None-Match") // it would forbid the write
		r.URL.RawQuery = queries[0]
	}
	e := p.Try(probe.Request{Action: "create", Body: p.Full(strategy), Edit: edit})
	p.Try(probe.Request{Action: "create", Raw: []byte(jsonvalue.Canonical(p.Full(strategy)) + "}"), Edit: edit})
	if e.ID == "" {
		return
	}
	body := p.ForUpdate(p.Full(strategy))
	p.Try(probe.Request{Action: "update", ID: e.ID, Body: body, Edit: edit})
	p.Try(probe.Request{Action: "update", ID: e.ID, Edit: edit, Body: probe.With(body, map[string]any{p.RoleName(credmock.RoleName): 4711})})
	p.Try(probe.Request{Action: "delete", ID: e.ID, Edit: edit})
}
