package client

import (
	"strconv"
	"strings"
)

// adminPaths are those of the mock's own surface that read. A test holds that each is there.
var adminPaths = []string{
	"", "requests", "requests/1", "requests.har", "requests.txtar", "snapshots", "state", "faults", "mutants", "sessions", "clock", "ui/", "ui", "ui/api.js",
	"docs/", "docs/openapi.json",
}

// adminRead looks at what the mock kept: no mark may be in it.
func (w *worker) adminRead() *shot {
	base, lost := w.base()
	path := adminPaths[w.random.IntN(len(adminPaths))]
	if strings.HasPrefix(path, "docs") || strings.HasPrefix(path, "requests") && !w.oneIn(3) {
		path = "requests/" + strconv.Itoa(w.random.IntN(500))
	}
	query := pick(w, "", "?limit=20", "?limit=5&status=4xx", "?status=201&limit=10", "?operation=createAuthCredential&limit=10", "?limit=-1", "?limit=99999999999999999999", "?status=9xx",
		"?status=4%zz", "?a;b=1&limit=1", "?since="+w.canary(), "?since=9999-12-31T23:59:59Z", "?since=-1", "?after=9223372036854775807", "?after=1e9", "?operation="+w.canary(), "?session="+w.canary())
	if query == "" || strings.Contains(path, "ui/") && !w.oneIn(8) {
		query, path = "", pick(w, path, "clock", "faults", "requests/2")
	}
	reveals := path == "state" && w.oneIn(4)
	if reveals {
		query = "?secrets=true"
	}
	headers := w.odd(nil)
	if w.oneIn(30) {
		headers = append(headers, header{"Authorization", "Bearer " + w.canary()})
	}
	return &shot{kind: "admin " + path, method: "GET", lost: lost, reveals: reveals, looks: w.oneIn(8), text: w.encode("GET", base+"/__admin/"+path+query, headers, nil)}
}

// adminWrite changes the worker's own session, or tries what must be refused anywhere.
func (w *worker) adminWrite() *shot {
	base := "/__sessions/" + w.session
	method, path, body := "POST", "", ""
	switch w.random.IntN(12) {
	case 0, 1:
		path, body = "clock", w.clock()
	case 2:
		path, body = "faults", w.fault()
	case 3:
		method, path = "DELETE", pick(w, "faults", "faults/1", "faults/-1", "faults/99999999999999999999", "faults/"+w.canary())
	case 4:
		path, body = "snapshots", pick(w, `{"name":"a"}`, `{"name":"b"}`, `{"name":1}`, `{"name":"`+strings.Repeat("n", 500)+`"}`, `{"`+w.canary()+`":1}`, `{"name":{"x":"`+w.canary()+`"}}`)
	case 5:
		path, body = "reset", pick(w, "", "{}", `{"snapshot":"a"}`, `{"snapshot":"none"}`, `{"snapshot":["`+w.canary()+`"]}`, "null", "[]", `{"snapshot":"a","snapshot":"b"}`)
	case 6:
		method, path, body = "PUT", "state", w.state()
	case 7:
		path, body = "sessions", pick(w, `{"name":"`+strings.Repeat("s", 65)+`"}`, `{"name":"../x"}`, `{"name":"\u202e"}`, `{"seed":1e999}`, `{"seed":9223372036854775808}`, `{"from":"`+w.canary()+`"}`,
			`{"from":["`+w.canary()+`"]}`, `{"`+w.canary()+`":{}}`, strings.Repeat("[", 2000), "\xff")
	case 8:
		method, path = "DELETE", pick(w, "sessions/"+w.canary(), "sessions/", "sessions/%00", "requests", "requests", "clock", "state", "docs/")
	case 9:
		path, body = "credentials/"+w.someID()+"/token-request"+pick(w, "", "?grant=refresh", "?send=maybe", "?send=false", "?%zz", "?grant="+w.canary()), pick(w, "", "{}", `{"refreshToken":"`+w.canary()+`"}`)
	case 10:
		path, body = "ui/verify", pick(w, "[", `{"`+w.canary()+`":1}`, "\xff", "null x")
	case 11:
		method, path, body = pick(w, "PUT", "PATCH", "DELETE", "OPTIONS"), adminPaths[w.random.IntN(len(adminPaths))], w.canary()
		if path == "requests" || path == "faults" || path == "state" {
			path = "clock"
		}
	}
	headers := w.odd(nil)
	if strings.HasPrefix(path, "credentials/") && w.oneIn(20) {
		path += "?send=true"
	}
	if path == "faults" && method == "POST" {
		w.faulty = true
	}
	if method == "DELETE" && path == "sessions/"+w.session {
		w.lived = sessionLife
	}
	return &shot{kind: method + " admin " + strings.SplitN(strings.SplitN(path, "?", 2)[0], "/", 2)[0], method: method, lost: w.faulty, text: w.encode(method, base+"/__admin/"+path, headers, []byte(body))}
}

func (w *worker) someID() string {
	if len(w.ids) == 0 {
		return w.canary()
	}
	return w.ids[w.random.IntN(len(w.ids))]
}

func (w *worker) clock() string {
	return pick(w, `{"set":"9999-12-31T23:59:59Z","frozen":true}`, `{"advance":"1s"}`, `{"advance":"2562047h47m16.854775807s"}`, `{"advance":"-2562047h47m16.854775808s"}`, `{"advance":"99999999999h"}`,
		`{"set":"9999-12-31T23:59:59Z","advance":"1h"}`, `{"set":"0000-01-01T00:00:00Z","advance":"-1h"}`, `{"set":"0001-01-01T00:00:00Z","frozen":true}`, `{"set":"1969-12-31T23:59:59Z"}`,
		`{"set":"99999-01-01T00:00:00Z"}`, `{"set":"`+w.canary()+`"}`, `{"frozen":"`+w.canary()+`"}`, `{"frozen":false}`, `{"set":"2026-11-26T00:00:00Z","frozen":false}`, `{"advance":1e999}`, `{"`+w.canary()+`":1}`,
		`{"set":"2026-11-26T00:00:00+99:99"}`, `{"set":null,"advance":""}`)
}

func (w *worker) fault() string {
	return pick(w, `{"status":503,"times":1}`, `{"status":429,"retryAfter":9223372036854775807,"times":2}`, `{"breakage":"reset","times":1}`, `{"breakage":"truncated","times":1}`, `{"breakage":"malformed","times":1}`,
		`{"breakage":"slow","delay":"8ms","times":1}`, `{"delay":"1ms","delayMax":"2ms","times":3}`, `{"expiredToken":true,"times":1}`, `{"delay":"1000000h"}`, `{"delay":"-1s"}`, `{"times":-1,"status":500}`,
		`{"times":9223372036854775808,"status":500}`, `{"status":1e9}`, `{"status":"`+w.canary()+`"}`, `{"mutant":"`+w.canary()+`"}`, `{"operations":["`+w.canary()+`"],"status":500}`, `{"methods":["`+w.canary()+`"],"status":500}`,
		`{"breakage":"`+w.canary()+`"}`, `{"retryAfter":1e999}`, `{"`+w.canary()+`":1}`, `{"operations":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`)
}

// state returns a state to put in place of what is stored: most have something wrong, and none may be half taken.
func (w *worker) state() string {
	item := string(w.bodyFor(w.spec.Operation("credential", "create").ID))
	list := w.spec.Operation("credential", "list").Member
	return pick(w, `{"organizations":[]}`, `{}`, "null", `{"organizations":null}`, `{"organizations":{"`+w.canary()+`":1}}`, `{"organizations":[{"id":118,"environments":[{"`+w.canary()+`":1e999}]}]}`,
		`{"organizations":[{"id":118,"environments":[{"id":"`+environment+`","`+w.canary()+`":[]}]}]}`, `{"organizations":[{"id":1e999}]}`, `{"organizations":[{"id":118,"environments":[{"id":["`+w.canary()+`"]}]}]}`,
		`{"organizations":[{"id":118,"environments":[{"id":"`+environment+`","`+list+`":[`+item+`]}]}]}`, `{"organizations":[{"id":118,"environments":[{"id":"`+environment+`","`+list+`":"`+w.canary()+`"}]}]}`,
		`{"organizations":[`+strings.Repeat(`{"id":118},`, 300)+`{}]}`, strings.Repeat(`{"organizations":[`, 300), `{"organizations":[{"`+w.canary()+`":"`+w.canary()+`"}]}`)
}
