// Program libraries is an empty net/http server that has the libraries of the mock in it: what BenchmarkStart puts the mock beside.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"

	_ "github.com/brianvoe/gofakeit/v6"
	_ "github.com/gavv/httpexpect/v2"
	_ "github.com/getkin/kin-openapi/openapi3"
	_ "github.com/lestrrat-go/jwx/v3/jwk"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/spf13/cobra"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on http://" + listener.Addr().String())
	log.Fatal(http.Serve(listener, http.NotFoundHandler()))
}
