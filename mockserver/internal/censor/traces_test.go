package censor

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest/forms"
)

// A known secret is found in every form within longer text. Other texts are not masked.
func TestSecretsAreFoundInEveryForm(t *testing.T) {
	secrets := []string{"dev-token", "s3cr3t-with-digits", "keep this safe please", "Zk9^q|x7^w|p2^", "8f14e45fceea167a5a36dedd4bea2543",
		strings.Repeat("long secret 7 ", 40)}
	known := NewSecretSet()
	for _, secret := range secrets {
		known.Add(secret)
	}
	mask := &Censor{Secrets: known}
	for _, secret := range secrets {
		for form, text := range forms.Of(secret) {
			if len(secret) > maxEncoded && (form == "reversed" || form == "upper case") {
				continue // of a long secret only the beginning is indexed
			}
			if longer := "see <" + text + "> there"; !mask.containsAny(longer) {
				t.Errorf("%.20s is not found: %s", secret, form)
			}
		}
	}
	for _, part := range []string{"x " + "s3cr3t-w", "^q|x", "keep this saf", "8f14e45f", "curl/8 dev-token"} {
		if !mask.containsAny(part) {
			t.Errorf("the part %s is not found", part)
		}
	}
	for _, plain := range []string{
		"Lab results", "https://auth.example.com/oauth/token", "client_credentials", "orders.read orders.write", "curl/7.88.1", "keep this",
		"dev-tok", "development",
		"application/json", "a31a92e5-43b7-45df-8085-4ac5a746d105", "2026-11-22T23:39:47.256Z",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "secret", "token",
	} {
		if mask.containsAny(plain) {
			t.Errorf("%s is masked", plain)
		}
	}
}

// Short secrets are found as words.
func TestShortSecretsAreFoundAsWords(t *testing.T) {
	known := NewSecretSet()
	known.Add("hush")
	known.Add("k3y!x")
	censor := &Censor{Secrets: known}
	for text, hidden := range map[string]bool{
		"a hush b": true, "(HUSH)": true, "hushed": false, "shush": false, "use k3y!x now": true, "hus h": false,
		base64.StdEncoding.EncodeToString([]byte("hush")): true,
	} {
		if censor.containsAny(text) != hidden {
			t.Errorf("%s: hidden %v", text, !hidden)
		}
	}
}

// After very many secrets the latest are known, no id is masked by chance, and the memory stays bounded.
func TestTracesStayBounded(t *testing.T) {
	known := NewSecretSet()
	random := rand.New(rand.NewPCG(1, 2))
	secret := func() string { return fmt.Sprintf("%016x-%016x", random.Uint64(), random.Uint64()) }
	latest := ""
	for range 8000 {
		latest = secret()
		known.Add(latest)
		if size := known.traces.newest.size(); size > maxWindows+1000 {
			t.Fatalf("%d windows are held", size)
		}
	}
	censor := &Censor{Secrets: known}
	if !censor.containsAny("the latest "+latest) || !censor.containsAny(base64.StdEncoding.EncodeToString([]byte(latest))) {
		t.Error("the latest secret is not known")
	}
	for range 2000 {
		if id := fmt.Sprintf("%08x-%04x-4000-8000-%012x", random.Uint32(), random.Uint32()&0xffff, random.Uint64()>>16); censor.containsAny(id) {
			t.Errorf("%s is masked", id)
		}
	}
}

// A body of very many secrets costs no more than one of a few.
func TestManySecretsOfOneExchange(t *testing.T) {
	known := NewSecretSet()
	mask := &Censor{Secrets: known, Words: Vocabulary{"password": {secret: true, types: jsonString}}}
	var many []any
	for i := range 10_000 {
		many = append(many, fmt.Sprintf("secret-number-%d", i))
	}
	mask.AddMember("password", many)
	if got := len(known.traces.newest.secrets); got != maxAdded {
		t.Errorf("%d are searched for in every form", got)
	}
	if !known.contains("secret-number-9999") {
		t.Error("the last secret is not known as a whole")
	}
}
