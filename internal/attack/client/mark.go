package client

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
)

// mark is the prefix of every canary. No format escapes it, so that one search finds every canary.
const mark = "cnryQz7Xw3Kv"

var markBytes = []byte(mark)

// canary returns a new secret.
func (w *worker) canary() string {
	w.canaries++
	return mark + strconv.Itoa(w.number) + "x" + strconv.FormatInt(w.canaries, 36) + "x" + strconv.FormatUint(w.random.Uint64(), 36)
}

// disguises are other forms of the mark.
var disguises = [][]byte{
	[]byte(base64.StdEncoding.EncodeToString([]byte(mark))),
	[]byte(base64.StdEncoding.EncodeToString([]byte("?" + mark))[2:]),
	[]byte(base64.StdEncoding.EncodeToString([]byte("??" + mark))[3:]),
	[]byte(hex.EncodeToString([]byte(mark))), reversed(markBytes), bytes.ToLower(markBytes), bytes.ToUpper(markBytes),
}

func reversed(text []byte) []byte {
	turned := bytes.Clone(text)
	slices.Reverse(turned)
	return turned
}

// marked reports whether a text contains the mark; if thorough, also in another form.
func marked(text []byte, thorough bool) bool {
	return bytes.Contains(text, markBytes) ||
		thorough && slices.ContainsFunc(disguises, func(form []byte) bool { return bytes.Contains(text, form) })
}
