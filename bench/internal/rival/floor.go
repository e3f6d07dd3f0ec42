// Package rival has the servers that credmock is compared with. None of them validates anything.
package rival

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// credential is the record of the floor, with the members that the requests use.
type credential struct {
	Organization    int       `json:"organization"`
	Name            string    `json:"name"`
	EnvironmentID   string    `json:"environmentId"`
	ID              string    `json:"id"`
	CreatedAt       time.Time `json:"createdAt"`
	UpdatedAt       time.Time `json:"updatedAt"`
	AuthStrategy    string    `json:"authStrategy"`
	GrantType       string    `json:"grantType,omitempty"`
	URL             string    `json:"url,omitempty"`
	ClientID        string    `json:"clientId,omitempty"`
	Scopes          string    `json:"scopes,omitempty"`
	ClientSecret    string    `json:"clientSecret,omitempty"`
	HasClientSecret bool      `json:"hasClientSecret"`
	HasPassword     bool      `json:"hasPassword"`
}

type metadata struct {
	Organization  int       `json:"organization"`
	Name          string    `json:"name"`
	EnvironmentID string    `json:"environmentId"`
	ID            string    `json:"id"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
	AuthStrategy  string    `json:"authStrategy"`
}

type meta struct {
	Version string `json:"version"`
}

type envelope struct {
	Meta    meta `json:"meta"`
	Payload any  `json:"payload"`
}

type violation struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Pointer string `json:"pointer"`
}

type refusal struct {
	Meta   meta        `json:"meta"`
	Errors []violation `json:"errors"`
}

type token struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	TokenType   string `json:"token_type"`
}

// floor stores credentials, and checks neither bodies nor callers.
type floor struct {
	mutex  sync.Mutex
	stored map[string]credential
	order  []string
}

// Refused is the path below which the floor refuses every update.
const Refused = "/platform/v1/refused/"

// Floor returns a hand-written handler: it decodes and encodes the JSON of credmock with encoding/json.
func Floor() http.Handler {
	made := &floor{stored: map[string]credential{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /platform/v1/authcredentials", made.create)
	mux.HandleFunc("GET /platform/v1/authcredentials/{id}", made.get)
	mux.HandleFunc("PATCH /platform/v1/authcredentials/{id}", made.update)
	mux.HandleFunc("GET /platform/v1/environments/{id}/authcredentials", made.list)
	mux.HandleFunc("PATCH "+Refused+"{id}", refuse)
	mux.HandleFunc("POST /v2/auth/token", issue)
	return mux
}

func (f *floor) create(w http.ResponseWriter, r *http.Request) {
	sent := credential{Organization: 118, CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC()}
	if json.NewDecoder(r.Body).Decode(&sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.mutex.Lock()
	sent.ID = strconv.Itoa(len(f.order))
	f.order = append(f.order, sent.ID)
	f.stored[sent.ID] = sent
	f.mutex.Unlock()
	show(w, http.StatusCreated, sent)
}

func (f *floor) get(w http.ResponseWriter, r *http.Request) {
	f.mutex.Lock()
	found := f.stored[r.PathValue("id")]
	f.mutex.Unlock()
	show(w, http.StatusOK, found)
}

func (f *floor) update(w http.ResponseWriter, r *http.Request) {
	f.mutex.Lock()
	changed := f.stored[r.PathValue("id")]
	f.mutex.Unlock()
	if json.NewDecoder(r.Body).Decode(&changed) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	changed.UpdatedAt = time.Now().UTC()
	f.mutex.Lock()
	f.stored[changed.ID] = changed
	f.mutex.Unlock()
	show(w, http.StatusOK, changed)
}

func (f *floor) list(w http.ResponseWriter, _ *http.Request) {
	f.mutex.Lock()
	items := make([]metadata, 0, len(f.order))
	for _, id := range f.order {
		one := f.stored[id]
		items = append(items, metadata{one.Organization, one.Name, one.EnvironmentID, one.ID, one.CreatedAt, one.UpdatedAt, one.AuthStrategy})
	}
	f.mutex.Unlock()
	write(w, http.StatusOK, envelope{meta{"1.0.0"}, map[string]any{"credentials": items}})
}

// refuse decodes the body, and answers what credmock answers to the refused update of this benchmark.
func refuse(w http.ResponseWriter, r *http.Request) {
	var sent credential
	_ = json.NewDecoder(r.Body).Decode(&sent) // the answer is a refusal anyway
	write(w, http.StatusBadRequest, refusal{meta{"1.0.0"}, []violation{
		{"enum", `grantType must be "client_credentials".`, "/grantType"}, {"required", "url is required; send a string.", "/url"}}})
}

// issue reads the form and issues a token. It does not verify the assertion.
func issue(w http.ResponseWriter, r *http.Request) {
	if r.ParseForm() != nil || r.PostForm.Get("client_assertion") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	write(w, http.StatusOK, token{rand.Text(), 300, "Bearer"})
}

// show writes a credential without its secret.
func show(w http.ResponseWriter, status int, shown credential) {
	shown.HasClientSecret, shown.ClientSecret = shown.ClientSecret != "", ""
	write(w, status, envelope{meta{"1.0.0"}, shown})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have left
}
