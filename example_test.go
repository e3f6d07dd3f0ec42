package credmock_test

import (
	"fmt"

	"github.com/credmock/credmock"
)

// The document says which fields of a strategy are secret, and which flag is shown in place of each.
func Example() {
	for _, strategy := range credmock.Default().Strategies {
		fmt.Println(strategy.Name)
		for _, secret := range strategy.Secrets {
			fmt.Println("  "+secret.Name, "is shown as", secret.Flag)
		}
	}
	// Output:
	// OAuth_2.0_2-legged
	//   password is shown as hasPassword
	//   clientSecret is shown as hasClientSecret
	// SMART_Backend
	//   password is shown as hasPassword
	//   clientSecret is shown as hasClientSecret
	// AwsSigv4
	//   secretKey is shown as hasSecretKey
	//   sessionToken is shown as hasSessionToken
	// GoogleWIF
}

func ExampleSpec_Operation() {
	create := credmock.Default().Operation("credential", "create")
	fmt.Println(create.Method, create.Prefix+create.Path)
	// Output:
	// POST /platform/v1/authcredentials
}
