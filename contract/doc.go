// Package contract judges whether an implementation of the auth-credential API keeps its contract.
//
// It plans its checks from the document: for each operation, strategy, secret and required field. It knows nothing of the mock and
// trusts no implementation: it searches every byte that it receives for every secret that it has sent.
//
//	report, err := contract.Judge(ctx, contract.Target{URL: "http://127.0.0.1:4118/platform", Token: "dev-token"})
//
// In a Go test, [Run] makes each check a subtest with the same id.
package contract
