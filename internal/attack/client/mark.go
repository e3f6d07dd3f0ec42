package client

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
)

// mark is what every canary begins with. Nothing has to escape it, so that one search finds any of them in any format.
const mark = "cnryQz7Xw3Kv"

var markBytes = []byte(mark)

// canary returns a secret that was never sent before.
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

// marked tells whether a text holds a mark; with thorough, also in another form.
func marked(text []byte, thorough bool) bool {
	return bytes.Contains(text, markBytes) ||
		thorough && slices.ContainsFunc(disguises, func(form []byte) bool { return bytes.Contains(text, form) })
}
