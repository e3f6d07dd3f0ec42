package main

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

const base = "/platform/v1"

// server answers the API's requests. It has no destinations, so a credential is never in use.
type server struct {
	tenancy tenancy
	store   store
	mux     *http.ServeMux
	bugs    bugs
	habits  habits
	limiter limiter
	turns   atomic.Int64 // of the replicas
}

// bugs are mistakes that the tests switch on. The suite must find them.
type bugs struct {
	hintsAtSecret       bool // an update's answer shows the last four characters of the client secret
	updatesWithoutGrant bool // an update may leave grantType out, as in most APIs
	forgetsOrganization bool // every caller who knows an id may read its credential
}

func newServer(setup tenancy) *server {
	s := &server{tenancy: setup, mux: http.NewServeMux(), store: store{credentials: map[string]credential{}}}
	s.handle("GET", "/organizations/{organization}/environments", s.listEnvironments)
	s.handle("GET", "/environments/{environment}/authcredentials", s.listCredentials)
	// The mux prefers a literal path, so no credential's id can hide the strategies.
	s.handle("GET", "/authcredentials/strategies", s.listStrategies)
	s.handle("POST", "/authcredentials", onlyEngineers(s.createCredential))
	s.handle("GET", "/authcredentials/{id}", s.getCredential)
	s.handle("PATCH", "/authcredentials/{id}", onlyEngineers(s.updateCredential))
	s.handle("DELETE", "/authcredentials/{id}", onlyEngineers(s.deleteCredential))
	// A path or a method that the API does not have gets the same form of answer as any other mistake.
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, newRequestID(), notFound()) })
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.limiter.admits(s.habits.perSecond) {
		tooMany(w)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *server) listStrategies(*http.Request, account) (object, *problem) {
	return describeStrategies(s.offered()), nil
}

func (s *server) listEnvironments(r *http.Request, who account) (object, *problem) {
	if r.PathValue("organization") != strconv.Itoa(who.organization) {
		return nil, notFound()
	}
	listed := []object{}
	for _, each := range s.tenancy.environments {
		if each.organization == who.organization {
			listed = append(listed, object{
				"id": each.id, "name": each.name, "environmentFlag": each.flag,
				"organization": object{"id": each.organization},
			})
		}
	}
	return object{"environments": listed}, nil
}

func (s *server) listCredentials(r *http.Request, who account) (object, *problem) {
	id := r.PathValue("environment")
	if _, own := s.tenancy.ownEnvironment(who.organization, id); !own {
		return nil, notFound()
	}
	listed := []object{}
	for _, each := range s.store.inEnvironment(id, s.moment()) {
		listed = append(listed, each.summary())
	}
	return object{"credentials": listed}, nil
}

func (s *server) getCredential(r *http.Request, who account) (object, *problem) {
	found, known := s.store.past(s.moment())[r.PathValue("id")]
	if !known || !found.belongsTo(who) && !s.bugs.forgetsOrganization {
		return nil, notFound()
	}
	return found.shown(), nil
}

func (s *server) createCredential(r *http.Request, who account) (object, *problem) {
	body, objection := readBody(r)
	if objection != nil {
		return nil, objection
	}
	created, wrong := s.checkCreation(who, body)
	if len(wrong) > 0 {
		return nil, unprocessable(wrong)
	}
	return s.store.add(created.with(body)).shown(), nil
}

func (s *server) updateCredential(r *http.Request, who account) (object, *problem) {
	if found, known := s.store.find(r.PathValue("id")); !known || !found.belongsTo(who) {
		return nil, notFound() // before the body is read: a refusal must not depend on it
	}
	body, objection := readBody(r)
	if objection != nil {
		return nil, objection
	}
	changed, objection := s.store.change(r.PathValue("id"), func(stored credential) (credential, *problem) {
		if !stored.belongsTo(who) {
			return stored, notFound()
		}
		if wrong := s.checkUpdate(stored, body); len(wrong) > 0 {
			return stored, unprocessable(wrong)
		}
		return stored.with(body), nil
	})
	if objection != nil {
		return nil, objection
	}
	shown := changed.shown()
	if secret, _ := changed.values["clientSecret"].(string); s.bugs.hintsAtSecret && len(secret) > 4 {
		shown["clientSecretHint"] = strings.Repeat("*", 8) + secret[len(secret)-4:]
	}
	return shown, nil
}

func (s *server) deleteCredential(r *http.Request, who account) (object, *problem) {
	id := r.PathValue("id")
	if found, known := s.store.find(id); !known || !found.belongsTo(who) {
		return nil, notFound()
	}
	// If two callers delete at the same time, one gets 404.
	if !s.store.remove(id) {
		return nil, notFound()
	}
	return object{"message": "The credential is gone."}, nil
}
