package leak

import "iter"

const (
	// longText is how much of a text is read in every way at once: that takes many times its length.
	longText = 128 << 10
	// overlap is how much of a piece the next one begins with: more than a long secret takes in any encoding.
	overlap = 32 << 10
)

// Pieces cuts a long text into pieces that can be scanned one by one: whatever is found in the text is found in one of them.
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
