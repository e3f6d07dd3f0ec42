package censor

import "testing"

// A text in which no secret was found is searched again once there is a new one, and for a short secret of the exchange itself.
func TestCleanTextIsSearchedAgain(t *testing.T) {
	const text = "https://a.example.com/latest-numbers"
	words := Vocabulary{"secret": {secret: true, types: jsonString}}
	for name, learn := range map[string]func(*Censor){
		"a new secret":                      func(c *Censor) { c.Secrets.Add("latest-numbers") },
		"the whole text":                    func(c *Censor) { c.Secrets.addExact(text) },
		"a secret that a word contains":     func(c *Censor) { c.AddMember("secret", "test") },
		"a short token in a word":           func(c *Censor) { c.AddAuthorization([]string{"Bearer test"}) },
		"a short password of Authorization": func(c *Censor) { c.AddAuthorization([]string{"Basic YTp0ZXN0"}) },
	} {
		secrets := NewSecretSet()
		secrets.Add("test") // within a word it occurs by chance, except where it was just sent
		for range 2 {
			if first := (&Censor{Secrets: secrets, Words: words}); first.Hides(text) {
				t.Fatal("a text without secrets is masked")
			}
		}
		next := &Censor{Secrets: secrets, Words: words}
		if learn(next); !next.Hides(text) {
			t.Errorf("%s is not found", name)
		}
	}
}
