package leak

import "strings"

// sightings are the findings of one scan.
type sightings struct {
	detector *Detector
	seen     map[int]bool
	list     []Sighting
}

func (s *sightings) add(at int, form string, certain bool) {
	if s.seen[at] {
		return
	}
	s.seen[at] = true
	s.list = append(s.list, Sighting{Secret: s.detector.secrets[at].secret, Form: form, Certain: certain})
}

// scanPieces looks for pieces of secrets. Each has a mark, so a text without any is done at once.
func (s *sightings) scanPieces(reading reading, scopes []string) {
	if nextMark(reading.text) < 0 {
		return
	}
	s.scanIndex(reading, reading.folded, s.detector.long, longPiece)
	length := pieceLength
	if reading.decoded {
		length = decodedPiece
	}
	for _, scope := range scopes {
		if index := s.detector.pieces[scope]; index != nil {
			s.scanIndex(reading, reading.text, index, length)
		}
	}
}

// nextMark returns the place of the first mark in a text, or -1.
func nextMark(text string) int {
	first := strings.IndexByte(text, Marks[0])
	if first >= 0 {
		text = text[:first]
	}
	if other := strings.IndexByte(text, Marks[1]); other >= 0 {
		return other
	}
	return first
}

func (s *sightings) scanWhole(reading reading) {
	for _, at := range s.detector.whole {
		one := &s.detector.secrets[at]
		if strings.Contains(reading.folded, one.folded) {
			s.add(at, reading.form, reading.certain)
		} else if strings.Contains(reading.folded, one.reversed) {
			s.add(at, reading.form+", reversed", reading.certain)
		}
	}
}

// scanIndex looks up every window of the text that contains a mark. A hit that must be longer than the window is compared with
// the secret.
func (s *sightings) scanIndex(reading reading, text string, index pieceIndex, atLeast int) {
	window := min(atLeast, longPiece)
	if window < longPiece {
		window = pieceLength
	}
	for mark := 0; mark < len(text); mark++ {
		next := nextMark(text[mark:])
		if next < 0 {
			return
		}
		mark += next
		for start := max(0, mark-window+1); start <= mark && start+window <= len(text); start++ {
			if found, hit := index[text[start:start+window]]; hit && !s.seen[found.secret] {
				s.weigh(reading, text[start:], found, window, atLeast)
			}
		}
	}
}

// weigh adds a sighting if enough of the secret follows.
func (s *sightings) weigh(reading reading, text string, found piece, window, atLeast int) {
	secret := &s.detector.secrets[found.secret]
	value := secret.value
	switch {
	case found.reversed:
		value = secret.reversed
	case window == longPiece:
		value = secret.folded
	}
	if longestAt(text, value) < min(atLeast, len(value)) {
		return
	}
	form := reading.form
	if found.reversed {
		form += ", reversed"
	}
	if !strings.HasPrefix(text, value) {
		form += ", in part"
	}
	s.add(found.secret, form, reading.certain)
}

// longestAt returns the length of the longest prefix of text that is part of value.
func longestAt(text, value string) int {
	length := 0
	for length < len(text) && length < len(value) && strings.Contains(value, text[:length+1]) {
		length++
	}
	return length
}
