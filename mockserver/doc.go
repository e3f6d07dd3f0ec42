// Package mockserver is a stateful mock of the auth-credential API. [New] returns it as an http.Handler for any server; [Start]
// runs it for one test.
//
// The mock interprets an OpenAPI document (see package credmock), which defines all routes, strategies, fields, requirements
// and secrets. Requests and answers are validated against it. An answer that breaks the document is replaced by a 500 that says
// so.
//
// Three bearer tokens are predefined: an engineer and a viewer of organization 118, and an engineer of another organization.
// POST /v2/auth/token issues more in exchange for an assertion signed with one of [DevelopmentKeys] or a key of the fixtures.
//
// Secrets are stored but never disclosed: no answer, header, log line or error contains one or any part of one.
package mockserver
