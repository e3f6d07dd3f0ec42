package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/credmock/credmock/mockserver"
)

// A mock is an http.Handler for any server.
func ExampleNew() {
	mock, err := mockserver.New(mockserver.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(mock)
	defer server.Close()

	body := `{"name":"Lab results","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105",
		"grantType":"client_credentials","url":"https://auth.example.com/oauth/token","clientSecret":"hush"}`
	request, _ := http.NewRequest(http.MethodPost, server.URL+"/platform/v1/authcredentials", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	fmt.Println(response.StatusCode)
	fmt.Println("the flag is shown:", strings.Contains(string(answer), `"hasClientSecret":true`))
	fmt.Println("the secret is shown:", strings.Contains(string(answer), "hush"))
	// Output:
	// 201
	// the flag is shown: true
	// the secret is shown: false
}

// An answer lists every violation of a body and repeats nothing that was sent.
func ExampleServer_ServeHTTP() {
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	body := `{"name":"Lab results","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105","authStrategy":"OAuth_2.0_2-legged","noBasic":true}`
	request := httptest.NewRequest(http.MethodPost, "/platform/v1/authcredentials", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	mock.ServeHTTP(recorder, request)
	fmt.Println(recorder.Code)
	fmt.Println(strings.NewReplacer(`"errors":[`, "\"errors\":[\n ", "},{", "},\n {").Replace(strings.TrimSpace(recorder.Body.String())))
	// Output:
	// 400
	// {"meta":{"version":"1.0.0"},"errors":[
	//  {"code":"required","message":"grantType is required; send \"client_credentials\".","pointer":"/grantType"},
	//  {"code":"required","message":"url is required; send a string.","pointer":"/url"},
	//  {"code":"type","message":"noBasic must be a string.","pointer":"/noBasic"}]}
}
