// This program creates, changes, reads and deletes a credential, with the standard library alone.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

// call sends a request and returns the payload of the answer. An answer that is not a success is an error with its status.
func call(method, path string, body map[string]any) (map[string]any, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(method, os.Getenv("CREDMOCK_URL")+path, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("CREDMOCK_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	var answer struct{ Payload map[string]any }
	err = json.NewDecoder(response.Body).Decode(&answer)
	return answer.Payload, err
}

func must(payload map[string]any, err error) map[string]any {
	if err != nil {
		log.Fatal(err)
	}
	return payload
}

func main() {
	created := must(call("POST", "/v1/authcredentials", map[string]any{
		"name": "orders", "environmentId": os.Getenv("CREDMOCK_ENVIRONMENT"), "authStrategy": "OAuth_2.0_2-legged",
		"grantType": "client_credentials", "url": "https://login.example.com/token", "clientSecret": "not-a-real-secret",
	}))
	path := fmt.Sprint("/v1/authcredentials/", created["id"])
	// An update needs grantType and url, and keeps what it leaves out.
	must(call("PATCH", path, map[string]any{"grantType": "client_credentials", "url": "https://login.example.com/v2/token"}))
	read := must(call("GET", path, nil))
	fmt.Println(read["name"], read["url"], read["hasClientSecret"])
	must(call("DELETE", path, nil))
	if _, err := call("GET", path, nil); err == nil {
		log.Fatal("it is still there")
	}
}
