package jsonbody

import "testing"

// A number that decoding would change is refused, with its place. All others keep their value.
func TestInexactNumbers(t *testing.T) {
	for text, want := range map[string]int64{
		`{"a":9007199254740993}`:                   5,
		`{"a":118.00000000000000001}`:              5,
		`{"a":[1,-9007199254740993]}`:              8,
		`{"a":0.1000000000000000000001}`:           5,
		`{"a":1.00000000000000000001e-9999999999}`: 5,
		`{"a":9007199254740992}`:                   -1,
		`{"a":0.30000000000000004}`:                -1,
		`{"a":1.0000000000000000000}`:              -1,
		`{"a":"9007199254740993"}`:                 -1,
		`{"a":118}`:                                -1,
		`{"a":1e300}`:                              -1,
	} {
		if got := inexact([]byte(text)); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
		if _, violation := DecodeObject([]byte(text)); (violation == nil) != (want < 0) {
			t.Errorf("%s: violation %v", text, violation)
		}
	}
}
