package jsonbody

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// alwaysKept is the number of digits that a double always keeps.
const alwaysKept = 15

// inexact returns the position of a number that decoding changes, such as 9007199254740993, or a negative number if there is none. The
// text must be JSON.
func inexact(text []byte) int64 {
	if !hasLongNumber(text) {
		return -1
	}
	for decoder := jsontext.NewDecoder(bytes.NewBuffer(text)); ; {
		token, err := decoder.ReadToken()
		if err != nil {
			return -1 // the end
		}
		if number := token.String(); token.Kind() == '0' && !isKept(number) {
			return decoder.InputOffset() - int64(len(number))
		}
	}
}

// hasLongNumber reports whether so many digits follow each other that they could be such a number. It costs less than reading tokens.
func hasLongNumber(text []byte) bool {
	digits := 0
	for _, letter := range text {
		switch {
		case '0' <= letter && letter <= '9':
			if digits++; digits > alwaysKept {
				return true
			}
		case letter != '.':
			digits = 0
		}
	}
	return false
}

// isKept reports whether a double has the value of a number, or is shown as it.
func isKept(number string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	if len(mantissa) <= alwaysKept {
		return true
	}
	if power, err := strconv.Atoi(exponent); exponent != "" && (err != nil || power < -400 || power > 400) {
		return false
	}
	value, err := strconv.ParseFloat(number, 64)
	written, isRational := new(big.Rat).SetString(number)
	shown, _ := new(big.Rat).SetString(strconv.FormatFloat(value, 'e', -1, 64))
	return err == nil && isRational && shown != nil && written.Cmp(shown) == 0
}
