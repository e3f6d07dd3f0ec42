package session

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"
)

// ids generates the ids of records: random ones, or the same in each run for a seed.
type ids struct {
	mutex  sync.Mutex
	source *rand.ChaCha8 // nil for random ids
	start  rand.ChaCha8  // state of the source at the start
}

func newIDs(seed int64) *ids {
	if seed == 0 {
		return &ids{}
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], uint64(seed))
	return &ids{source: rand.NewChaCha8(key)}
}

func (i *ids) next() string {
	if i.source == nil {
		return uuid.NewString()
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	// Reading from a ChaCha8 source cannot fail.
	return uuid.Must(uuid.NewRandomFromReader(i.source)).String()
}

// setStart makes the current state the start.
func (i *ids) setStart() {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.source != nil {
		i.start = *i.source
	}
}

// restart returns to the start.
func (i *ids) restart() {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.source != nil {
		*i.source = i.start
	}
}

// Fork returns ids that continue the same sequence independently.
func (i *ids) Fork() *ids {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.source == nil {
		return &ids{}
	}
	copied := *i.source
	return &ids{source: &copied, start: copied}
}
