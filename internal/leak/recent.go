package leak

import "sync"

// The bounds of what recent keeps: headers, with the few hundred bytes that each is decoded to.
const (
	maxRecent     = 512
	maxRecentText = 128
)

// recent keeps the readings of short texts, since most headers come with every answer.
type recent struct {
	mutex sync.Mutex
	kept  map[string][]reading
}

func (r *recent) readings(text string) []reading {
	if len(text) > maxRecentText {
		return readings(text)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	list, known := r.kept[text]
	if !known {
		if len(r.kept) == maxRecent || r.kept == nil {
			r.kept = map[string][]reading{}
		}
		list = readings(text)
		r.kept[text] = list
	}
	return list
}
