package mocktest

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// WireBytes sends the bytes of a request unchanged and returns the status, or 0 if there was no answer.
func (a *API) WireBytes(request string) int {
	a.T.Helper()
	address, _, _ := strings.Cut(strings.TrimPrefix(a.URL, "http://"), "/")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		a.T.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		a.T.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		a.T.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// Line sends a request unchanged and returns the status, the code of the first violation and the headers.
func (a *API) Line(text string) (status int, code string, header http.Header) {
	a.T.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.At(""), "http://"))
	if err != nil {
		a.T.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		a.T.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		a.T.Fatal(err)
	}
	defer answer.Body.Close()
	var told struct{ Errors []struct{ Code string } }
	if err := json.NewDecoder(answer.Body).Decode(&told); err == nil && len(told.Errors) > 0 {
		code = told.Errors[0].Code
	}
	return answer.StatusCode, code, answer.Header
}
