// Package client is a hostile client of the mock. It sends seeded requests over raw connections to the API, the token endpoint and the
// admin surface, each with a mark that no answer may repeat.
//
// During the attack it looks for statuses of 500 and above, panics, missing answers, and marks in answers and in the log. Before and after
// it compares memory, goroutines and files. After each stretch the mock must still answer a valid request.
package client
