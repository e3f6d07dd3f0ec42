package session

import (
	"strconv"
	"testing"
	"time"
)

// A session forgets expired access tokens, and then any, before it keeps more than its limit.
func TestAccessTokensAreBounded(t *testing.T) {
	kept, now := &accesses{}, time.Unix(1_000_000, 0)
	for i := range 2*maxAccesses + 1 {
		life := time.Minute
		if i < maxAccesses/2 {
			life = -time.Minute
		}
		kept.Issue(strconv.Itoa(i), Access{Expires: now.Add(life)}, now)
		if i == maxAccesses {
			if _, known := kept.Find("1"); known {
				t.Error("an expired token is kept")
			}
			if _, known := kept.Find(strconv.Itoa(maxAccesses - 1)); !known {
				t.Error("a token is gone, although expired ones made room")
			}
		}
	}
	if _, known := kept.Find(strconv.Itoa(2 * maxAccesses)); !known || len(kept.byDigest) > maxAccesses {
		t.Errorf("%d tokens; the latest is known: %t", len(kept.byDigest), known)
	}
	if kept.Clear(); len(kept.byDigest) != 0 {
		t.Error("tokens outlive a reset")
	}
}
