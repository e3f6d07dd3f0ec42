package client

import (
	"strconv"
	"strings"
)

// adminPaths are those of the mock's own surface that read. A test holds that each is there.
var adminPaths = []string{
	"", "requests", "requests/1", "requests.har", "requests.txtar", "snapshots", "state", "faults", "mutants", "sessions", "clock", "ui/",
	"ui", "ui/api.js",
	"docs/", "docs/openapi.json",
}

// adminRead looks at what the mock kept: no mark may be in it.
func (w *worker) adminRead() *shot {
	base, lost := w.base()
	path := adminPaths[w.random.IntN(len(adminPaths))]
	if strings.HasPrefix(path, "docs") || strings.HasPrefix(path, "requests") && !w.oneIn(3) {
		path = "requests/" + strconv.Itoa(w.random.IntN(500))
	}
	query := pick(w, "", "?limit=20", "?limit=5&status=4xx", "?status=201&limit=10", "?operation=createAuthCredential&limit=10", "?limit=-1",
		"?limit=99999999999999999999", "?status=9xx",
		"?status=4%zz", "?a;b=1&limit=1", "?since="+w.canary(), "?since=9999-12-31T23:59:59Z", "?since=-1", "?after=9223372036854775807",
		"?after=1e9", "?operation="+w.canary(), "?session="+w.canary())
	if query == "" || strings.Contains(path, "ui/") && !w.oneIn(8) {
		query, path = "", pick(w, path, "clock", "faults", "requests/2")
	}
	reveals := path == "state" && w.oneIn(4)
	if reveals {
		query = "?secrets=true"
	}
	headers := w.odd()
	if w.oneIn(30) {
		headers = append(headers, header{"Authorization", "Bearer " + w.canary()})
	}
	return &shot{kind: "admin " + path, method: "GET", lost: lost, reveals: reveals, looks: w.oneIn(8),
		text: w.encode("GET", base+"/__admin/"+path+query, headers, nil)}
}

// adminWrites are requests that change the worker's own session, and such that must be refused.
var adminWrites = []func(w *worker) (method, path, body string){
	func(w *worker) (string, string, string) { return "POST", "clock", w.clock() },
	func(w *worker) (string, string, string) { return "POST", "clock", w.clock() },
	func(w *worker) (string, string, string) { w.faulty = true; return "POST", "faults", w.fault() },
	func(w *worker) (string, string, string) {
		return "DELETE", pick(w, "faults", "faults/1", "faults/-1", "faults/99999999999999999999", "faults/"+w.canary()), ""
	},
	func(w *worker) (string, string, string) {
		return "POST", "snapshots", pick(w, `{"name":"a"}`, `{"name":"b"}`, `{"name":1}`, `{"name":"`+strings.Repeat("n", 500)+`"}`,
			`{"`+w.canary()+`":1}`,
			`{"name":{"x":"`+w.canary()+`"}}`)
	},
	func(w *worker) (string, string, string) {
		return "POST", "reset", pick(w, "", "{}", `{"snapshot":"a"}`, `{"snapshot":"none"}`, `{"snapshot":["`+w.canary()+`"]}`, "null", "[]",
			`{"snapshot":"a","snapshot":"b"}`)
	},
	func(w *worker) (string, string, string) { return "PUT", "state", w.state() },
	func(w *worker) (string, string, string) {
		return "POST", "sessions", pick(w, `{"name":"`+strings.Repeat("s", 65)+`"}`, `{"name":"../x"}`, `{"name":"\u202e"}`, `{"seed":1e999}`,
			`{"seed":9223372036854775808}`,
			`{"from":"`+w.canary()+`"}`, `{"from":["`+w.canary()+`"]}`, `{"`+w.canary()+`":{}}`, strings.Repeat("[", 2000), "\xff")
	},
	func(w *worker) (string, string, string) {
		return "DELETE", pick(w, "sessions/"+w.canary(), "sessions/", "sessions/%00", "requests", "requests", "clock", "state", "docs/"), ""
	},
	func(w *worker) (string, string, string) {
		query := pick(w, "", "?grant=refresh", "?send=maybe", "?send=false", "?%zz", "?grant="+w.canary(), "?send=true")
		return "POST", "credentials/" + w.someID() + "/token-request" + query, pick(w, "", "{}", `{"refreshToken":"`+w.canary()+`"}`)
	},
	func(w *worker) (string, string, string) {
		return "POST", "ui/verify", pick(w, "[", `{"`+w.canary()+`":1}`, "\xff", "null x")
	},
	func(w *worker) (string, string, string) {
		return pick(w, "PUT", "PATCH", "DELETE", "OPTIONS"), pick(w, "", "requests/1", "requests.har", "mutants", "clock", "ui/", "docs/",
			"events"), w.canary()
	},
}

// adminWrite makes one of them.
func (w *worker) adminWrite() *shot {
	method, path, body := adminWrites[w.random.IntN(len(adminWrites))](w)
	kind, _, _ := strings.Cut(path, "/")
	text := w.encode(method, "/__sessions/"+w.session+"/__admin/"+path, w.odd(), []byte(body))
	return &shot{kind: method + " admin " + kind, method: method, lost: w.faulty, text: text}
}

func (w *worker) someID() string {
	if len(w.ids) == 0 {
		return w.canary()
	}
	return w.ids[w.random.IntN(len(w.ids))]
}

func (w *worker) clock() string {
	return pick(w, `{"set":"9999-12-31T23:59:59Z","frozen":true}`, `{"advance":"1s"}`, `{"advance":"2562047h47m16.854775807s"}`,
		`{"advance":"-2562047h47m16.854775808s"}`, `{"advance":"99999999999h"}`,
		`{"set":"9999-12-31T23:59:59Z","advance":"1h"}`, `{"set":"0000-01-01T00:00:00Z","advance":"-1h"}`,
		`{"set":"0001-01-01T00:00:00Z","frozen":true}`, `{"set":"1969-12-31T23:59:59Z"}`,
		`{"set":"99999-01-01T00:00:00Z"}`, `{"set":"`+w.canary()+`"}`, `{"frozen":"`+w.canary()+`"}`, `{"frozen":false}`,
		`{"set":"2026-11-26T00:00:00Z","frozen":false}`, `{"advance":1e999}`, `{"`+w.canary()+`":1}`,
		`{"set":"2026-11-26T00:00:00+99:99"}`, `{"set":null,"advance":""}`)
}

func (w *worker) fault() string {
	return pick(w, `{"status":503,"times":1}`, `{"status":429,"retryAfter":9223372036854775807,"times":2}`, `{"breakage":"reset","times":1}`,
		`{"breakage":"truncated","times":1}`, `{"breakage":"malformed","times":1}`,
		`{"breakage":"slow","delay":"8ms","times":1}`, `{"delay":"1ms","delayMax":"2ms","times":3}`, `{"expiredToken":true,"times":1}`,
		`{"delay":"1000000h"}`, `{"delay":"-1s"}`, `{"times":-1,"status":500}`,
		`{"times":9223372036854775808,"status":500}`, `{"status":1e9}`, `{"status":"`+w.canary()+`"}`, `{"mutant":"`+w.canary()+`"}`,
		`{"operations":["`+w.canary()+`"],"status":500}`, `{"methods":["`+w.canary()+`"],"status":500}`,
		`{"breakage":"`+w.canary()+`"}`, `{"retryAfter":1e999}`, `{"`+w.canary()+`":1}`,
		`{"operations":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`)
}

// state returns a state to put in place of what is stored: most have something wrong, and none may be half taken.
func (w *worker) state() string {
	item := string(w.bodyFor(w.spec.Operation("credential", "create").ID))
	list := w.spec.Operation("credential", "list").Member
	return pick(w, `{"organizations":[]}`, `{}`, "null", `{"organizations":null}`, `{"organizations":{"`+w.canary()+`":1}}`,
		`{"organizations":[{"id":118,"environments":[{"`+w.canary()+`":1e999}]}]}`,
		`{"organizations":[{"id":118,"environments":[{"id":"`+environment+`","`+w.canary()+`":[]}]}]}`, `{"organizations":[{"id":1e999}]}`,
		`{"organizations":[{"id":118,"environments":[{"id":["`+w.canary()+`"]}]}]}`,
		`{"organizations":[{"id":118,"environments":[{"id":"`+environment+`","`+list+`":[`+item+`]}]}]}`,
		`{"organizations":[{"id":118,"environments":[{"id":"`+environment+`","`+list+`":"`+w.canary()+`"}]}]}`,
		`{"organizations":[`+strings.Repeat(`{"id":118},`, 300)+`{}]}`, strings.Repeat(`{"organizations":[`, 300),
		`{"organizations":[{"`+w.canary()+`":"`+w.canary()+`"}]}`)
}
