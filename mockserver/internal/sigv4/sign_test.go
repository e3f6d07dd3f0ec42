package sigv4

import (
	"strings"
	"testing"
	"time"
)

// vectors are cases of the published test suite of Signature Version 4, with their signatures.
var vectors = []struct {
	name, method, target string
	headers              map[string][]string
	body, signature      string
}{
	{"get-vanilla", "GET", "/", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", nil, "",
		"07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
	{"get-slashes", "GET", "//example//", nil, "", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
	{"get-slash-dot-slash", "GET", "/./", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-relative", "GET", "/example/..", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-relative-relative", "GET", "/example1/example2/../..", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-slash", "GET", "//", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-vanilla-query", "GET", "/", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-vanilla-empty-query-key", "GET", "/?Param1=value1", nil, "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
	{"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", nil, "",
		"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{"get-vanilla-query-order-value", "GET", "/?Param1=value2&Param1=value1", nil, "",
		"5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
	{"get-vanilla-query-unreserved", "GET",
		"/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
		nil, "", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
	{"get-vanilla-utf8-query", "GET", "/?\u1234=bar", nil, "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	{"get-utf8", "GET", "/\u1234", nil, "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
	{"get-space", "GET", "/example space/", nil, "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
	{"get-header-value-order", "GET", "/", map[string][]string{"my-header1": {"value4", "value1", "value3", "value2"}}, "",
		"08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
	{"get-header-key-duplicate", "GET", "/", map[string][]string{"my-header1": {"value2", "value2", "value1"}}, "",
		"c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
	{"get-header-value-trim", "GET", "/", map[string][]string{"my-header1": {" value1"}, "my-header2": {`"a   b   c"`}}, "",
		"acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	{"get-vanilla-with-session-token", "GET", "/",
		map[string][]string{headerToken: {"6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}}, "",
		"07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
	{"post-vanilla", "POST", "/", nil, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{"post-vanilla-query", "POST", "/?Param1=value1", nil, "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
	{"post-header-key-sort", "POST", "/", map[string][]string{"my-header1": {"value1"}}, "",
		"c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
	{"post-header-value-case", "POST", "/", map[string][]string{"my-header1": {"VALUE1"}}, "",
		"cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
	{"post-x-www-form-urlencoded", "POST", "/", map[string][]string{"content-type": {"application/x-www-form-urlencoded"}}, "Param1=value1",
		"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	{"post-x-www-form-urlencoded-parameters", "POST", "/",
		map[string][]string{"content-type": {"application/x-www-form-urlencoded; charset=utf8"}}, "Param1=value1",
		"1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
}

func TestPublishedVectors(t *testing.T) {
	k := &keys{access: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "us-east-1", service: "service"}
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for _, one := range vectors {
		path, query, _ := strings.Cut(one.target, "?")
		got := &message{method: one.method, path: path, query: query, payload: hashOf(one.body), headers: map[string][]string{
			headerHost: {"example.amazonaws.com"}, headerDate: {at.Format(timeForm)},
		}}
		for name, values := range one.headers {
			got.headers[name] = values
		}
		canon := got.canonical(k.service, variation{})
		if signature := k.sign(at, k.stringToSign(at, canon)); signature != one.signature {
			t.Errorf("%s: %s, want %s\n%s", one.name, signature, one.signature, canon)
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
