package leak

import "strings"

// sightings gathers what one scan finds.
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
	length := pieceLength
	if reading.decoded {
		length = decodedPiece
	}
	for _, scope := range scopes {
		if index := s.detector.pieces[scope]; index != nil {
			s.scanIndex(reading, folded, index, pieceLength, length)
		}
	}
	s.scanIndex(reading, folded, s.detector.long, longPiece, longPiece)
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

// scanIndex looks up every window that has a mark; where a hit must be longer than the window, the secret decides.
func (s *sightings) scanIndex(reading reading, folded string, index pieceIndex, window, atLeast int) {
	for mark := 0; mark < len(folded); mark++ {
		next := strings.IndexAny(folded[mark:], Marks)
		if next < 0 {
			return
		}
		mark += next
		for start := max(0, mark-window+1); start <= mark && start+window <= len(folded); start++ {
			if found, hit := index[folded[start:start+window]]; hit && !s.seen[found.secret] {
				s.weigh(reading, folded, start, found, atLeast)
			}
		}
	}
}

// weigh decides whether a window that was found is enough of the secret.
func (s *sightings) weigh(reading reading, folded string, start int, found piece, atLeast int) {
	value := fold(s.detector.secrets[found.secret].value)
	if found.reversed {
		value = reverse(value)
	}
	if longestAt(folded[start:], value) >= min(atLeast, len(value)) {
		s.add(found.secret, pieceForm(reading, folded, value, found.reversed), reading.certain)
	}
}

func pieceForm(reading reading, folded, value string, reversed bool) string {
	form := reading.form
	if reversed {
		form += ", reversed"
	}
	if !strings.Contains(folded, value) {
		form += ", in part"
	}
	return form
}

// longestAt returns how many bytes at the beginning of text stand in a row somewhere in value.
func longestAt(text, value string) int {
	length := 0
	for length < len(text) && length < len(value) && strings.Contains(value, text[:length+1]) {
		length++
	}
	return length
}
