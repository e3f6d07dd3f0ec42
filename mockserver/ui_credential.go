package mockserver

import (
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// uiMostCredentials is how many credentials of an environment the page shows.
const uiMostCredentials = 200

// uiPlace is an environment with its credentials.
type uiPlace struct {
	Organization, ID, Name string
	Credentials            []uiCredential
	More                   int // how many there are beside those that are shown
}

// uiCredential is a credential as the API shows it.
type uiCredential struct {
	ID, Name, Strategy string
	Flags              []uiFlag
	Fields             []uiHeader
	Token              bool // it describes how to ask for a token
}

// uiFlag tells whether a secret is there, which is all that is told of it.
type uiFlag struct {
	Name string
	Set  bool
}

func uiPlaces(c *call) []uiPlace {
	var places []uiPlace
	for _, organization := range c.model.organizations {
		for _, environment := range organization.environments {
			place := uiPlace{Organization: organization.text, ID: environment.id, Name: uiName(c.variantOf(environment).shown, environmentMembers(environment, c.variantOf(environment).shown))}
			records := c.session.store.list(resourceCredential, environment.id)
			place.More = max(0, len(records)-uiMostCredentials)
			for _, stored := range records[:len(records)-place.More] {
				place.Credentials = append(place.Credentials, uiCredentialOf(c, stored))
			}
			places = append(places, place)
		}
	}
	return places
}

func uiCredentialOf(c *call, stored *record) uiCredential {
	values := exportOne(c, stored, false)
	form := c.variantOf(stored)
	shown := uiCredential{ID: stored.id, Strategy: form.name, Name: uiName(form.shown, values), Token: describesToken(form)}
	for _, property := range form.shown.Properties() {
		value, there := values[property.Name]
		switch {
		case property.FlagOf != "":
			shown.Flags = append(shown.Flags, uiFlag{property.Name, value == true})
		case there && value != nil && !slices.Contains(uiTold, property.Role):
			shown.Fields = append(shown.Fields, uiHeader{property.Name, uiText(value)})
		}
	}
	return shown
}

// uiTold are the roles of what the page says elsewhere.
var uiTold = []credmock.Role{credmock.RoleID, credmock.RoleName, credmock.RoleStrategy, credmock.RoleEnvironment, credmock.RoleOrganization}

// uiText returns a value for people to read: text without quotes, and JSON for the rest.
func uiText(value any) string {
	switch text := value.(type) {
	case string:
		return text
	case withheld:
		return string(text)
	}
	return string(view.AppendValue(nil, value))
}

// uiName returns what people call a record. The members are those that may be shown.
func uiName(form *view.Form, members map[string]any) string {
	if form != nil && form.Role(credmock.RoleName) != nil {
		return uiText(members[form.Role(credmock.RoleName).Name])
	}
	name, _ := members["name"].(string)
	return name
}
