package wire

import (
	"net/http"
	"strings"

	"github.com/credmock/credmock/internal/bearer"
)

// headerLabel is the label of the values of further headers among the secrets.
const headerLabel = "the value of a further header"

// AddHeader adds headers to each request. No report shows their values, unless the URL of the target has them.
func (c *Client) AddHeader(header http.Header) {
	c.header = header.Clone()
	for name, values := range header {
		for _, value := range values {
			for _, secret := range bearer.SecretsIn(value) {
				if !strings.Contains(c.Base, secret) {
					c.LookFor(headerLabel, "header "+name, secret)
				}
			}
		}
	}
}
