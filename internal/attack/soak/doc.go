// Package soak sends a mock requests of every kind at once and compares its answers and its state with a model.
//
// It consists of tests: `make soak` runs them for SOAK (10m), and `go test` for a second or two.
package soak
