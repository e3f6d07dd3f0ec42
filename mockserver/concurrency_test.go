package mockserver_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Either the delete wins or the attachment does; never do both.
func TestDeleteAndAttachDoNotBothWin(t *testing.T) {
	mock := start(t)
	for range 50 {
		id := mock.create(object(oauthBody))
		var attached, deleted result
		var group sync.WaitGroup
		group.Go(func() { attached = mock.send("PATCH", "/v1/destinations/"+inbox, `{"authCredential":"`+id+`"}`) })
		group.Go(func() { deleted = mock.send("DELETE", "/v1/authcredentials/"+id, "") })
		group.Wait()
		won := fmt.Sprint(attached.status, " ", deleted.status)
		if won != "200 409" && won != "400 200" {
			t.Fatalf("attach and delete answered %s", won)
		}
		mock.send("PATCH", "/v1/destinations/"+inbox, `{"authCredential":null}`)
	}
}

func TestNoUpdateIsLost(t *testing.T) {
	mock := start(t)
	id := mock.create(object(wifBody))
	fields := []string{"lifetime", "options", "sts_scope", "service_account_impersonation_url", "name", "token_url", "audience", "scope"}
	var group sync.WaitGroup
	for _, field := range fields {
		group.Go(func() {
			for i := range 20 {
				if got := mock.send("PATCH", "/v1/authcredentials/"+id, fmt.Sprintf(`{%q:"%s %d"}`, field, field, i)); got.status != 200 {
					t.Errorf("%d: %s", got.status, got.text)
				}
			}
		})
	}
	group.Wait()
	shown := mock.get(id)
	for _, field := range fields {
		if shown[field] != field+" 19" {
			t.Errorf("%s is %v", field, shown[field])
		}
	}
}

func TestEverythingAtOnce(t *testing.T) {
	mock := start(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 15 {
				id := mock.create(object(oauthBody, members{"clientSecret": "s"}))
				listed := mock.send("GET", "/v1/environments/"+development+"/authcredentials", "")
				if !strings.Contains(listed.text, id) {
					t.Error("what was created is not listed")
				}
				mock.send("PATCH", "/v1/authcredentials/"+id, object(patchBody, members{"name": "m"}))
				if mock.get(id)["name"] != "m" {
					t.Error("an update is not read")
				}
				mock.send("DELETE", "/v1/authcredentials/"+id, "")
			}
		})
	}
	group.Wait()
}

// The example of Start in the package's documentation is a test, and passes.
func TestExampleStart(t *testing.T) { strategiesAreListed(t) }
