package sigv4

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// vector is a case of the test suite that AWS publishes: a signed request, and what its signature covers.
type vector struct {
	Name, Request, Canonical, Signature string
	Unnormalized                        bool // the path is signed as it stands
}

// message returns the parts of a vector's request that are signed. A line that begins with a blank continues a header.
func (v *vector) message(t *testing.T) *message {
	head, body, _ := strings.Cut(v.Request, "\n\n")
	lines := strings.Split(regexp.MustCompile(`\n[ \t]`).ReplaceAllString(strings.TrimSpace(head), "\r "), "\n")
	first := strings.LastIndex(lines[0], " ")
	method, target, _ := strings.Cut(lines[0][:first], " ")
	made := &message{method: method, headers: map[string][]string{}, payload: hashOf(body)}
	made.path, made.query, _ = strings.Cut(target, "?")
	sent := map[string][]string{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(name)
		sent[name] = append(sent[name], value)
	}
	_, signed, found := strings.Cut(sent["authorization"][0], "SignedHeaders=")
	if !found {
		t.Fatalf("%s signs no headers", v.Name)
	}
	signed, _, _ = strings.Cut(signed, ",")
	for name := range strings.SplitSeq(signed, ";") {
		made.headers[name] = sent[name]
	}
	return made
}

// The signatures of requests are those of the published suite. Its signatures in the query do not apply: the mock refuses them.
func TestPublishedVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors) != 38 {
		t.Fatalf("%d vectors: %v", len(vectors), err)
	}
	k := &keys{access: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "us-east-1", service: "service"}
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for _, one := range vectors {
		canon := one.message(t).canonical(k.service, variation{pathRaw: one.Unnormalized})
		if canon != one.Canonical {
			t.Errorf("%s: the canonical request is\n%s\nwant\n%s", one.Name, canon, one.Canonical)
		}
		if signature := k.sign(at, k.stringToSign(at, canon)); signature != one.Signature {
			t.Errorf("%s: %s, want %s", one.Name, signature, one.Signature)
		}
	}
}

// An earlier edition of the suite has these too.
func TestEarlierVectors(t *testing.T) {
	k := &keys{access: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "us-east-1", service: "service"}
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for _, one := range []struct{ method, target, contentType, body, signature string }{
		{"GET", "/?Param1=value2&Param1=value1", "", "", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
		{"POST", "/", "application/x-www-form-urlencoded", "Param1=value1",
			"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		{"POST", "/", "application/x-www-form-urlencoded; charset=utf8", "Param1=value1",
			"1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
	} {
		path, query, _ := strings.Cut(one.target, "?")
		got := &message{method: one.method, path: path, query: query, payload: hashOf(one.body), headers: map[string][]string{
			headerHost: {"example.amazonaws.com"}, headerDate: {at.Format(timeForm)},
		}}
		if one.contentType != "" {
			got.headers["content-type"] = []string{one.contentType}
		}
		canon := got.canonical(k.service, variation{})
		if signature := k.sign(at, k.stringToSign(at, canon)); signature != one.signature {
			t.Errorf("%s %s: %s, want %s\n%s", one.method, one.target, signature, one.signature, canon)
		}
	}
}

// The path of S3 is encoded once and not normalized; any other path is encoded twice.
func TestCanonicalParts(t *testing.T) {
	for path, want := range map[string][2]string{
		"":         {"/", "/"},
		"/a%20b":   {"/a%2520b", "/a%20b"},
		"/a//b/.":  {"/a/b/", "/a//b/."},
		"/%2F/../": {"/", "/%2F/../"},
	} {
		if twice, once := canonicalPath(path, false, false), canonicalPath(path, true, true); twice != want[0] || once != want[1] {
			t.Errorf("%s: %s and %s, want %v", path, twice, once, want)
		}
	}
	for query, want := range map[string]string{
		"b=2&a=x%20y": "a=x%20y&b=2", "a=1&a": "a=&a=1", "q=a+b": "q=a%2Bb", "a=%zz": "a=%25zz", "a-b=1&a=2": "a=2&a-b=1", "a=1=2&&": "a=1%3D2",
	} {
		if got := canonicalQuery(query, variation{}); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	f.Add("/a/../%zz", "a=%&b", "value  x")
	f.Fuzz(func(t *testing.T, path, query, header string) {
		got := &message{method: "GET", path: path, query: query, headers: map[string][]string{headerHost: {header}}, payload: hashOf("")}
		if one, other := got.canonical("service", variation{}), got.canonical("service", variation{}); one != other {
			t.Errorf("%q and %q", one, other)
		}
	})
}
