package inspector

import (
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/admin"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/oauth"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// uiMostCredentials is the maximum number of credentials of an environment that the page shows.
const uiMostCredentials = 200

// uiPlace is an environment with its credentials.
type uiPlace struct {
	Organization, ID, Name string
	Credentials            []uiCredential
	More                   int // number of credentials not shown
}

// uiCredential is a credential as the API shows it.
type uiCredential struct {
	ID, Name, Strategy string
	Flags              []uiFlag
	Fields             []admin.Header
	Request            *uiRequest // nil if the credential describes no request
}

// uiRequest is the kind of requests of a credential.
type uiRequest struct {
	Path, Title string
	Refreshes   bool // a token can be refreshed
}

// uiRequestOf returns the kind of requests of a strategy, or nil.
func uiRequestOf(form *model.Variant) *uiRequest {
	switch {
	case form.Request == model.RequestSignature:
		return &uiRequest{Path: "signed-request", Title: "Signed request"}
	case oauth.DescribesToken(form):
		return &uiRequest{Path: "token-request", Title: "Token request", Refreshes: form.Request == model.RequestOAuth}
	}
	return nil
}

// uiFlag says whether a secret is set.
type uiFlag struct {
	Name string
	Set  bool
}

func uiPlaces(c *serve.Call) []uiPlace {
	var places []uiPlace
	for _, organization := range c.Model.Organizations {
		for _, environment := range organization.Environments {
			place := uiPlace{Organization: organization.Text, ID: environment.ID,
				Name: uiName(c.VariantOf(environment).Shown, admin.EnvironmentMembers(environment, c.VariantOf(environment).Shown))}
			records := c.Session.Store.List(store.ResourceCredential, environment.ID)
			place.More = max(0, len(records)-uiMostCredentials)
			for _, stored := range records[:len(records)-place.More] {
				place.Credentials = append(place.Credentials, uiCredentialOf(c, stored))
			}
			places = append(places, place)
		}
	}
	return places
}

func uiCredentialOf(c *serve.Call, stored *store.Record) uiCredential {
	values := admin.ExportOne(c, stored, false)
	form := c.VariantOf(stored)
	shown := uiCredential{ID: stored.ID, Strategy: form.Name, Name: uiName(form.Shown, values), Request: uiRequestOf(form)}
	for _, property := range form.Shown.Properties() {
		value, there := values[property.Name]
		switch {
		case property.FlagOf != "":
			shown.Flags = append(shown.Flags, uiFlag{property.Name, value == true})
		case there && value != nil && !slices.Contains(uiElsewhere, property.Role):
			shown.Fields = append(shown.Fields, admin.Header{Name: property.Name, Value: uiText(value)})
		}
	}
	return shown
}

// uiElsewhere are the roles of properties that the page shows elsewhere.
var uiElsewhere = []credmock.Role{
	credmock.RoleID,
	credmock.RoleName,
	credmock.RoleStrategy,
	credmock.RoleEnvironment,
	credmock.RoleOrganization,
}

// uiText returns a value for display: a string without quotes, other values as JSON.
func uiText(value any) string {
	switch text := value.(type) {
	case string:
		return text
	case censor.Mask:
		return string(text)
	}
	return string(view.AppendValue(nil, value))
}

// uiName returns the name of a record, or its id. The members must be safe to show.
func uiName(form *view.Form, members map[string]any) string {
	if form != nil && form.Role(credmock.RoleName) != nil {
		return uiText(members[form.Role(credmock.RoleName).Name])
	}
	name, _ := members["name"].(string)
	return name
}
