package outbound

import (
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/model"
)

// effects say what the fields do that stand nowhere in a request, by their roles.
var effects = map[string]string{
	"no-basic":           "leaves out the Authorization header if it is true",
	"basic-no-form":      "leaves the client's id and secret out of the body if it is true",
	"access-token-name":  "names the member of the answer that holds the token",
	"expires-name":       "names the member of the answer that says how long the token lives",
	"default-life":       "says how long the token lives if the answer does not",
	"refresh-grant-type": "is sent when a token is refreshed",
	"refresh-token-name": "names the refresh token in an answer, and when a token is refreshed",
}

// fieldsOf returns the fields of a credential that have a role in its requests and a value.
func fieldsOf(credential *model.Settings) []any {
	listed := []any{}
	for _, property := range credential.Variant.Create.Properties() {
		value := credential.Values[property.Name]
		if property.RequestRole == "" || value == nil || value == "" {
			continue
		}
		text, isText := value.(string)
		if !isText {
			text = string(view.AppendValue(nil, value))
		}
		if property.Secret {
			text = Masked
		}
		field := map[string]any{"name": property.Name, "value": text}
		if effect := effects[property.RequestRole]; effect != "" {
			field["effect"] = effect
		}
		listed = append(listed, field)
	}
	return listed
}
