package client

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
)

// next makes the next request.
func (w *worker) next() *shot {
	switch at := w.random.IntN(1000); {
	case at < 640:
		return w.api()
	case at < 700:
		return w.token()
	case at < 850:
		return w.adminRead()
	case at < 930:
		return w.adminWrite()
	case at < 970:
		return w.stray()
	}
	return w.wire()
}

// base returns what a path begins with, and whether faults may be met there.
func (w *worker) base() (prefix string, lost bool) {
	switch w.random.IntN(20) {
	case 0, 1, 2:
		return "", false
	case 3:
		return "/__sessions/w" + strconv.Itoa(w.random.IntN(w.Workers)), true
	case 4:
		return "/__sessions/" + pick(w, "", ".", "..", "%00", "a/b", mark, "%2e%2e", strings.Repeat("s", 300)), false
	}
	return "/__sessions/" + w.session, w.faulty
}

// api makes a request to an operation of the document.
func (w *worker) api() *shot {
	operations := w.spec.Operations
	operation := operations[w.random.IntN(len(operations))]
	if operation.Public {
		return w.token()
	}
	base, lost := w.base()
	method := operation.Method
	if w.oneIn(40) {
		method = pick(w, "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "FROB", "get")
	}
	body := w.bodyFor(operation.ID)
	made := &shot{kind: operation.ID, method: method, lost: lost, creates: operation.Action == "create"}
	headers := append(w.authorization(), header{"Content-Type", w.mediaType(operation.MediaType)})
	headers = append(headers, w.odd()...)
	made.text = w.encode(method, base+w.prefix+w.fill(operation)+w.query(), headers, body)
	return made
}

// fill puts a value into an operation's path.
func (w *worker) fill(operation *credmock.Operation) string {
	before, rest, has := strings.Cut(operation.Path, "{")
	if !has {
		return operation.Path
	}
	_, after, _ := strings.Cut(rest, "}")
	return before + w.parameter(operation) + after
}

func (w *worker) parameter(operation *credmock.Operation) string {
	if operation.Resource == "environment" && !w.oneIn(4) {
		return "118"
	}
	if (operation.Action == "list" || operation.Action == "create") && !w.oneIn(4) {
		return environment
	}
	if len(w.ids) > 0 && !w.oneIn(4) {
		return w.ids[w.random.IntN(len(w.ids))]
	}
	return pick(w, w.canary(), url.PathEscape(w.canary()+"/../\x00"), "%2e%2e", "..", ".", "%00", "%ff%fe", "%E2%80%AE", "a%0d%0ab", "-1",
		"1e999", "99999999999999999999999",
		strings.Repeat("i", 3000), "%25%32%65", "[object%20Object]", ";", "'", "$WORK", "~", "%7e1", "undefined",
		"00000000-0000-0000-0000-000000000000")
}

func (w *worker) authorization() []header {
	switch w.random.IntN(14) {
	case 0:
		return nil
	case 1:
		return []header{{"Authorization", "Bearer " + w.canary()}}
	case 2:
		return []header{{"Authorization", pick(w, "Basic ", "bearer", "Bearer  ", "Bearer,", "\xff", "Bearer a b ", "Digest ") + w.canary()}}
	case 3:
		return []header{{"Authorization", "Bearer " + w.Viewer}}
	case 4:
		return []header{{"Authorization", "Bearer " + w.Token}, {"Authorization", "Bearer " + w.canary()}}
	}
	return []header{{"Authorization", "Bearer " + w.Token}}
}

func (w *worker) mediaType(right string) string {
	if !w.oneIn(25) {
		return right
	}
	return pick(w, "", "text/plain", "application/json; charset=utf-16", "application/json;charset=\"", "a/b/c", "\xff",
		"application/json, text/html", ";", "application/JSON ; q=1",
		strings.Repeat("a", 2000)+"/b", "multipart/form-data; boundary=x", "application/xml")
}

// odd returns headers that are seldom sent.
func (w *worker) odd() []header {
	if !w.oneIn(4) {
		return nil
	}
	switch w.random.IntN(16) {
	case 0:
		return []header{{"User-Agent", pick(w, "\xff\xfe", "a\tb", "\xc2\x9b31m", strings.Repeat("u", 4000), "", "\u202e")}}
	case 1:
		return []header{{"Accept", pick(w, "\xff", "*/*;q=nan", "text/html", strings.Repeat("a/b,", 500), "application/problem+json")}}
	case 2:
		return []header{{"Origin", pick(w, "null", "http://evil.example", "\xff", "http://127.0.0.1:99999", "file://")}}
	case 3:
		return []header{{"Cookie", "a=" + w.canary()}, {"Referer", "http://x/" + w.canary()}, {"X-" + mark, w.canary()}}
	case 4:
		return []header{{"X-Forwarded-For", w.canary()}, {"X-Forwarded-Host", w.canary()}, {"Forwarded", "for=" + w.canary()},
			{"X-Http-Method-Override", "DELETE"}}
	case 5:
		return []header{{"X-Big", strings.Repeat("b", 20_000)}}
	case 6:
		return []header{{"Content-Encoding", pick(w, "gzip", "br", "identity", mark)}}
	case 7:
		return []header{{"If-Match", "\"" + w.canary() + "\""}, {"Range", "bytes=0-1," + strings.Repeat("2-3,", 200)}}
	case 8:
		return []header{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}, {"Sec-Fetch-Dest", w.canary()}}
	case 9:
		return []header{{"Expect", pick(w, "100-continue", "200-ok")}}
	case 10:
		return []header{{"Access-Control-Request-Method", w.canary()}, {"Origin", "http://127.0.0.1:1"}}
	}
	return []header{{"Prefer", w.preference()}}
}

func (w *worker) preference() string {
	return pick(w, "code=503", "code=404", "code=599", "code=200", "code=99", "code=600", "code=", "code=1e3", "code=503, delay=1", "delay=2",
		"delay=-1", "delay=1e9",
		"delay=99999999999999999999999", "code=\"500\"", "respond-async", w.canary(), "code="+w.canary(), ";;;,,,", "code=503;code=404", "\xff=1",
		strings.Repeat("a=b,", 500))
}

func (w *worker) query() string {
	if !w.oneIn(8) {
		return ""
	}
	return pick(w, "?", "?"+w.canary(), "?a="+w.canary(), "?%zz", "?a;b", "?&&&", "?a=%ff", "?"+strings.Repeat("a=b&", 300), "?%00=%00",
		"?limit=1")
}

// token makes a request to the token endpoint.
func (w *worker) token() *shot {
	base, lost := w.base()
	issue := w.spec.Operation("token", "create")
	form := url.Values{}
	// These two hold no canary: their values are no secrets, and the journal shows them.
	form.Set("grant_type", pick(w, "client_credentials", "client_credentials", "password", "", "\u202e"))
	form.Set("client_assertion_type", pick(w, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
		"urn:ietf:params:oauth:client-assertion-type:jwt-bearer", strings.Repeat("urn:", 1000)))
	if w.oneIn(6) {
		form.Set("client_assertion", w.pool.assertions[w.random.IntN(len(w.pool.assertions))])
	} else {
		form.Set("client_assertion", w.forged())
	}
	body := form.Encode()
	switch w.random.IntN(12) {
	case 0:
		body += "&" + body
	case 1:
		body = pick(w, "", "%zz", "a;b="+mark, "grant_type", strings.Repeat("a=b&", 2000), "\xff\xfe", `{"grant_type":"`+w.canary()+`"}`,
			w.canary()+"="+w.canary())
	case 2:
		body = body[:w.random.IntN(len(body))]
	}
	headers := append([]header{{"Content-Type", w.mediaType(issue.MediaType)}}, w.odd()...)
	return &shot{kind: issue.ID, method: "POST", lost: lost, text: w.encode("POST", base+issue.Prefix+issue.Path+w.query(), headers,
		[]byte(body))}
}

// stray makes a request to a path that is none.
func (w *worker) stray() *shot {
	base, lost := w.base()
	path := pick(w, "/", "//", "/..;/", "/%2e%2e/%2e%2e/etc/passwd", "/__admin/../platform", "/__sessions", "/__sessions/", "/healthz/",
		"/"+w.canary(), w.prefix, w.prefix+"/v1",
		w.prefix+"/v1//authcredentials", w.prefix+"/v1/authcredentials/", "/.git/config", "/"+strings.Repeat("a/", 500), "/__admin/ui/../../x",
		"/__admin/ui/%2e%2e%2fpage.html", "/favicon.ico",
		"/__admin/docs/"+w.canary(), "/%00", "/*", "/__oauth/token", "/__admin/"+w.canary(), "/?"+w.canary(), "/\xff", "/é", "/a\\b",
		"/debug/pprof/", "/readyz")
	method := pick(w, "GET", "GET", "POST", "DELETE", "PUT", "OPTIONS", "HEAD")
	return &shot{kind: "stray", method: method, lost: lost, text: w.encode(method, base+path, append(w.authorization(), w.odd()...), nil)}
}
