// Package client is a hostile client of the mock. It sends seeded requests over raw connections to the API, the token endpoint
// and the admin surface, each with a mark that no answer may repeat.
//
// It looks for statuses of 500 and above, panics, missing answers, marks in answers and in the log, and leaked memory,
// goroutines and files. After each stretch the mock must serve a probe.
package client
