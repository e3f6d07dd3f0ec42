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
	covered := s.scanIndex(reading, reading.folded, s.detector.long, longPiece, nil)
	length := pieceLength
	if reading.decoded {
		length = decodedPiece
	}
	for _, scope := range scopes {
		if index := s.detector.pieces[scope]; index != nil {
			s.scanIndex(reading, reading.text, index, length, covered)
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
// the secret. It returns the parts of the text that hits cover, and looks for nothing within the covered parts.
func (s *sightings) scanIndex(reading reading, text string, index pieceIndex, atLeast int, covered []span) []span {
	window := min(atLeast, longPiece)
	if window < longPiece {
		window = pieceLength
	}
	var hits []span
	for mark := 0; mark < len(text); mark++ {
		next := nextMark(text[mark:])
		if next < 0 {
			break
		}
		mark += next
		for len(covered) > 0 && covered[0].end <= mark-window {
			covered = covered[1:] // before everything that is still looked at
		}
		for start := max(0, mark-window+1); start <= mark && start+window <= len(text); start++ {
			candidates := index[text[start:start+window]]
			if len(candidates) == 0 || len(covered) > 0 && covered[0].start <= start && start+window <= covered[0].end {
				continue
			}
			if length := s.weigh(reading, text[start:], candidates, window, atLeast); length > 0 {
				hits = append(hits, span{start, start + length})
				mark = max(mark, start+length-1)
				break
			}
		}
	}
	return hits
}

// weigh adds a sighting of the candidate of which most follows, if that is enough, and returns how much follows. Several secrets may
// share a short piece: then the one that begins or ends with it is meant, since a mask leaves the ends.
func (s *sightings) weigh(reading reading, text string, candidates []piece, window, atLeast int) int {
	var best piece
	longest, bestValue := 0, ""
	for _, found := range candidates {
		value := s.detector.valueOf(found, window)
		length := longestAt(text, value)
		isEnd := strings.HasPrefix(value, text[:length]) || strings.HasSuffix(value, text[:length])
		if length > longest || length == longest && isEnd {
			best, longest, bestValue = found, length, value
		}
	}
	if longest < min(atLeast, len(bestValue)) {
		return 0
	}
	form := reading.form
	if best.reversed {
		form += ", reversed"
	}
	if !strings.HasPrefix(text, bestValue) {
		form += ", in part"
	}
	s.add(best.secret, form, reading.certain)
	return longest
}

// valueOf returns the secret as pieces of a length are cut from it.
func (d *Detector) valueOf(found piece, window int) string {
	secret := &d.secrets[found.secret]
	switch {
	case found.reversed:
		return secret.reversed
	case window == longPiece:
		return secret.folded
	}
	return secret.value
}

// longestAt returns the length of the longest prefix of text that is part of value.
func longestAt(text, value string) int {
	length := 0
	for length < len(text) && length < len(value) && strings.Contains(value, text[:length+1]) {
		length++
	}
	return length
}
