package credmock_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/credmock/credmock"
)

// A document refers to its own parts alone: loading one neither reads another file nor calls a host.
func TestReferencesStayInTheDocument(t *testing.T) {
	const schema = "{type: object, properties: {canary: {type: string}}}"
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(schema)) // a loader that is gone does not matter
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "schema.yaml")
	if err := os.WriteFile(file, []byte(schema), 0o600); err != nil {
		t.Fatal(err)
	}
	const inside = "$ref: '#/components/schemas/Meta'"
	if !strings.Contains(string(credmock.Document()), inside) {
		t.Fatal("the document has nothing to edit any more")
	}
	for _, elsewhere := range []string{server.URL + "/schema.yaml", "file://" + file, file, "schema.yaml#/x"} {
		text := strings.ReplaceAll(string(credmock.Document()), inside, "$ref: '"+elsewhere+"'")
		if _, err := credmock.Load([]byte(text)); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", elsewhere, err)
		}
	}
	if asked.Load() != 0 {
		t.Error("another host was asked")
	}
}
