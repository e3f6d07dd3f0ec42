package censor

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/leak"
)

// pieceLength is how many consecutive bytes count as a secret (docs/contract.md#what-counts-as-a-secret). Only pieces
// of which every second byte is a mark are searched for: others occur by chance.
const pieceLength = 4

// addSecret adds a secret in every form. The caller must hold the lock.
func (t *traces) addSecret(secret []byte) {
	plain := fold(secret)
	t.addParts(plain)
	t.addPieces(plain)
	head := secret[:min(len(secret), maxEncoded)]
	reversed := slices.Clone(plain)
	slices.Reverse(reversed)
	if len(reversed) >= windowLength {
		t.addEncoded(reversed[:min(len(reversed), maxEncoded)])
	}
	t.addEncoded([]byte(hex.EncodeToString(head)))
	for before := range 3 {
		t.addEncoded(fold([]byte(encodedMiddle(base64.RawStdEncoding.EncodeToString, head, before, 6))))
	}
	t.addEncoded(fold([]byte(base64.RawStdEncoding.EncodeToString(head)))) // with its last letter, for a secret at the end of the encoded text
	for before := range 5 {
		t.addEncoded(fold([]byte(encodedMiddle(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString, head, before, 5))))
	}
	if len(secret) <= maxDigested {
		t.addDigests(secret)
	}
}

// encodedMiddle returns the part of an encoded secret that does not depend on the bytes around it. The secret starts
// after the given number of bytes. Each letter of the encoding has the given number of bits.
func encodedMiddle(encode func([]byte) string, secret []byte, before, bits int) string {
	encoded := encode(append(make([]byte, before), secret...))
	return encoded[(before*8+bits-1)/bits : (before+len(secret))*8/bits]
}

// addParts adds an unencoded secret: whole if it is short, and otherwise the parts that reveal it.
func (t *traces) addParts(plain []byte) {
	if len(plain) < windowLength {
		t.addWord(plain)
		return
	}
	needed := uint8(min(len(plain), revealingLength) - windowLength + 1)
	for start, step := 0, 1; start+windowLength <= min(len(plain), maxIndexed); start += step {
		part := plain[start : start+windowLength]
		switch {
		case isDistinctive(part):
			t.addWindow(part, 1)
		case step == 1:
			t.addWindow(part, needed)
		}
		if start >= denseLength {
			step = windowLength
		}
	}
}

// isDistinctive reports whether a part of a secret does not occur by chance: it has letters and digits, or a rare
// letter.
func isDistinctive(part []byte) bool {
	letter, digit := false, false
	for _, one := range part {
		switch {
		case one >= '0' && one <= '9':
			digit = true
		case isWordPart(one):
			letter = true
		case !strings.ContainsRune(" +/.:,'\"{}[]=&?%@#\\", rune(one)):
			return true
		}
	}
	return letter && digit
}

func (t *traces) addWord(text []byte) {
	t.newest.words[t.word(string(text))] = struct{}{}
	t.hasShort.Store(true)
}

func (t *traces) addWindow(part []byte, needed uint8) {
	packed := window(string(part))
	key := t.key(packed)
	known, ok := t.newest.windows[key]
	if !ok || needed < known {
		t.newest.windows[key] = needed
	}
	if !ok {
		t.mark(packed)
	}
}

// addPieces adds the short pieces of a secret of which at least every third byte is a mark.
func (t *traces) addPieces(plain []byte) {
	marks := func(text []byte) int {
		return bytes.Count(text, []byte(leak.Marks[:1])) + bytes.Count(text, []byte(leak.Marks[1:]))
	}
	if plain = plain[:min(len(plain), maxIndexed)]; 3*marks(plain) < len(plain) {
		return
	}
	for start := 0; start+pieceLength <= len(plain); start++ {
		if piece := plain[start : start+pieceLength]; marks(piece) >= pieceLength/2 {
			t.newest.pieces[t.word(string(piece))] = struct{}{}
			t.hasShort.Store(true)
		}
	}
}

// addEncoded adds an encoded text: the whole of a short one, and parts of a longer one.
func (t *traces) addEncoded(text []byte) {
	switch {
	case len(text) < minSecret+2: // too short: it occurs by chance
	case len(text) < windowLength:
		t.addWord(text)
	case len(text) < 2*windowLength:
		for start := 0; start+windowLength <= len(text); start++ {
			t.addWindow(text[start:start+windowLength], uint8(len(text)-windowLength+1))
		}
	default:
		for start := 0; start+2*windowLength <= len(text); start += windowLength {
			t.addPair(text[start:])
		}
	}
}

func (t *traces) addPair(text []byte) {
	first := window(string(text))
	t.newest.pairs[t.pair(first, window(string(text[windowLength:])))] = struct{}{}
	t.mark(first)
}

// addDigests adds the beginnings of the digests of a secret.
func (t *traces) addDigests(secret []byte) {
	sum256, sum5, sum1, sum512 := sha256.Sum256(secret), md5.Sum(secret), sha1.Sum(secret), sha512.Sum512(secret)
	for _, sum := range [][]byte{sum256[:], sum5[:], sum1[:], sum512[:]} {
		t.addPair([]byte(hex.EncodeToString(sum)))
		t.addPair(fold([]byte(base64.StdEncoding.EncodeToString(sum))))
	}
}
