package mocktest

import (
	"bufio"
	"io"
	"net/http"
	"strings"
)

// At returns the root URL of the server, or of one of its sessions.
func (a *API) At(session string) string {
	root := strings.TrimSuffix(a.URL, "/platform")
	if session != "" {
		root += "/__sessions/" + session
	}
	return root
}

// Operate sends a request to the admin surface.
func (a *API) Operate(method, path, body string) Result {
	a.T.Helper()
	return a.Raw(method, a.At("")+"/__admin/"+path, http.Header{}, strings.NewReader(body))
}

// Obtain sends any request as the engineer and returns the answer without checking it.
func (a *API) Obtain(method, url string, header http.Header, body string) Result {
	a.T.Helper()
	if header.Get("Authorization") == "" {
		header.Set("Authorization", "Bearer "+a.Token)
	}
	return a.send(method, url, header, strings.NewReader(body))
}

// In returns a client of a session.
func (a *API) In(session string) *API {
	running := *a.Running
	running.URL = a.At(session) + "/platform"
	return &API{Running: &running, T: a.T}
}

// Journal returns the exchanges that match a query.
func (a *API) Journal(query string) (found []Members) {
	a.T.Helper()
	got := a.Raw("GET", strings.TrimSuffix(a.URL, "/platform")+"/__admin/requests"+query, http.Header{}, nil)
	for _, one := range got.Body["requests"].([]any) {
		found = append(found, one.(Members))
	}
	return found
}

// CutOff returns the bytes of an answer that arrive.
func (a *API) CutOff(method, path string) string {
	a.T.Helper()
	request, _ := http.NewRequest(method, a.URL+path, nil)
	request.Header.Set("Authorization", "Bearer "+a.Token)
	response, err := a.Client.Do(request)
	if err != nil {
		a.T.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body) // the body may be truncated
	return string(text)
}

// FromPage sends a request as the script of a page does.
func (a *API) FromPage(method, path, origin string, more ...string) *http.Response {
	a.T.Helper()
	request, err := http.NewRequest(method, strings.TrimSuffix(a.URL, "/platform")+path, nil)
	if err != nil {
		a.T.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	request.Header.Set("Authorization", "Bearer "+a.Token)
	for i := 0; i+1 < len(more); i += 2 {
		request.Header.Set(more[i], more[i+1])
	}
	response, err := a.Client.Do(request)
	if err != nil {
		a.T.Fatal(err)
	}
	response.Body.Close()
	return response
}

func (a *API) Docs(path string) (*http.Response, string) {
	a.T.Helper()
	response, err := a.Client.Get(strings.TrimSuffix(a.URL, "/platform") + path)
	if err != nil {
		a.T.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.T.Fatal(err)
	}
	return response, string(text)
}

// Fetch requests a page; headers are names and values in turn.
func (a *API) Fetch(method, path string, headers ...string) (status int, text string, header http.Header) {
	a.T.Helper()
	return a.Exchange(method, path, "", headers...)
}

// Post sends a body to the admin surface.
func (a *API) Post(path, body string) (status int, text string, header http.Header) {
	a.T.Helper()
	return a.Exchange(http.MethodPost, path, body)
}

func (a *API) Exchange(method, path, body string, headers ...string) (status int, text string, header http.Header) {
	a.T.Helper()
	request, err := http.NewRequest(method, strings.TrimSuffix(a.URL, "/platform")+path, strings.NewReader(body))
	if err != nil {
		a.T.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := a.Client.Do(request)
	if err != nil {
		a.T.Fatal(err)
	}
	defer response.Body.Close()
	var all strings.Builder
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
	}
	return response.StatusCode, all.String(), response.Header
}
