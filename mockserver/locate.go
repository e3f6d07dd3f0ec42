package mockserver

import "net/http"

// locate finds what the path names, among what belongs to the caller's organization. What belongs
// to another one is as if it did not exist.
func locate(c *call) *reply {
	switch c.route.names {
	case anOrganization:
		c.target.organization = c.model.organization(c.principal.organization)
		if c.parameter != c.target.organization.text {
			return refuse(http.StatusNotFound, "not-found", "Your organization has another number.")
		}
	case anEnvironment:
		c.target.environment = c.model.environments[c.parameter]
		if !c.model.owns(c.principal.organization, c.parameter) {
			return notFound("environment")
		}
	case aRecord:
		c.target.record = c.session.store.get(c.route.kind.resource, c.parameter)
		if c.target.record == nil || !c.model.owns(c.principal.organization, c.target.record.environment) {
			return notFound(c.route.kind.resource)
		}
	case nothing:
	}
	return nil
}
