package view

import (
	"runtime"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
)

// mostAllocated is the maximum number of bytes allocated for the violations of a body of 1 MiB, including those freed.
const mostAllocated = 16 << 20

// many returns an array that repeats one value, as large as a body of 1 MiB.
func many(value any) []any {
	list := make([]any, 500_000)
	for i := range list {
		list[i] = value
	}
	return list
}

func TestViolationsOfAFieldAreBounded(t *testing.T) {
	text, number := openapi3.NewStringSchema(), openapi3.NewFloat64Schema()
	list := openapi3.NewArraySchema().WithItems(text)
	object := openapi3.NewObjectSchema().WithProperty("list", list).WithoutAdditionalProperties()
	strange := map[string]any{}
	for i := range 100_000 {
		strange[strings.Repeat("x", i%7)+string(rune(0x4e00+i%20_000))+strings.Repeat("y", i/20_000)] = 1.0
	}
	for name, row := range map[string]struct {
		schema *openapi3.Schema
		value  any
		listed int
		last   string
	}{
		"array": {list, many(1.0), 21, "Only the first 20 mistakes are listed here; there are 499980 more."},
		"array of lists": {openapi3.NewArraySchema().WithItems(list), []any{many(1.0), many(2.0)}, 21,
			"Only the first 20 mistakes are listed here; there are 2 more."},
		"objects": {openapi3.NewArraySchema().WithItems(object), many(map[string]any{"list": 1.0})[:50_000], 21,
			"Only the first 20 mistakes are listed here; there are 49980 more."},
		"too many items": {openapi3.NewArraySchema().WithItems(text).WithMaxItems(5), many("x"), 1, "field must be an array of strings."},
		"alternatives":   {openapi3.NewOneOfSchema(text, list), many(1.0), 1, "field must be a string or an array of strings."},
		"any of them":    {openapi3.NewAnyOfSchema(text, list), many(1.0), 1, "field must be a string or an array of strings."},
		"another type":   {number, many(1.0), 1, "field must be a number."},
		"unknown names":  {object, strange, 1, "field has a member that is not known here."},
		"deep within":    {object, map[string]any{"list": many(1.0)}, 1, "list item must be a string."},
		"few":            {list, many(1.0)[:30], 21, "Only the first 20 mistakes are listed here; there are 10 more."},
		"sound":          {list, many("x"), 0, ""},
		"sound choice":   {openapi3.NewOneOfSchema(text, list), many("x"), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			field := newField(&credmock.Property{Name: "field", Schema: row.schema})
			var found []Violation
			allocated := allocatedBy(func() { found = field.check(field, row.value) })
			if len(found) != row.listed || row.listed > 0 && found[len(found)-1].Message != row.last {
				t.Errorf("%d found, the last %q", len(found), found[len(found)-1:])
			}
			if allocated > mostAllocated {
				t.Errorf("allocated %d bytes", allocated)
			}
		})
	}
}

// allocatedBy returns the number of bytes that a function allocates.
func allocatedBy(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestViolationsOfABodyAreBounded(t *testing.T) {
	found := First(make([]Violation, 250))
	if len(found) != MostFound+1 || found[MostFound].Message != "Only the first 100 mistakes are listed here; there are 150 more." {
		t.Errorf("%d, the last %v", len(found), found[len(found)-1])
	}
	if len(First(make([]Violation, MostFound))) != MostFound {
		t.Error("violations within the limit are cut")
	}
}
