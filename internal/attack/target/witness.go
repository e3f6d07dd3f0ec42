package target

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/leak"
)

// shortestSecret is the minimum length of a secret to search for in output; a shorter one would match by chance.
const shortestSecret = 12

// witness records the secrets that a command sent, and the requests with a secret to another host.
type witness struct {
	mutex   sync.Mutex
	names   []string
	secrets []string
	known   map[string]bool
	strayed int
}

func newWitness() *witness {
	w := &witness{names: credmock.Default().Secrets()}
	w.forget()
	return w
}

// forget restarts with only the tokens.
func (w *witness) forget() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.secrets, w.known, w.strayed = []string{engineerToken, viewerToken, otherToken}, map[string]bool{}, 0
}

func (w *witness) note(_ *http.Request, sent []byte) {
	var value any
	if len(sent) == 0 || json.Unmarshal(sent, &value) != nil {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	walk("", value, func(name string, value any) any {
		text, isText := value.(string)
		if isText && len(text) >= shortestSecret && slices.Contains(w.names, name) && !w.known[text] {
			w.known[text] = true
			w.secrets = append(w.secrets, text)
		}
		return value
	})
}

// stray records a request to another host if it contains a token or a secret.
func (w *witness) stray(request *http.Request, sent []byte) {
	w.note(request, sent)
	w.mutex.Lock()
	defer w.mutex.Unlock()
	text := request.Header.Get("Authorization") + string(sent) + request.URL.String() + request.Header.Get("Referer")
	if slices.ContainsFunc(w.secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
		w.strayed++
	}
}

// detector returns a detector of the secrets.
func (w *witness) detector() *leak.Detector {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	made := leak.New()
	for i, secret := range w.secrets {
		made.Add(leak.Secret{Label: "secret " + strconv.Itoa(i+1)}, secret)
	}
	return made
}

func (w *witness) strayedCount() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.strayed
}
