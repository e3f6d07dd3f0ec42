package api_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// credential is the record of the floor, with the members that the benchmarks use.
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

type envelope struct {
	Meta struct {
		Version string `json:"version"`
	} `json:"meta"`
	Payload any `json:"payload"`
}

// floor returns the hand-written handler. It stores credentials and checks neither bodies nor callers.
func floor() http.Handler {
	var mutex sync.Mutex
	stored := map[string]credential{}
	var order []string
	mux := http.NewServeMux()
	mux.HandleFunc("POST /platform/v1/authcredentials", func(w http.ResponseWriter, r *http.Request) {
		sent := credential{Organization: 118, CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC()}
		if json.NewDecoder(r.Body).Decode(&sent) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		mutex.Lock()
		sent.ID = strconv.Itoa(len(order))
		order = append(order, sent.ID)
		stored[sent.ID] = sent
		mutex.Unlock()
		answer(w, sent)
	})
	mux.HandleFunc("GET /platform/v1/authcredentials/{id}", func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		found := stored[r.PathValue("id")]
		mutex.Unlock()
		answer(w, found)
	})
	mux.HandleFunc("PATCH /platform/v1/authcredentials/{id}", func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		changed := stored[r.PathValue("id")]
		mutex.Unlock()
		if json.NewDecoder(r.Body).Decode(&changed) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		changed.UpdatedAt = time.Now().UTC()
		mutex.Lock()
		stored[changed.ID] = changed
		mutex.Unlock()
		answer(w, changed)
	})
	mux.HandleFunc("GET /platform/v1/environments/{id}/authcredentials", func(w http.ResponseWriter, _ *http.Request) {
		mutex.Lock()
		items := make([]metadata, 0, len(order))
		for _, id := range order {
			one := stored[id]
			items = append(items, metadata{one.Organization, one.Name, one.EnvironmentID, one.ID, one.CreatedAt, one.UpdatedAt, one.AuthStrategy})
		}
		mutex.Unlock()
		write(w, map[string]any{"credentials": items})
	})
	return mux
}

// answer writes a credential without its secret.
func answer(w http.ResponseWriter, shown credential) {
	shown.HasClientSecret, shown.ClientSecret = shown.ClientSecret != "", ""
	write(w, shown)
}

func write(w http.ResponseWriter, payload any) {
	w.Header().Set("Content-Type", "application/json")
	body := envelope{Payload: payload}
	body.Meta.Version = "1.0.0"
	_ = json.NewEncoder(w).Encode(body) // the client may have left
}
