// Package mutants is the catalogue that proves the conformance suite. It has broken servers, each with one fault (a few with two) and
// the check that must catch it, and sound variants, which keep the contract in another way than the mock and must conform.
//
// A mutant wraps any sound server and works only on requests and answers:
//
//	mutant, _ := mutants.Find("flags/create/always-true")
//	http.ListenAndServe("127.0.0.1:4119", mutant.Wrap(sound))
//
// It imports neither the suite nor the mock, so that none of the three depends on another.
package mutants
