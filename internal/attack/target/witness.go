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

// shortestSecret is how long a secret must be to be looked for in what a command writes: a shorter one is there by chance.
const shortestSecret = 12

// witness knows every secret that a command sent, and what it sent to a host that it was not told of.
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

// forget begins anew, with the tokens alone.
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

// stray notes a request to another host that brought a token or a secret along.
func (w *witness) stray(request *http.Request, sent []byte) {
	w.note(request, sent)
	w.mutex.Lock()
	defer w.mutex.Unlock()
	text := request.Header.Get("Authorization") + string(sent) + request.URL.String() + request.Header.Get("Referer")
	if slices.ContainsFunc(w.secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
		w.strayed++
	}
}

// detector returns what finds the secrets in text.
func (w *witness) detector() *leak.Detector {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	made := leak.New()
	for i, secret := range w.secrets {
		made.Add(leak.Secret{Label: "secret " + strconv.Itoa(i+1)}, secret)
	}
	return made
}

func (w *witness) strays() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.strayed
}
