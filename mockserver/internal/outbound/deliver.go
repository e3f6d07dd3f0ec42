package outbound

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

const (
	// ReceiverPath is the path of the receiver of a destination.
	ReceiverPath = "/__destination/{id}"
	// DeliveredBody is the body of a request to a destination.
	DeliveredBody = `{"message":"delivered by credmock"}`

	resourceDestination = "destination"
	roleDestinationURL  = "destination-url"
)

// Destination returns the stored destination with an id, or nil.
func Destination(c *serve.Call, id string) *store.Record {
	return c.Session.Store.Get(resourceDestination, id)
}

// CredentialOf returns the credential that a destination uses, or nil.
func CredentialOf(c *serve.Call, destination *store.Record) *model.Settings {
	uses := c.VariantOf(destination).Create.Role(credmock.RoleCredential)
	if uses == nil {
		return nil
	}
	id, _ := destination.Values[uses.Name].(string)
	credential := c.Session.Store.Get(store.ResourceCredential, id)
	if credential == nil {
		return nil
	}
	return c.VariantOf(credential).SettingsOf(credential)
}

// DestinationURL returns the URL of a destination: the one that its field says or, if that is not set, the receiver of the mock.
// The reason says why there is none.
func DestinationURL(c *serve.Call, destination *store.Record) (address, reason string) {
	settings := c.VariantOf(destination).SettingsOf(destination)
	if address = settings.Text(roleDestinationURL); address == "" {
		return c.OwnHost() + c.Session.Base + pathtemplate.Fill(ReceiverPath, destination.ID), ""
	}
	return address, CheckURL(settings.Name(roleDestinationURL), AtDestination, address)
}

// UserOf returns a destination that uses a credential and has a URL, and that URL; the destination is nil if there is none.
func UserOf(c *serve.Call, credential string) (destination *store.Record, address string) {
	for _, environment := range c.Model.Environments {
		for _, destination := range c.Session.Store.List(resourceDestination, environment.ID) {
			if used := CredentialOf(c, destination); used == nil || used.ID != credential {
				continue
			}
			if address, reason := DestinationURL(c, destination); reason == "" {
				return destination, address
			}
		}
	}
	return nil, ""
}

// Delivery returns the request to a destination with a bearer token.
func Delivery(address string) *Request {
	return &Request{To: AtDestination, Method: http.MethodPost, URL: address, Body: []Span{Plain(DeliveredBody)},
		Headers: []Header{Line("User-Agent", UserAgent), Line("Connection", "close"), Line("Content-Length", strconv.Itoa(len(DeliveredBody))),
			Line("Content-Type", serve.MediaTypeJSON), Line("Authorization", "Bearer "+Masked)},
		Curl: Lines("curl --request POST "+ShellQuoted(address), Globoff(address), "--header "+ShellQuoted("Content-Type: "+serve.MediaTypeJSON),
			"--header "+ShellQuoted("Authorization: Bearer ")+ShellVariable("accessToken"), "--data-binary "+ShellQuoted(DeliveredBody))}
}

// Order says how far an exchange goes: it is shown, or a token is fetched, or the token is also delivered to a destination.
type Order struct{ Send, Deliver bool }

// OrderOf returns the order in the query of a request, or refuses one that cannot be followed.
func OrderOf(c *serve.Call, credential *model.Settings) (Order, *serve.Reply) {
	order := Order{Send: c.Query.Get("send") == "true", Deliver: c.Query.Get("deliver") == "true"}
	if !order.Deliver {
		return order, nil
	}
	if !order.Send {
		return order, serve.InvalidParameter("deliver", "true only beside send=true")
	}
	if destination, _ := UserOf(c, credential.ID); destination == nil {
		return order, serve.Refuse(http.StatusConflict, "no-destination", "No destination with a URL uses this credential.")
	}
	return order, nil
}

// GoOn delivers a token if the order says so, and adds the answer of the destination to a description. An empty token is not delivered.
func (s *Sender) GoOn(c *serve.Call, order Order, token string, shown map[string]any) {
	delivery, hasDelivery := shown["delivery"].(map[string]any)
	if !order.Deliver || token == "" || !hasDelivery {
		return
	}
	answer, refusal := s.Deliver(c, delivery["url"].(string), token)
	if refusal != nil {
		answer["fault"] = serve.JoinMessages(refusal.Violations)
	}
	delivery["answer"] = answer
	if answer["differences"] != nil {
		shown["differences"] = answer["differences"]
	}
}

// Deliver sends the request to a destination, with a bearer token unless that is empty.
func (s *Sender) Deliver(c *serve.Call, address, token string) (map[string]any, *serve.Reply) {
	ctx, cancel := Context(c)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(DeliveredBody))
	if err != nil {
		return map[string]any{"fault": "The URL of the destination makes no request."}, nil
	}
	if reason := CheckToken(token); reason != "" {
		return map[string]any{"fault": reason}, nil
	}
	request.Header.Set("Content-Type", serve.MediaTypeJSON)
	request.Header.Set("User-Agent", UserAgent)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return s.SendDelivery(request)
}

// CheckToken returns why a token cannot be in a header; empty if it can.
func CheckToken(token string) string {
	if strings.ContainsFunc(token, func(letter rune) bool { return letter < ' ' && letter != '\t' || letter == 0x7f }) {
		return "The token has a control character, so no Authorization header can hold it."
	}
	return ""
}

// SendDelivery sends a request to a destination. Of the answer only the status is shown, and the verdict if the mock itself answered.
func (s *Sender) SendDelivery(request *http.Request) (map[string]any, *serve.Reply) {
	answer := map[string]any{}
	found, fault, refusal := s.Send(request, AtDestination, func(response *http.Response) {
		answer["status"] = float64(response.StatusCode)
		switch {
		case response.StatusCode >= http.StatusBadRequest:
			answer["fault"] = "The destination refuses."
		case response.StatusCode >= http.StatusMultipleChoices:
			answer["fault"] = "The destination redirects, and a request is not carried elsewhere."
		}
	})
	if fault != "" {
		answer["fault"] = fault
	}
	found.Show(answer)
	return answer, refusal
}

// TokenProblems returns the sentences that say why the answer of a token endpoint gives no token to use; none if it does.
func TokenProblems(answer map[string]any) []string {
	if life, known := answer["expiresInSeconds"].(float64); known && life <= 0 {
		return []string{"The token endpoint gives a token that is expired."}
	}
	return Problems(answer)
}

// Problems returns the sentences that say why an answer is not the wanted one; none if it is.
func Problems(answer map[string]any) []string {
	fault, _ := answer["fault"].(string)
	if fault == "" {
		return nil
	}
	if status, hasStatus := answer["status"].(float64); hasStatus {
		fault += " Its answer has the status " + strconv.Itoa(int(status))
		if code, hasCode := answer["error"].(string); hasCode {
			fault += " and the error " + code
		}
		fault += "."
	}
	problems := []string{fault}
	differences, _ := answer["differences"].([]any)
	for _, one := range differences {
		if text, isText := one.(string); isText {
			problems = append(problems, text)
		}
	}
	return problems
}
