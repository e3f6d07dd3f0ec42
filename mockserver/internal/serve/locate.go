package serve

import (
	"net/http"
)

// locate finds the thing that the path names. A thing of another organization does not exist for the caller.
func locate(c *Call) *Reply {
	switch c.Route.names {
	case anOrganization:
		c.Target.Organization = c.Model.Organization(c.Principal.Organization)
		if c.Parameter != c.Target.Organization.Text {
			return Refuse(http.StatusNotFound, "not-found", "Your organization has another number.")
		}
	case anEnvironment:
		c.Target.Environment = c.Model.Environments[c.Parameter]
		if !c.Model.Owns(c.Principal.Organization, c.Parameter) {
			return NotFound("environment")
		}
	case aRecord:
		c.Target.Record = c.Session.Store.Get(c.Route.Kind.Resource, c.Parameter)
		if c.Target.Record == nil || !c.Model.Owns(c.Principal.Organization, c.Target.Record.Environment) {
			return NotFound(c.Route.Kind.Resource)
		}
	case nothing:
	}
	return nil
}
