// Package client is a hostile client of the mock: seeded requests over raw connections to the API, the token endpoint and the
// mock's own surface, each with a mark in it that must come back nowhere.
//
// While it runs it looks for statuses of 500 and above, panics, answers that never come, and marks in answers and in the log; around
// it, for memory, goroutines and files that stay. After each stretch the mock must still do a sound piece of work.
package client
