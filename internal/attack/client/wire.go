package client

import (
	"fmt"
	"strings"
)

// parts are what broken requests are made of.
type parts struct{ host, bearer, list, create, body string }

func (w *worker) parts() parts {
	operation := w.spec.Operation("credential", "create")
	p := parts{host: "Host: " + w.address + "\r\n", bearer: "Authorization: Bearer " + w.Token + "\r\n", body: string(w.bodyFor(operation.ID))}
	p.list = w.prefix + strings.Replace(w.spec.Operation("credential", "list").Path, "{environmentId}", environment, 1)
	p.create = operation.Method + " " + w.prefix + operation.Path + " HTTP/1.1\r\n" + p.host + p.bearer + "Content-Type: application/json\r\n"
	return p
}

// wires are requests whose line, headers or framing are wrong, or that are cut.
var wires = []func(w *worker, p parts) string{
	func(w *worker, p parts) string {
		return pick(w, "", "\r\n\r\n", "\x00\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/2.0\r\n"+p.host+"\r\n",
			"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
			"GET / HTTP/1.1\r\n\r\n", "GET  /  HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET / FTP/1.1\r\n\r\n",
			mark+"\r\n\r\n", "GET http://["+mark+" HTTP/1.1\r\n\r\n")
	},
	func(w *worker, p parts) string {
		path := pick(w, p.list+"/%zz", p.list+"/%", "/\x00", " ", p.list+"#"+mark, "http://evil.example"+p.list, "//evil.example"+p.list, "*",
			"http://"+mark+"@x"+p.list, p.list+" "+mark,
			"/"+strings.Repeat("a", 70_000), p.list+"?\xff%")
		return "GET " + path + " HTTP/1.1\r\n" + p.host + p.bearer + "\r\n"
	},
	func(w *worker, p parts) string {
		host := pick(w, "evil.example", "", "127.0.0.1:1", "localhost", "[::1]", "a b", mark, "127.0.0.1\x00", "evil.example:99999",
			"127.0.0.1.nip.io", "0x7f000001", "\xff")
		return "GET " + p.list + " HTTP/1.1\r\nHost: " + host + "\r\n" + p.bearer + "\r\n"
	},
	func(_ *worker, p parts) string {
		return "GET " + p.list + " HTTP/1.1\r\n" + p.host + p.host + p.bearer + "\r\n"
	},
	func(_ *worker, p parts) string { // two ways to tell where the body ends
		return p.create + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\nGET /healthz "+
			"HTTP/1.1\r\n%s\r\n", len(p.body), len(p.body), p.body, p.host)
	},
	func(_ *worker, p parts) string {
		return p.create + fmt.Sprintf("Content-Length: %d\r\nContent-Length: %d\r\n\r\n%s", len(p.body), len(p.body)+1, p.body)
	},
	func(w *worker, p parts) string {
		return p.create + "Transfer-Encoding: " + pick(w, "gzip, chunked", "chunked, chunked", "identity", mark, "chunked;a=b",
			"\x0bchunked") + "\r\n\r\n0\r\n\r\n"
	},
	func(w *worker, p parts) string {
		return p.create + "Content-Length: " + pick(w, "-1", "99999999999999999999", "1e3", "0x10", "+5", mark, "9223372036854775807",
			"5, 5") + "\r\n\r\n" + p.body
	},
	func(_ *worker, p parts) string { // and no more comes
		return p.create + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(p.body)+100, p.body)
	},
	func(w *worker, p parts) string {
		return p.create + "Transfer-Encoding: chunked\r\n\r\n" + pick(w, "ffffffffffffffff\r\n", "zz\r\n", "-1\r\n", "5\r\n{\"a\"",
			"5;"+strings.Repeat("x", 9000)+"\r\n12345\r\n0\r\n\r\n",
			"1\r\n{\r\n1\r\n", "\r\n", "0\r\n"+strings.Repeat("X-T: "+mark+"\r\n", 200)+"\r\n")
	},
	func(w *worker, p parts) string {
		return "GET " + p.list + " HTTP/1.1\r\n" + p.host + p.bearer + pick(w, "X: a\r\n b\r\n", ": x\r\n", "X Y: 1\r\n", "X: \x00\r\n", "X\r\n",
			"X: \xff\xfe\r\n", "\x80: 1\r\n",
			"X:"+strings.Repeat("y", 50_000)+"\r\n", strings.Repeat("X: 1\r\n", 3000)) + "\r\n"
	},
	func(w *worker, p parts) string {
		text := "GET " + p.list + " HTTP/1.1\r\n" + p.host + p.bearer
		return text[:w.random.IntN(len(text))]
	},
	func(_ *worker, p parts) string {
		zipped := gzipped([]byte(p.body))
		return p.create + fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(zipped), zipped)
	},
	func(w *worker, _ parts) string {
		host := pick(w, "evil.example", "127.0.0.1.evil.example", "localhost.", "127.1", "[::ffff:127.0.0.1]", w.address+"@evil.example")
		return "GET /__admin/" + pick(w, "requests?limit=3", "state", "ui/", "") + " HTTP/1.1\r\nHost: " + host +
			"\r\nOrigin: http://evil.example\r\n\r\n"
	},
	func(w *worker, p parts) string {
		return p.create + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + pick(w, "h2c", "websocket", mark) +
			fmt.Sprintf("\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: %d\r\n\r\n%s", len(p.body), p.body)
	},
	func(w *worker, p parts) string {
		if w.oneIn(200) {
			return "GET " + p.list + " HTTP/1.1\r\n" + p.host + "X: " + strings.Repeat("a", 1_100_000) + "\r\n\r\n"
		}
		return fmt.Sprintf("CONNECT %s HTTP/1.1\r\n%s\r\n", pick(w, "127.0.0.1:1", mark, "/"), p.host)
	},
}

// wire makes one of them.
func (w *worker) wire() *shot {
	text := wires[w.random.IntN(len(wires))](w, w.parts())
	return &shot{kind: "wire", method: "GET", alone: true, lost: true, text: []byte(text)}
}
