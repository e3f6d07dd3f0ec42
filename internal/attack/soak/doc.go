// Package soak sends concurrent requests of every kind to a mock, and compares its answers and its state with a model.
//
// It consists of tests: `make soak` runs them for SOAK (10m), and `go test` for a second or two.
package soak
