package measure

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"time"

	"example.com/bench/internal/drive"
	"example.com/bench/internal/process"
	"example.com/bench/internal/record"
)

// signer signs assertions for the token endpoint with the ES384 key that the mock publishes for development.
type signer struct {
	key *ecdsa.PrivateKey
	kid string
}

func (b *bench) newSigner(ctx context.Context) (*signer, error) {
	printed, err := exec.CommandContext(ctx, b.credmock, "token", "--print-key").Output()
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []struct{ Kty, Kid, D string }
	}
	if err := json.Unmarshal(printed, &set); err != nil {
		return nil, err
	}
	for _, found := range set.Keys {
		if found.Kty != "EC" {
			continue
		}
		secret, err := base64.RawURLEncoding.DecodeString(found.D)
		if err != nil {
			return nil, err
		}
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), secret)
		return &signer{key, found.Kid}, err
	}
	return nil, errors.New("credmock token --print-key prints no key of ES384")
}

// assertion returns a signed JWT for the token endpoint of a host.
func (s *signer) assertion(host string) (string, error) {
	now := time.Now().Unix()
	head := fmt.Sprintf(`{"alg":"ES384","kid":%q}`, s.kid)
	claims := fmt.Sprintf(`{"iss":"development-client","sub":"development-client","aud":"http://%s/v2/auth/token","jti":%q,"iat":%d,"exp":%d}`,
		host, rand.Text(), now, now+240)
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	digest := sha512.Sum384([]byte(text))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 96)
	r.FillBytes(signature[:48])
	v.FillBytes(signature[48:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// tokenRequest returns the bytes of a token request to the target, with a new assertion.
func (s *signer) tokenRequest(to target) ([]byte, error) {
	assertion, err := s.assertion(to.address())
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}.Encode()
	prefix := "" // the endpoint stands beside the API
	if to.name == record.Mockoon {
		prefix = to.base
	}
	return fmt.Appendf(nil, "POST %s/v2/auth/token HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nContent-Length: %d\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\n\r\n%s", prefix, to.address(), len(form), form), nil
}

// assertionsASecond is how many assertions a turn has for each second: the mock uses each once, and verifies fewer.
const assertionsASecond = 4000

// sign returns new token requests for one turn, which ends with them.
func (s *signer) sign(to target, turn time.Duration) (drive.Source, error) {
	if to.name != record.Credmock { // the others take an assertion again
		one, err := s.tokenRequest(to)
		return drive.Repeat(one), err
	}
	requests := make([][]byte, int(turn.Seconds()*assertionsASecond)+64) // some for warming up
	for i := range requests {
		var err error
		if requests[i], err = s.tokenRequest(to); err != nil {
			return nil, err
		}
	}
	return drive.Once(requests), nil
}

// verifyAlone measures the CPU time to verify one signature.
func (s *signer) verifyAlone() (float64, error) {
	digest := sha512.Sum384([]byte("a text"))
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	if err != nil {
		return 0, err
	}
	began, err := process.OwnCPU()
	if err != nil {
		return 0, err
	}
	const times = 200
	for range times {
		if !ecdsa.VerifyASN1(&s.key.PublicKey, digest[:], signature) {
			return 0, errors.New("the key does not verify its own signature")
		}
	}
	ended, err := process.OwnCPU()
	return record.Round((ended - began).Seconds() * 1e6 / times), err
}
