// Package mutants is the catalogue that proves the conformance suite: known-bad servers, each with one fault (a few
// with two) and the check that must catch it, and sound variants, which keep the contract in another way than the mock
// and must not be accused.
//
// A mutant is a wrapper round any sound implementation. It works on requests and answers alone:
//
//	mutant, _ := mutants.Find("flags/create/always-true")
//	http.ListenAndServe("127.0.0.1:4119", mutant.Wrap(sound))
//
// Neither the suite nor the mock is imported here, so that none of the three can lean on another.
package mutants
