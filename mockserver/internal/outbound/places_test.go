package outbound_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// places returns where each field stands, by its name, and checks that the pieces of a request make the request.
func places(t *testing.T, shown mocktest.Members) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, request := range shown["requests"].([]any) {
		for i, part := range request.(mocktest.Members)["parts"].([]any) {
			text := ""
			for _, piece := range part.(mocktest.Members)["text"].([]any) {
				text += piece.(mocktest.Members)["text"].(string)
				fields, _ := piece.(mocktest.Members)["fields"].([]any)
				for _, field := range fields {
					place := piece.(mocktest.Members)["place"].(string)
					if !slices.Contains(found[field.(string)], place) {
						found[field.(string)] = append(found[field.(string)], place)
					}
				}
			}
			if i == 0 && text != request.(mocktest.Members)["http"] {
				t.Errorf("the pieces make\n%s\nand the request is\n%s", text, request.(mocktest.Members)["http"])
			}
		}
	}
	return found
}

// placed has credentials of each kind, and where their fields stand.
var placed = map[string]struct {
	path string
	body mocktest.Members
	want map[string]string // places by field
}{
	"oauth": {"token-request", mocktest.Members{"scopes": "a b", "grantTypeName": "gt", "contentType": "application/x-www-form-urlencoded",
		"clientIdName": "cid", "accessTokenName": "t", "customFieldName": "tenant", "customFieldValue": "x", "noBasic": "no"},
		map[string]string{
			"url": "path of the URL, header Host", "contentType": "header Content-Type", "grantTypeName": "name of the parameter gt",
			"grantType": "parameter gt", "clientId": "header Authorization, parameter cid", "clientIdName": "name of the parameter cid",
			"clientSecret": "header Authorization, parameter client_secret", "scopes": "parameter scope",
			"customFieldName": "name of the parameter tenant", "customFieldValue": "parameter tenant",
			"accessTokenName": "names the member of the answer that holds the token",
			"noBasic":         "leaves out the Authorization header if it is true"}},
	"oauth, JSON": {"token-request", mocktest.Members{"contentType": "application/json", "basicNoForm": true, "audience": "\"é\n"},
		map[string]string{"clientId": "header Authorization", "clientSecret": "header Authorization", "grantType": "member grant_type",
			"audience": "member audience", "url": "path of the URL, header Host", "contentType": "header Content-Type",
			"basicNoForm": "leaves the client's id and secret out of the body if it is true"}},
	"refresh": {"token-request?grant=refresh", mocktest.Members{"refreshGrantType": "again", "refreshTokenName": "rt", "noBasic": "true"},
		map[string]string{"refreshGrantType": "parameter grant_type", "refreshTokenName": "name of the parameter rt",
			"clientId": "parameter client_id", "clientSecret": "parameter client_secret", "url": "path of the URL, header Host",
			"noBasic": "leaves out the Authorization header if it is true", "grantType": ""}},
	"smart": {"token-request", mocktest.Members{"authStrategy": "SMART_Backend", "scopes": "s", "clientSecret": nil}, map[string]string{
		"url":      "path of the URL, header Host, parameter client_assertion, claim aud",
		"clientId": "parameter client_assertion, claim iss, claim sub", "grantType": "parameter grant_type", "scopes": "parameter scope"}},
	"wif": {"token-request", mocktest.Merged(mocktest.WifBody, mocktest.Members{"audience": "//a", "token_url": "https://sts.example.com/t",
		"scope": []string{"a", "b"}, "sts_scope": "c", "options": "{}", "lifetime": "60s", "delegates": "d",
		"service_account_impersonation_url": "https://iam.example.com/i"}), map[string]string{
		"audience": "parameter audience, parameter subject_token, claim aud", "token_url": "path of the URL, header Host",
		"scope": "member scope", "sts_scope": "parameter scope", "options": "parameter options", "lifetime": "member lifetime",
		"delegates": "member delegates", "service_account_impersonation_url": "path of the URL, header Host"}},
	"sigv4": {"signed-request", mocktest.Merged(mocktest.AwsBody, mocktest.Members{"secretKey": mocktest.ClientSecret,
		"sessionToken": mocktest.Password}), map[string]string{
		"accessKey": "header Authorization", "secretKey": "signature", "sessionToken": "header x-amz-security-token",
		"awsRegion": "header Authorization, signature, string to sign", "serviceName": "header Authorization, signature, string to sign"}},
}

// Every field of every strategy stands where the request has its value, or says what it does instead.
func TestPlacesOfFields(t *testing.T) {
	mock := mocktest.Start(t)
	for name, row := range placed {
		t.Run(name, func(t *testing.T) {
			body := row.body
			if body["environmentId"] == nil {
				body = mocktest.Merged(mocktest.OAuthBody, mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret}, row.body)
			}
			path, query, _ := strings.Cut(row.path, "?")
			shown := mock.Admin("POST", "credentials/"+mock.Create(mocktest.Object(body))+"/"+path+"?"+query)
			if shown.Status != http.StatusOK {
				t.Fatalf("%d: %s", shown.Status, shown.Text)
			}
			mocktest.HidesSecrets(t, shown.Text)
			found := map[string]string{}
			for field, at := range places(t, shown.Body) {
				found[field] = strings.Join(at, ", ")
			}
			for _, field := range shown.Body["fields"].([]any) {
				if name := field.(mocktest.Members)["name"].(string); found[name] == "" {
					found[name], _ = field.(mocktest.Members)["effect"].(string)
				}
			}
			if fmt.Sprint(found) != fmt.Sprint(row.want) {
				t.Errorf("the places are\n%v\nwant\n%v", found, row.want)
			}
		})
	}
}

// A credential that a destination uses shows the request to it.
func TestDeliveryIsShown(t *testing.T) {
	mock := mocktest.Start(t)
	id, shown := mock.Describe("", mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret})
	if shown.Body["delivery"] != nil {
		t.Errorf("no destination uses it: %v", shown.Body["delivery"])
	}
	mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"authCredential":"`+id+`"}`)
	shown = mock.Admin("POST", "credentials/"+id+"/token-request")
	delivery, _ := shown.Body["delivery"].(mocktest.Members)
	if text, _ := delivery["http"].(string); !strings.HasPrefix(text, "POST /results HTTP/1.1") ||
		!strings.Contains(text, "Authorization: Bearer [masked]") || delivery["to"] != "destination" {
		t.Errorf("the delivery is %v", delivery)
	}
}
