package mockserver_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// Fixtures that are wrong very often, or grow by their aliases, cost time and memory by their size, and are told of in few words.
func TestFixturesAreBounded(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	chain := "- &c0 [x]\n"
	for i := range 600 {
		chain += fmt.Sprintf("- &c%d [*c%d]\n", i+1, i)
	}
	credentials := func(items string) string {
		return strings.Replace(ownFixtures, "        credentials:\n", "        credentials:\n"+items, 1)
	}
	var keys, faults strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
		fmt.Fprintf(&faults, "  - {status: %d}\n", i+1000)
	}
	for name, row := range map[string]struct{ text, want string }{
		"a million mistakes":         {credentials(strings.Repeat("          - 7\n", 100_000)), "only 100 mistakes are listed; there are 99"},
		"aliases":                    {bomb + ownFixtures, "its aliases make it too large"},
		"aliases in many items":      {"x: &x [" + strings.Repeat("1,", 50_000) + "1]\n" + credentials(strings.Repeat("          - {name: *x}\n", 1000)), "its aliases make it too large"},
		"a chain of aliases":         {"x:\n" + chain + ownFixtures, "nested 512 deep at most"},
		"deep":                       {"x: " + strings.Repeat("[", 600) + strings.Repeat("]", 600) + ownFixtures, "nested 512 deep at most"},
		"very deep":                  {"x: " + strings.Repeat("[", 1_000_000), "this is not YAML"},
		"many members":               {keys.String(), "line 1: a mapping may have 1000 members at most"},
		"one member many times":      {credentials("          - {" + strings.Repeat("name: n, ", 900) + "}\n"), "899 keys stand there twice"},
		"many organizations":         {"organizations:\n" + strings.Repeat("  - {id: 1}\n", 100_000), "there may be 1000 organizations at most"},
		"many faults":                {ownFixtures + "faults:\n" + faults.String(), "there may be 1000 faults at most"},
		"too large":                  {strings.Repeat("#\n", 32<<20+1), "more than 64 MiB"},
		"an id beyond what is exact": {strings.Replace(ownFixtures, "- id: 7", "- id: 9007199254740993", 1), "line 3: /organizations/0/id: the id of an organization must be a whole number from 0 to 9007199254740991"},
		"a part of a number":         {strings.Replace(ownFixtures, "- id: 7", "- id: 7.5", 1), "the id of an organization must be a whole number"},
		"a number for an id":         {strings.Replace(ownFixtures, "id: stored", "id: 5", 1), "/organizations/0/environments/0/credentials/0/id: id must be a string"},
		"items that are wrong":       {credentials("          - {name: n, authStrategy: GoogleWIF, audience: a, token_url: t, delegates: [" + strings.Repeat("1,", 200_000) + "1]}\n"), "delegates must be a string or an array of strings"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := mockserver.New(mockserver.Options{Fixtures: []byte(row.text)})
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), row.want) || len(err.Error()) > 32<<10 {
				t.Errorf("%.2000v", err)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 64<<20+uint64(len(row.text))*160 {
				t.Errorf("%d bytes took %d", len(row.text), allocated)
			}
		})
	}
}

// Many items of one name get ids in a time that goes by their number, and the same ids in each reading.
func TestManyItemsOfOneName(t *testing.T) {
	text := strings.Replace(ownFixtures, "        credentials:\n", "        credentials:\n"+
		strings.Repeat("          - {name: n, grantType: client_credentials, url: u}\n", 20_000), 1)
	if _, err := mockserver.New(mockserver.Options{Fixtures: []byte(text)}); err != nil {
		t.Fatal(err)
	}
}

// A reasonable use of aliases is fine.
func TestFixturesMayUseAliases(t *testing.T) {
	text := strings.Replace(ownFixtures, "        credentials:\n", "        credentials:\n          - &usual {name: n, grantType: client_credentials, url: u, scopes: a, audience: b}\n"+
		strings.Repeat("          - {<<: *usual}\n", 500), 1)
	if _, err := mockserver.New(mockserver.Options{Fixtures: []byte(text)}); err != nil {
		t.Fatal(err)
	}
}
