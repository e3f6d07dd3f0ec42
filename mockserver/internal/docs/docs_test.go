package docs_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestPageIsComplete(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{AdminToken: "operators-only"})
	response, page := mock.Docs("/__admin/docs")
	if response.StatusCode != 200 || response.Request.URL.Path != "/__admin/docs/" ||
		!strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("%s %s", response.Status, response.Request.URL)
	}
	if strings.Contains(page, "//") {
		t.Error("the page refers to another host")
	}
	assets := regexp.MustCompile(`(?:src|href)="\./([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(assets) < 4 {
		t.Errorf("%d assets", len(assets))
	}
	for _, asset := range assets {
		if response, text := mock.Docs("/__admin/docs/" + asset[1]); response.StatusCode != 200 || text == "" ||
			strings.Contains(response.Header.Get("Content-Type"), "json") {
			t.Errorf("%s: %s", asset[1], response.Status)
		}
	}
	for _, path := range []string{"embed.go", "swagger-ui.js", "..%2fclients.go", ""} {
		if response, _ := mock.Docs("/__admin/docs/x" + path); response.StatusCode != 404 {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
}

func TestPageDocumentNamesThisMock(t *testing.T) {
	for name, options := range map[string]mockserver.Options{"embedded": {}, "variant": {Spec: mocktest.Variant(t)}} {
		mock := mocktest.Start(t, options)
		_, text := mock.Docs("/__admin/docs/openapi.json")
		if strings.Contains(text, "api.redoxengine.com") || strings.Contains(text, "__origin__") {
			t.Errorf("%s: the document names the real service or contains foreign content", name)
		}
		var document struct {
			Servers []struct{ URL string }
			Paths   map[string]struct {
				Post struct{ Servers []struct{ URL string } }
			}
		}
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		if token := document.Paths["/v2/auth/token"]; len(document.Servers) != 1 || document.Servers[0].URL != "/platform" ||
			len(token.Post.Servers)+len(document.Paths) < 2 {
			t.Errorf("%s: %v", name, document.Servers)
		}
		spec, err := credmock.Load([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		owed := options.Spec
		if owed == nil {
			owed = credmock.Default()
		}
		for i, operation := range owed.Operations {
			if found := spec.Operation(operation.Resource, operation.Action); found == nil || found.Prefix != operation.Prefix ||
				found.Path != operation.Path {
				t.Errorf("%s: operation %d, %s, is missing", name, i, operation.ID)
			}
		}
	}
}
