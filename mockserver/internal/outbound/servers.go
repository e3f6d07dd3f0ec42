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

// Compared is the comparison of a request with the one that a credential describes.
type Compared interface{ Verdict() *Verdict }

// Compare compares a request with each credential of a session that has one kind of requests and fits, the oldest first. It returns the
// comparison with the fewest differences, the first of several, and the ids of the credentials that have none. The comparison is the zero
// value if no credential fits.
func Compare[T Compared](
	c *serve.Call, kind string, fits func(*model.Settings) bool, compare func(*model.Settings) T,
) (closest T, same []string) {
	fewest := -1
	for _, credential := range candidates(c, kind, fits) {
		found := compare(credential)
		differences := len(found.Verdict().Differences)
		if differences == 0 {
			same = append(same, credential.ID)
		}
		if fewest < 0 || differences < fewest {
			closest, fewest = found, differences
		}
	}
	return closest, same
}

func candidates(c *serve.Call, kind string, fits func(*model.Settings) bool) []*model.Settings {
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

// Issue returns a new access token for credentials that describe the same request. Only the receiver of a destination accepts it.
func Issue(c *serve.Call, credentials []string, life time.Duration, exchanged bool) string {
	token, now := rand.Text()+rand.Text(), c.Session.Clock.Now()
	c.Model.Secrets.Add(token)
	c.Session.Accesses.Issue(token, session.Access{Credentials: credentials, Expires: now.Add(life), Exchanged: exchanged}, now)
	return token
}

// Refuse adds a verdict to the refusal of one of the mock's own servers, if its body has no envelope. It records
// the verdict if the mock itself sent the request.
func (s *Sender) Refuse(c *serve.Call, found *Verdict, reply *serve.Reply) *serve.Reply {
	s.heard.note(c.RemoteAddr, found)
	if reply.Bare != nil {
		found.Show(reply.Bare)
	}
	return reply
}
