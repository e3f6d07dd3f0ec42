// Package mockserver is a stateful mock of the auth-credential API, as an http.Handler for any server and, with [Start], as
// a running server that a test closes.
//
// The mock interprets an OpenAPI document (see package credmock): routes, strategies, fields, what is required and what
// is secret all come from it. Requests and answers are both held to it; an answer that would break the document is
// replaced by a 500 that says so.
//
// Three bearer tokens are known from the start: of an engineer of organization 118, of a member who may only read, and of
// an engineer of another organization. POST /v2/auth/token gives out more, for an assertion that is signed with
// one of [DevelopmentKeys] or with a key of the fixtures.
//
// A secret is kept and never leaves: no answer, header, log line or error holds one or any part of one.
package mockserver
