package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// client is a client that is registered with each server.
type client struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
	Method string `json:"method"` // client_secret_basic, client_secret_post or private_key_jwt
	Signs  string `json:"signs"`  // algorithm of its assertions; empty if it signs none
}

// registration has everything that the servers must know.
type registration struct {
	Clients []client `json:"clients"`
	Keys    string   `json:"keys"` // URL of the platform's keys
}

// The registered clients.
const (
	basicPlain = iota
	basicOdd
	bodyPlain
	bodyOdd
	signsRSA
	signsEC
)

func register(m *mock) *registration {
	return &registration{Keys: m.root + "/__platform/jwks.json", Clients: []client{
		{newID(), plain, "client_secret_basic", ""}, {newID(), odd, "client_secret_basic", ""},
		{newID(), plain, "client_secret_post", ""}, {newID(), odd, "client_secret_post", ""},
		{newID(), "", "private_key_jwt", "RS384"}, {newID(), "", "private_key_jwt", "ES384"},
	}}
}

// trial is a column of the table of servers: how a credential is set, and how its request is sent.
type trial struct {
	name   string
	client int
	fields members
	query  string
	note   string // part of a note that the description must have; may be empty
}

const decodes, twice = "section 2.3.1 form-decodes them", "strict servers refuse it"

var (
	inHeader = members{"basicNoForm": true}
	inBody   = members{"noBasic": "true"}
	wrong    = members{"clientSecret": "another"}
)

var trials = []trial{
	{"basicNoForm, plain secret", basicPlain, inHeader, "", decodes},
	{"basicNoForm, odd secret", basicOdd, inHeader, "", decodes},
	{"the same, `?basic=encoded`", basicOdd, inHeader, "&basic=encoded", ""},
	{"noBasic, odd secret", bodyOdd, inBody, "", ""},
	{"neither", basicPlain, nil, "", twice},
	{"basicNoForm, wrong secret", basicPlain, merged(inHeader, wrong), "", decodes},
	{"noBasic, wrong secret", bodyPlain, merged(inBody, wrong), "", ""},
	{"noBasic, other scope", bodyPlain, merged(inBody, members{"scopes": "z"}), "", ""},
	{"SMART_Backend, RS384", signsRSA, members{"authStrategy": "SMART_Backend"}, "", ""},
	{"SMART_Backend, ES384", signsEC, members{"authStrategy": "SMART_Backend"}, "&alg=ES384", ""},
}

func merged(parts ...members) members {
	all := members{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// server is an authorization server of another make, and its answers to the trials.
type server struct {
	name, version string // the version is that of a module or a package
	start         func(*testing.T, *registration) http.Handler
	refreshes     bool
	want          string // a letter for each trial: that of the answer in letters
}

// letters stand for answers in the table of servers.
var letters = map[string]string{
	"ok": ".", "401/invalid_client": "C", "400/invalid_scope": "S", "400/invalid_request": "R",
}

var servers = []server{
	{"ory/fosite", "github.com/ory/fosite", newFosite, false, ".C...CCS.."},
	{"go-oauth2/oauth2, header", "github.com/go-oauth2/oauth2/v4", newHeaderServer, true, "..CC.CCCCC"},
	{"go-oauth2/oauth2, form", "github.com/go-oauth2/oauth2/v4", newFormServer, true, "CCC..CCSCC"},
	{"zitadel/oidc", "github.com/zitadel/oidc/v3", newZitadel, false, ".C...CCSCC"},
	{"oidc-provider", "oidc-provider", nil, false, ".C..RCCS.."},
	{"oauth2-mock-server", "oauth2-mock-server", nil, false, ".........."},
}

// The requests of credentials are sent to servers of other makes.
func TestServers(t *testing.T) {
	t.Parallel()
	m := start(t)
	known := register(m)
	nodeURLs := startNodeServers(t, known)
	heading, rows := []string{"credential"}, make([][]string, len(trials))
	for i, one := range trials {
		rows[i] = []string{one.name}
	}
	for _, one := range servers {
		address := nodeURLs[one.name]
		if one.start != nil {
			address = serve(t, one.start(t, known))
		}
		heading = append(heading, one.name+" "+versionOf(t, one.version))
		words := make([]string, len(trials))
		for i, trial := range trials {
			words[i] = try(t, m, known, address, trial)
			rows[i] = append(rows[i], cell(words[i]))
		}
		for i, word := range words {
			if letters[word] != one.want[i:i+1] {
				t.Errorf("%s, %s: %s, want %s", one.name, trials[i].name, word, one.want[i:i+1])
			}
		}
		if one.refreshes {
			refresh(t, m, known, address, one.name)
		}
	}
	compare(t, heading, rows)
}

func serve(t *testing.T, handler http.Handler) string {
	listening := httptest.NewServer(handler)
	t.Cleanup(listening.Close)
	return listening.URL + "/token"
}

// try sends the request of a credential, and returns ok or the refusal.
func try(t *testing.T, m *mock, known *registration, address string, one trial) string {
	t.Helper()
	client := known.Clients[one.client]
	base := members{"url": address, "clientId": client.ID, "scopes": "a b"}
	if client.Secret != "" {
		base["clientSecret"] = client.Secret
	}
	described := m.ask(t, m.put(base, one.fields), "token-request?send=true"+one.query)
	if !strings.Contains(fmt.Sprint(described["notes"]), one.note) {
		t.Errorf("%s: the notes are %v", one.name, described["notes"])
	}
	answer := described["answer"].(members)
	if answer["accessToken"] == "[masked]" && answer["fault"] == nil && answer["expiresInSeconds"] != nil {
		return "ok"
	}
	if answer["error"] != nil {
		return fmt.Sprintf("%v/%v", answer["status"], answer["error"])
	}
	if answer["status"] != nil {
		return fmt.Sprintf("%v", answer["status"])
	}
	return fmt.Sprintf("%v", answer["fault"])
}

// cell returns a word as the page shows it.
func cell(word string) string {
	if status, code, refused := strings.Cut(word, "/"); refused {
		return status + " `" + code + "`"
	}
	return strings.Replace(word, "ok", "token", 1)
}

// refresh sends the refresh token that a server gave.
func refresh(t *testing.T, m *mock, known *registration, address, name string) {
	t.Helper()
	fields := map[bool]members{true: inHeader, false: inBody}[strings.HasSuffix(name, "header")]
	client := known.Clients[basicPlain]
	id := m.put(members{"url": address, "clientId": client.ID, "clientSecret": client.Secret}, fields)
	for _, query := range []string{"", "&grant=refresh", "&grant=refresh"} {
		answer := m.ask(t, id, "token-request?send=true"+query)["answer"].(members)
		if answer["status"] != 200.0 || answer["fault"] != nil {
			t.Errorf("%s%s: %v", name, query, answer)
		}
	}
}

// startNodeServers starts the servers that run in Node.js, and returns the URLs of their token endpoints.
func startNodeServers(t *testing.T, known *registration) map[string]string {
	t.Helper()
	command := node(t, "servers.mjs", known)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	urls := map[string]string{}
	if err := json.Unmarshal([]byte(line), &urls); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return urls
}
