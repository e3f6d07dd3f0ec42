package client

import (
	"fmt"
	"strings"
)

// wire makes a request whose framing or line is wrong, or that is cut.
func (w *worker) wire() *shot {
	host := "Host: " + w.address + "\r\n"
	bearer := "Authorization: Bearer " + w.Token + "\r\n"
	list := w.prefix + "/v1/environments/" + environment + "/authcredentials"
	create := "POST " + w.prefix + w.spec.Operation("credential", "create").Path + " HTTP/1.1\r\n" + host + bearer + "Content-Type: application/json\r\n"
	body := string(w.bodyFor(w.spec.Operation("credential", "create").ID))
	made := &shot{kind: "wire", method: "GET", alone: true, lost: true}
	text := ""
	switch w.random.IntN(16) {
	case 0:
		text = pick(w, "", "\r\n\r\n", "\x00\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/2.0\r\n"+host+"\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET  /  HTTP/1.1\r\n\r\n",
			"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET / FTP/1.1\r\n\r\n", mark+"\r\n\r\n", "GET http://["+mark+" HTTP/1.1\r\n\r\n")
	case 1:
		text = "GET " + pick(w, list+"/%zz", list+"/%", "/\x00", " ", list+"#"+mark, "http://evil.example"+list, "//evil.example"+list, "*", "http://"+mark+"@x"+list, list+" "+mark, "/"+strings.Repeat("a", 70_000), list+"?\xff%") + " HTTP/1.1\r\n" + host + bearer + "\r\n"
	case 2:
		text = "GET " + list + " HTTP/1.1\r\nHost: " + pick(w, "evil.example", "", "127.0.0.1:1", "localhost", "[::1]", "a b", mark, "127.0.0.1\x00", "evil.example:99999", "127.0.0.1.nip.io", "0x7f000001", "\xff") + "\r\n" + bearer + "\r\n"
	case 3:
		text = "GET " + list + " HTTP/1.1\r\n" + host + host + bearer + "\r\n"
	case 4: // two ways to tell where the body ends
		text = create + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n%s\r\n", len(body), len(body), body, host)
	case 5:
		text = create + fmt.Sprintf("Content-Length: %d\r\nContent-Length: %d\r\n\r\n%s", len(body), len(body)+1, body)
	case 6:
		text = create + "Transfer-Encoding: " + pick(w, "gzip, chunked", "chunked, chunked", "identity", mark, "chunked;a=b", "\x0bchunked") + "\r\n\r\n0\r\n\r\n"
	case 7:
		text = create + "Content-Length: " + pick(w, "-1", "99999999999999999999", "1e3", "0x10", "+5", mark, "9223372036854775807", "5, 5") + "\r\n\r\n" + body
	case 8:
		text = create + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body)+100, body) // and no more comes
	case 9:
		text = create + "Transfer-Encoding: chunked\r\n\r\n" + pick(w, "ffffffffffffffff\r\n", "zz\r\n", "-1\r\n", "5\r\n{\"a\"", "5;"+strings.Repeat("x", 9000)+"\r\n12345\r\n0\r\n\r\n", "1\r\n{\r\n1\r\n", "\r\n", "0\r\n"+strings.Repeat("X-T: "+mark+"\r\n", 200)+"\r\n")
	case 10:
		text = "GET " + list + " HTTP/1.1\r\n" + host + bearer + pick(w, "X: a\r\n b\r\n", ": x\r\n", "X Y: 1\r\n", "X: \x00\r\n", "X\r\n", "X: \xff\xfe\r\n", "\x80: 1\r\n", "X:"+strings.Repeat("y", 50_000)+"\r\n", strings.Repeat("X: 1\r\n", 3000)) + "\r\n"
	case 11:
		text = "GET " + list + " HTTP/1.1\r\n" + host + bearer
		text = text[:w.random.IntN(len(text))]
	case 12:
		zipped := gzipped([]byte(body))
		text = create + fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(zipped), zipped)
	case 13:
		text = "GET /__admin/" + pick(w, "requests?limit=3", "state", "ui/", "") + " HTTP/1.1\r\nHost: " + pick(w, "evil.example", "127.0.0.1.evil.example", "localhost.", "127.1", "[::ffff:127.0.0.1]", w.address+"@evil.example") + "\r\nOrigin: http://evil.example\r\n\r\n"
	case 14:
		text = create + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + pick(w, "h2c", "websocket", mark) + fmt.Sprintf("\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	case 15:
		text = fmt.Sprintf("CONNECT %s HTTP/1.1\r\n%s\r\n", pick(w, "127.0.0.1:1", mark, "/"), host)
		if w.oneIn(200) {
			text = "GET " + list + " HTTP/1.1\r\n" + host + "X: " + strings.Repeat("a", 1_100_000) + "\r\n\r\n"
		}
	}
	made.text = []byte(text)
	return made
}
