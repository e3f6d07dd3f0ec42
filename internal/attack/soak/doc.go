// Package soak asks a mock of everything at once, for as long as is wanted, and holds what it answers and keeps against a model.
//
// It consists of tests: `make soak` runs them for SOAK (10m), and `go test` for a second or two.
package soak
