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

func (s *sightings) scanPieces(reading reading, scopes []string) {
	folded := fold(reading.text)
	s.scanIndex(reading, folded, s.detector.long, longPiece)
	length := pieceLength
	if reading.decoded {
		length = decodedPiece
	}
	for _, scope := range scopes {
		if index := s.detector.pieces[scope]; index != nil {
			s.scanIndex(reading, reading.text, index, length)
		}
	}
	s.scanWhole(reading, folded)
}

func (s *sightings) scanWhole(reading reading, folded string) {
	for _, at := range s.detector.whole {
		value := fold(s.detector.secrets[at].value)
		if strings.Contains(folded, value) {
			s.add(at, reading.form, reading.certain)
		} else if strings.Contains(folded, reverse(value)) {
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
		next := strings.IndexAny(text[mark:], Marks)
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
	value := s.detector.secrets[found.secret].value
	if window == longPiece {
		value = fold(value)
	}
	if found.reversed {
		value = reverse(value)
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
