package mockserver

import "net/http"

// locate is the fifth step: it finds what the path names, among what belongs to the caller's organization. What belongs
// to another one is as if it did not exist.
func (s *Server) locate(c *call) *reply {
	switch c.route.names {
	case anOrganization:
		c.target.organization = c.principal.organization
		if c.parameter != c.principal.organization.text {
			return refuse(http.StatusNotFound, "not-found", "Your organization has another number.")
		}
	case anEnvironment:
		c.target.environment = s.environments[c.parameter]
		if c.target.environment == nil || c.target.environment.organization.number != c.principal.organization.number {
			return notFound("environment")
		}
	case aRecord:
		c.target.record = s.store.get(c.route.kind.resource, c.parameter)
		if c.target.record == nil || c.target.record.environment.organization.number != c.principal.organization.number {
			return notFound(c.route.kind.resource)
		}
	case nothing:
	}
	return nil
}
