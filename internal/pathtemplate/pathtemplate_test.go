package pathtemplate

import "testing"

func TestTemplate(t *testing.T) {
	for _, row := range []struct {
		template, parameter, value, path string
		matches                          bool
	}{
		{"/v1/things", "", "", "/v1/things", true},
		{"/v1/things", "", "", "/v1/things/", false},
		{"/v1/things/{id}", "id", "a b/c", "/v1/things/a%20b%2Fc", true},
		{"/v1/things/{id}", "id", "", "/v1/things/", false},
		{"/v1/things/{id}", "id", "", "/v1/things/a/b", false},
		{"/v1/things/{id}", "id", "", "/v1/things/%zz", false},
		{"/v1/things/{id}/parts", "id", "7", "/v1/things/7/parts", true},
		{"/v1/things/{id}/parts", "id", "", "/v1/things/7/other", false},
		{"/v1/things/{id}:verify", "id", "7", "/v1/things/7:verify", true},
	} {
		if got := Parameter(row.template); got != row.parameter {
			t.Errorf("%s: parameter %q: %q", row.template, got, row.parameter)
		}
		value, matches := Match(row.template, row.path)
		if value != row.value || matches != row.matches {
			t.Errorf("%s matches %s: %q, %v: %q, %v", row.template, row.path, value, matches, row.value, row.matches)
		}
		if row.matches && Fill(row.template, row.value) != row.path {
			t.Errorf("%s with %q: %s: %s", row.template, row.value, Fill(row.template, row.value), row.path)
		}
	}
}
