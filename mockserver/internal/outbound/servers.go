package outbound

import (
	"crypto/rand"
	"slices"
	"time"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Candidates returns the credentials of a session with one kind of requests that fit, the oldest first. The mock's own servers
// compare a request with each of them.
func Candidates(c *serve.Call, kind string, fits func(*model.Settings) bool) []*model.Settings {
	var found []*model.Settings
	for _, environment := range c.Model.Environments {
		for _, credential := range c.Session.Store.List(store.ResourceCredential, environment.ID) {
			if form := c.VariantOf(credential); form.Request == kind && fits(form.SettingsOf(credential)) {
				found = append(found, form.SettingsOf(credential))
			}
		}
	}
	slices.SortFunc(found, func(a, b *model.Settings) int { return int(a.Sequence - b.Sequence) })
	return found
}

// Issue returns a new access token for a credential. Only the receiver of a destination accepts it.
func Issue(c *serve.Call, credential string, life time.Duration, exchanged bool) string {
	token, now := rand.Text()+rand.Text(), c.Session.Clock.Now()
	c.Model.Secrets.Add(token)
	c.Session.Accesses.Issue(token, session.Access{Credential: credential, Expires: now.Add(life), Exchanged: exchanged}, now)
	return token
}

// Refuse adds a verdict to the refusal of one of the mock's own servers. It records the verdict if the mock itself sent the request.
func (s *Sender) Refuse(c *serve.Call, found *Verdict, reply *serve.Reply) *serve.Reply {
	s.heard.note(c.RemoteAddr, found)
	found.Show(reply.Bare)
	return reply
}
