package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// Of a delete and an attachment, exactly one succeeds.
func TestDeleteAndAttachExclude(t *testing.T) {
	mock := mocktest.Start(t)
	for range 50 {
		id := mock.Create(mocktest.Object(mocktest.OAuthBody))
		var attached, deleted mocktest.Result
		var group sync.WaitGroup
		group.Go(func() {
			attached = mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"authCredential":"`+id+`"}`)
		})
		group.Go(func() { deleted = mock.Send("DELETE", "/v1/authcredentials/"+id, "") })
		group.Wait()
		won := fmt.Sprint(attached.Status, " ", deleted.Status)
		if won != "200 409" && won != "400 200" {
			t.Fatalf("attach and delete answered %s", won)
		}
		mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"authCredential":null}`)
	}
}

func TestNoUpdateIsLost(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.WifBody))
	fields := []string{"lifetime", "options", "sts_scope", "service_account_impersonation_url", "name", "token_url", "audience", "scope"}
	var group sync.WaitGroup
	for _, field := range fields {
		group.Go(func() {
			for i := range 20 {
				if got := mock.Send("PATCH", "/v1/authcredentials/"+id, fmt.Sprintf(`{%q:"%s %d"}`, field, field, i)); got.Status != 200 {
					t.Errorf("%d: %s", got.Status, got.Text)
				}
			}
		})
	}
	group.Wait()
	shown := mock.Get(id)
	for _, field := range fields {
		if shown[field] != field+" 19" {
			t.Errorf("%s is %v", field, shown[field])
		}
	}
}

func TestConcurrentClients(t *testing.T) {
	mock := mocktest.Start(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 15 {
				id := mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s"}))
				listed := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials", "")
				if !strings.Contains(listed.Text, id) {
					t.Error("a created credential is not listed")
				}
				mock.Send("PATCH", "/v1/authcredentials/"+id, mocktest.Object(mocktest.PatchBody, mocktest.Members{"name": "m"}))
				if mock.Get(id)["name"] != "m" {
					t.Error("an update is lost")
				}
				mock.Send("DELETE", "/v1/authcredentials/"+id, "")
			}
		})
	}
	group.Wait()
}
