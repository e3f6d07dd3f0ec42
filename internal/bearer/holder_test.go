package bearer_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/credmock/credmock/internal/bearer"
)

// counted returns a source that has another token after each refusal.
func counted(calls *int) bearer.Source {
	return func(_ context.Context, refused string) (string, error) {
		if refused != "" {
			*calls++
		}
		return "token-" + strconv.Itoa(*calls), nil
	}
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	calls := 0
	var learned []string
	holder := bearer.New("", counted(&calls), func(token string) { learned = append(learned, token) })
	first, err := holder.Token(t.Context())
	if first != "token-0" || err != nil {
		t.Fatal(first, err)
	}
	second, err := holder.InPlaceOf(t.Context(), first)
	if second != "token-1" || err != nil {
		t.Fatal(second, err)
	}
	if other, _ := holder.InPlaceOf(t.Context(), first); other != second {
		t.Errorf("a second request with the refused token gets %q", other)
	}
	if third, _ := holder.InPlaceOf(t.Context(), second); third != "" {
		t.Errorf("a fresh token that is refused is replaced by %q", third)
	}
	if calls != 1 || len(learned) != 2 || !holder.Had(first) || holder.Had("token-3") {
		t.Errorf("%d calls, learned %q", calls, learned)
	}
}

func TestATokenWithoutASourceStays(t *testing.T) {
	holder := bearer.New("mine", nil, nil)
	token, err := holder.Token(t.Context())
	other, _ := holder.InPlaceOf(t.Context(), token)
	if token != "mine" || err != nil || other != "" {
		t.Errorf("%q, then %q, %v", token, other, err)
	}
	var none *bearer.Holder
	if token, err := none.Token(t.Context()); token != "" || err != nil || none.Had("") || none.Current() != "" {
		t.Errorf("nobody has %q, %v", token, err)
	}
}

func TestAFailingSourceIsTold(t *testing.T) {
	holder := bearer.New("", func(context.Context, string) (string, error) { return "", errors.New("closed") }, nil)
	if token, err := holder.Token(t.Context()); token != "" || err == nil {
		t.Errorf("%q, %v", token, err)
	}
}

// send plays a target that accepts one token, and returns the tokens that it saw.
func send(t *testing.T, holder *bearer.Holder, accepted string) (seen []string) {
	t.Helper()
	if err := holder.Send(t.Context(), func(token string) bool {
		seen = append(seen, token)
		return token != accepted
	}); err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestARefusedRequestIsSentAgainOnce(t *testing.T) {
	calls := 0
	holder := bearer.New("", counted(&calls), nil)
	for i, row := range []struct {
		accepted string
		seen     []string
	}{
		{"token-0", []string{"token-0"}},
		{"token-1", []string{"token-0", "token-1"}}, // it ended
		{"token-2", []string{"token-1", "token-2"}}, // and again
		{"none", []string{"token-2", "token-3"}},    // the target refuses the request
		{"none", []string{"token-3"}},               // a fresh token
		{"token-3", []string{"token-3"}},            // the token was fine
		{"none", []string{"token-3"}},               // the request was not
	} {
		if seen := send(t, holder, row.accepted); !slices.Equal(seen, row.seen) {
			t.Errorf("request %d was sent with %q, owed %q", i, seen, row.seen)
		}
	}
}
