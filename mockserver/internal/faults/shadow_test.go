package faults_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/faults"
)

// A fault whose requests all go to earlier faults is refused, and they are named.
func TestShadowedFaults(t *testing.T) {
	const one, all = `"paths":["/v1/authcredentials/abc"]`, `"paths":["/v1/authcredentials/*"]`
	world := &faults.World{Operations: credmock.Default().Operations, Callers: []string{"dev", "viewer"}}
	for name, row := range map[string]struct {
		plans []string // the last one is judged
		by    []int64  // nil if it is no error
	}{
		"the same twice":      {[]string{`{"status":500}`, `{"status":500}`}, []int64{1}},
		"a delay":             {[]string{`{"delay":"1ms"}`, `{"status":500}`}, []int64{1}},
		"the second of three": {[]string{`{"status":500,"methods":["DELETE"]}`, `{"status":501}`, `{"status":502,"times":1}`}, []int64{2}},
		"a wider method":      {[]string{`{"status":500,"methods":["GET"]}`, `{"status":500,"operations":["getAuthCredential"]}`}, []int64{1}},
		"a narrower method":   {[]string{`{"status":500,"methods":["GET"]}`, `{"status":500}`}, nil},
		"a wider path":        {[]string{`{"status":500,` + all + `}`, `{"status":500,` + one + `}`}, []int64{1}},
		"an escaped path":     {[]string{`{"status":500,"paths":["/v1/authcredentials/%61bc"]}`, `{"status":500,` + one + `}`}, []int64{1}},
		"a narrower path":     {[]string{`{"status":500,` + one + `}`, `{"status":500,` + all + `}`}, nil},
		"a template": {[]string{`{"status":500,"operations":["getAuthCredential"]}`,
			`{"status":500,"methods":["GET"],` + one + `}`}, []int64{1}},
		"a part of a text":   {[]string{`{"status":500,"bodyContains":"a"}`, `{"status":500,"bodyContains":"banana"}`}, []int64{1}},
		"another text":       {[]string{`{"status":500,"bodyContains":"banana"}`, `{"status":500,"bodyContains":"a"}`}, nil},
		"no text":            {[]string{`{"status":500,"bodyContains":"a"}`, `{"status":500}`}, nil},
		"a caller of all":    {[]string{`{"status":500}`, `{"status":500,"callers":["dev"]}`}, []int64{1}},
		"another caller":     {[]string{`{"status":500,"callers":["viewer"]}`, `{"status":500,"callers":["dev"]}`}, nil},
		"all but one caller": {[]string{`{"status":500,"callers":["viewer","dev"]}`, `{"status":500}`}, nil},
		"every caller":       {[]string{`{"status":500,"callers":["viewer","dev","none"]}`, `{"status":500}`}, nil},
		"two together": {[]string{`{"status":500,"callers":["viewer","dev"]}`,
			`{"status":500,"callers":["none"]}`, `{"status":501,"callers":["none","dev"]}`}, []int64{1, 2}},
		"a count":    {[]string{`{"status":500,"times":1}`, `{"status":500}`}, nil},
		"a chance":   {[]string{`{"status":500,"chance":0.5}`, `{"status":500}`}, nil},
		"certainty":  {[]string{`{"status":500,"chance":1}`, `{"status":500,"after":9,"chance":0.1}`}, []int64{1}},
		"after some": {[]string{`{"status":500,"after":1}`, `{"status":500}`}, nil},
		"two methods": {[]string{`{"status":500,"methods":["GET"]}`, `{"delay":"1s","methods":["POST"]}`,
			`{"status":500,"operations":["getAuthCredential","createAuthCredential"]}`}, []int64{1, 2}},
	} {
		set := faults.New(1)
		for i, text := range row.plans {
			var plan faults.Plan
			if err := json.Unmarshal([]byte(text), &plan); err != nil {
				t.Fatal(err)
			}
			made, violations := faults.Read(&plan, *world)
			if len(violations) > 0 {
				t.Fatalf("%s: %v", name, violations)
			}
			err := set.Add(made, world, nil)
			var shadowed *faults.ShadowedError
			isLast := i == len(row.plans)-1
			if is := errors.As(err, &shadowed); is != (isLast && row.by != nil) || is && !slices.Equal(shadowed.By, row.by) || !is && err != nil {
				t.Errorf("%s: fault %d: %v", name, i+1, err)
			}
		}
	}
}
