package leak

import "iter"

const (
	// longText is the maximum number of bytes scanned at once, since a scan needs many times that.
	longText = 128 << 10
	// overlap is the number of bytes that two pieces share: more than any encoding of a long secret needs.
	overlap = 32 << 10
)

// Pieces splits a long text into pieces to scan one by one. Every secret in the text is in one of them.
func Pieces(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(text) > longText {
			if !yield(text[:longText]) {
				return
			}
			text = text[longText-overlap:]
		}
		yield(text)
	}
}
