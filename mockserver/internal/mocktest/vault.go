package mocktest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Vault generates recognisable secrets and records every byte that a mock sends.
type Vault struct {
	mutex    sync.Mutex
	Canaries []string
	Seen     bytes.Buffer
}

func (v *Vault) Canary() string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	made := fmt.Sprintf("cnry^%03d|zQ9\"\\/é", len(v.Canaries))
	v.Canaries = append(v.Canaries, made)
	return made
}

// Write records a log line.
func (v *Vault) Write(text []byte) (int, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.Seen.Write(text)
}

func (v *Vault) Keep(got Result) Result {
	fmt.Fprintf(v, "%s\n%v\n", got.Text, got.Header)
	return got
}

// Search looks for every canary in every form and reports the forms that it finds.
func (v *Vault) Search(t *testing.T) {
	t.Helper()
	haystack := v.Seen.String()
	for i, canary := range v.Canaries {
		escaped, _ := json.Marshal(canary)
		for form, needle := range map[string]string{
			"plain": canary, "JSON": strings.Trim(string(escaped), `"`), "percent": url.QueryEscape(canary),
			"head": canary[:9], "tail": canary[5:12],
			"hex": hex.EncodeToString([]byte(canary)), "base64": base64.StdEncoding.EncodeToString([]byte(canary))[:16],
			"base64 for URLs": base64.RawURLEncoding.EncodeToString([]byte(canary))[:16],
		} {
			if strings.Contains(haystack, needle) {
				t.Errorf("canary %d is disclosed as %s", i, form)
			}
		}
	}
}

const (
	CanarySecret = "canary-7f3a9b1c5d2e"
	CanaryToken  = "engineer-2c81e07b9a4f"
)
