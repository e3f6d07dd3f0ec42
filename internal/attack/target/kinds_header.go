package target

import (
	"fmt"
	"strings"
)

// headerKinds send hostile headers, interim answers and trailers.
var headerKinds = []Kind{
	{Name: "endless-headers", Does: "sends headers for ever", Hides: true, bend: func(e *exchange) {
		e.write(e.head())
		e.forever("X-More: " + strings.Repeat("a", 1<<12) + "\r\n")
	}},
	{Name: "huge-header", Does: "sends a header of nearly a megabyte", bend: func(e *exchange) {
		e.lines = append(e.lines, "X-Huge: "+strings.Repeat("a", e.size(100_000, 900_000)))
	}},
	{Name: "many-headers", Does: "sends thousands of headers", bend: func(e *exchange) {
		for i := range e.size(2000, 20_000) {
			e.lines = append(e.lines, fmt.Sprintf("X-Many-%d: %d", i, i))
		}
	}},
	{Name: "interim-flood", Does: "sends a hundred interim answers before each", bend: func(e *exchange) {
		e.write(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n", 100))
		e.send()
	}},
	{Name: "interim-endless", Does: "sends interim answers for ever", Hides: true, bend: func(e *exchange) {
		e.forever(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100))
	}},
	{Name: "many-trailers", Does: "sends thousands of trailers, announced and not", Hides: true, bend: func(e *exchange) {
		e.lines = append(e.lines, "Trailer: X-Last-1, X-Last-2, Content-Length")
		for i := range e.size(500, 5000) {
			e.trailers = append(e.trailers, fmt.Sprintf("X-Last-%d: %d", i, i))
		}
	}},
	{Name: "cookies", Does: "sets cookies for every domain", Sound: true, bend: func(e *exchange) {
		for i := range 20 {
			e.lines = append(
				e.lines,
				fmt.Sprintf("Set-Cookie: c%d=%s; Path=/; Domain=example.com; Max-Age=999999999", i, strings.Repeat("v", 100)),
			)
		}
	}},
	{Name: "no-type", Does: "sends no Content-Type", bend: func(e *exchange) { e.header.Del("Content-Type") }},
	{Name: "odd-type", Does: "sends a Content-Type that cannot be read", bend: func(e *exchange) {
		e.header.Set("Content-Type", `application/json; charset="`+strings.Repeat("utf-8;", 1000))
	}},
	{
		Name:  "status-999",
		Does:  "answers with the status 999",
		Hides: true,
		bend:  func(e *exchange) { e.status, e.reason = 999, "\x1b[31mred" },
	},
	{Name: "status-long", Does: "answers with a status of twenty digits", Hides: true, bend: func(e *exchange) {
		e.write("HTTP/1.1 20000000000000000000 OK\r\nContent-Length: 0\r\n\r\n")
	}},
	{Name: "no-content", Does: "answers everything with 204", Hides: true, bend: func(e *exchange) { e.status, e.text = 204, nil }},
	{Name: "not-modified", Does: "answers everything with 304", Hides: true, bend: func(e *exchange) { e.status, e.text = 304, nil }},
	{Name: "nul-bytes", Does: "sends NUL in headers and body", Hides: true, bend: func(e *exchange) {
		e.lines = append(e.lines, "X-Nul: a\x00b")
		e.text = append(e.text, 0, 0, 0)
	}},
}
