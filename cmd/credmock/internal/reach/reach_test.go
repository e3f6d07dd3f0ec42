package reach_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/commandtest"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/installed"
	"github.com/credmock/credmock/mockserver"
)

// few selects a few checks that need few requests.
const few = "^envelope/(get|strategies)/"

// selfSigned returns a certificate and its key, as PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client"}, NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return block("CERTIFICATE", signed), block("PRIVATE KEY", encoded)
}

func newMock(t *testing.T) http.Handler {
	t.Helper()
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return mock
}

// startFront serves a handler behind TLS that asks for a certificate of the client.
func startFront(t *testing.T, client string, behind http.Handler) (server *httptest.Server, authority string) {
	t.Helper()
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(client))
	server = httptest.NewUnstartedServer(behind)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func TestAFrontThatAsksForACertificate(t *testing.T) {
	certificate, key := selfSigned(t)
	_, otherKey := selfSigned(t)
	server, authority := startFront(t, certificate, newMock(t))
	certificateFile, keyFile := commandtest.Write(t, "c.pem", certificate), commandtest.Write(t, "k.pem", key)
	otherFile := commandtest.Write(t, "o.pem", otherKey)
	both := commandtest.Write(t, "both.pem", key+certificate)
	ca := commandtest.Write(t, "ca.pem", authority)
	keys := commandtest.Write(t, "keys.json", string(mockserver.DevelopmentKeys()))
	pair := " --client-cert " + certificateFile + " --client-key " + keyFile
	for name, row := range map[string]struct {
		args string
		code int
		owed string
	}{
		"certificate and key": {"--ca " + ca + pair, 0, "verdict: conforms"},
		"one file":            {"--ca " + ca + " --client-cert " + both, 0, "verdict: conforms"},
		"token through it":    {"--ca " + ca + pair + " --client-id development-client --key " + keys, 0, "verdict: conforms"},
		"insecure":            {"--insecure" + pair, 0, "note  the certificate of the target was not checked (--insecure)"},
		"not trusted":         {strings.TrimSpace(pair), 3, "the target cannot be trusted"},
		"no certificate":      {"--ca " + ca, 3, "the target cannot be reached"},
		"another key":         {"--client-cert " + certificateFile + " --client-key " + otherFile, 2, "do not go together"},
		"key alone":           {"--client-key " + keyFile, 2, "--client-key needs --client-cert"},
		"no key":              {"--client-cert " + certificateFile, 2, "--client-cert holds no private key"},
		"no PEM":              {"--client-cert " + keys, 2, "--client-cert must name a file with a certificate in PEM"},
		"no file":             {"--client-cert not-there", 2, "--client-cert: there is no file not-there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"verify", "--url", server.URL + "/platform", "--run", few}, strings.Fields(row.args)...)
			seen := commandtest.Run(t.Context(), nil, args...)
			if seen.Code != row.code || !strings.Contains(seen.All(), row.owed) {
				t.Errorf("%d, owed %d and %q: %s", seen.Code, row.code, row.owed, seen.All())
			}
		})
	}
	script := commandtest.Write(t, "reads.txtar", "request GET /v1/authcredentials/strategies\nstatus 200\n")
	seen := commandtest.Run(t.Context(), nil, append([]string{"run", "--url", server.URL + "/platform", "--insecure", script},
		strings.Fields(pair)...)...)
	if seen.Code != 0 {
		t.Errorf("run: %d %s", seen.Code, seen.All())
	}
}

// The lines of a report take the way that the run took: with the certificate of the client and the header of the gate.
func TestLinesTakeTheSameWay(t *testing.T) {
	shell := installed.Program(t, "sh", "the lines are run in it")
	installed.Program(t, "curl", "the lines call it")
	certificate, key := selfSigned(t)
	server, authority := startFront(t, certificate, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Gate-Key") != "31337" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"meta":{"version":"1"},"payload":"here"}`)) // no answer of the API, at no path
	}))
	pair := []string{"--client-cert", commandtest.Write(t, "it's c.pem", certificate), "--client-key", commandtest.Write(t, "k.pem", key)}
	ca := commandtest.Write(t, "ca.pem", authority)
	for name, way := range map[string][]string{"authority": append(pair, "--ca", ca), "insecure": append(pair, "--insecure")} {
		seen := commandtest.Run(t.Context(), nil, append([]string{"verify", "--url", server.URL + "/platform", "--token", "t0k3n-0",
			"--header", "X-Gate-Key=31337", "--run", "^envelope/strategies/", "--scenarios", filepath.Join(t.TempDir(), "s")}, way...)...)
		_, line, found := strings.Cut(seen.Stdout, "again: ")
		if !found {
			t.Fatalf("%s: no line in %s", name, seen.All())
		}
		line, _, _ = strings.Cut(line, "\n")
		command := exec.CommandContext(t.Context(), shell, "-c", line)
		command.Env = append(os.Environ(), "URL="+server.URL+"/platform", "TOKEN=t0k3n-0", "HEADER_X_GATE_KEY=31337")
		if out, err := command.CombinedOutput(); err != nil || !strings.Contains(string(out), `"payload":"here"`) {
			t.Errorf("%s: %s\n%v: %s", name, line, err, out)
		}
		if owed := `--header X-Gate-Key="$HEADER_X_GATE_KEY"`; !strings.Contains(seen.Stderr, owed) || !strings.Contains(seen.Stderr, "k.pem") {
			t.Errorf("%s: the line to replay scenarios lacks the way: %s", name, seen.Stderr)
		}
	}
}

// startGated starts a mock behind a gate that asks for a header, and echoes its value in every refusal.
func startGated(t *testing.T, name, value string) *httptest.Server {
	t.Helper()
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get(name))
		if r.Header.Get(name) != value {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		mock.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAHeaderGate(t *testing.T) {
	const value = "gate-key-31337=x"
	server := startGated(t, "X-Gate-Key", value)
	folder := t.TempDir()
	keys := commandtest.Write(t, "keys.json", string(mockserver.DevelopmentKeys()))
	args := []string{"verify", "--url", server.URL + "/platform", "--client-id", "development-client", "--key", keys,
		"--header", "x-gate-key=" + value, "--run", few}
	formats := report.Formats()
	for _, format := range formats {
		args = append(args, "--report", format+"="+filepath.Join(folder, format))
	}
	seen := commandtest.Run(t.Context(), nil, args...)
	if seen.Code != 0 || strings.Contains(seen.All(), value) {
		t.Fatalf("%d: %s", seen.Code, seen.All())
	}
	for _, format := range formats {
		text, err := os.ReadFile(filepath.Join(folder, format))
		if err != nil || strings.Contains(string(text), "31337") {
			t.Errorf("the %s report shows the value of the header: %v", format, err)
		}
	}
	if seen := commandtest.Run(t.Context(), nil, "verify", "--url", server.URL+"/platform", "--run", few); seen.Code != 3 {
		t.Errorf("without the header: %d %s", seen.Code, seen.All())
	}
	script := commandtest.Write(t, "reads.txtar", "request GET /v1/authcredentials/strategies\nstatus 200\n! body x\nstatus 418\n")
	seen = commandtest.Run(t.Context(), map[string]string{"CREDMOCK_HEADER": "X-Gate-Key=" + value}, "run", "--url", server.URL+"/platform",
		"--verbose", script)
	if seen.Code != 1 || !strings.Contains(seen.Stdout, "200") || strings.Contains(seen.All(), "31337") {
		t.Errorf("run: %d %s", seen.Code, seen.All())
	}
}

// The key of a gateway goes to the host of the target, and to no other one that gives out tokens.
func TestHeadersStayOnTheirHost(t *testing.T) {
	mock := mockserver.Start(t)
	var seen atomic.Value
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Get("X-Gate-Key"))
		_, _ = w.Write([]byte(`{"access_token":"` + mockserver.DefaultToken + `"}`)) // a lost answer fails the test
	}))
	t.Cleanup(elsewhere.Close)
	keys := commandtest.Write(t, "keys.json", string(mockserver.DevelopmentKeys()))
	ran := commandtest.Run(t.Context(), nil, "verify", "--url", mock.URL, "--client-id", "development-client", "--key", keys,
		"--token-url", elsewhere.URL, "--header", "X-Gate-Key=gate-key-31337", "--run", few)
	if ran.Code != 0 || seen.Load() != "" {
		t.Errorf("%d, and the token endpoint got %v: %s", ran.Code, seen.Load(), ran.All())
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	for given, owed := range map[string]string{
		"Authorization=Bearer s3cr3t-0": "Authorization comes from the token",
		"content-type=s3cr3t-0":         "Content-Type is a header that the suite sets itself",
		"Accept-Encoding=s3cr3t-0":      "Accept-Encoding is a header that the suite sets itself",
		"host=s3cr3t-0":                 "Host is a header that the suite sets itself",
		"If-Match=s3cr3t-0":             "If-Match is a header that the suite sets itself",
		"s3cr3t-0":                      "--header number 1 has no = in it",
		"X Y=s3cr3t-0":                  "--header number 1 has a name that no header can have",
		"X-Y=s3cr3t-0\r\nZ: 1":          "X-Y has a control character",
		"X-Y= s3cr3t-0":                 "X-Y has a blank at an end",
		"X-Y=":                          "X-Y has no value",
	} {
		seen := commandtest.Run(t.Context(), nil, "verify", "--url", "http://127.0.0.1:9/platform", "--header", given)
		if seen.Code != 2 || !strings.Contains(seen.Stderr, owed) || strings.Contains(seen.All(), "s3cr3t") {
			t.Errorf("%q: %d %s", given, seen.Code, seen.Stderr)
		}
	}
	for _, args := range []string{"--rate 0", "--rate -1", "--rate NaN", "--rate +Inf", "--wait 0s", "--min-coverage 101",
		"--min-coverage -1"} {
		seen := commandtest.Run(t.Context(), nil, append([]string{"verify", "--url", "http://127.0.0.1:9/platform"}, strings.Fields(args)...)...)
		if flag, _, _ := strings.Cut(args, " "); seen.Code != 2 || !strings.Contains(seen.Stderr, flag+" must be") {
			t.Errorf("%s: %d %s", args, seen.Code, seen.Stderr)
		}
	}
}

// A target that comes up late, behind a gateway that answers in its place, is waited for.
func TestATargetIsWaitedFor(t *testing.T) {
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		mock.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	seen := commandtest.Run(t.Context(), nil, "verify", "--url", server.URL+"/platform", "--wait", "1m", "--run", few)
	if seen.Code != 0 || !strings.Contains(seen.Stderr, "waiting for "+server.URL) {
		t.Errorf("%d: %s", seen.Code, seen.All())
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close() // so that nobody listens there
	seen = commandtest.Run(t.Context(), nil, "verify", "--url", "http://"+address+"/platform", "--wait", "1ms", "--run", few)
	if seen.Code != 3 || !strings.Contains(seen.Stderr, "did not answer within 1ms") || !strings.Contains(seen.Stdout, "cannot be reached") {
		t.Errorf("%d: %s", seen.Code, seen.All())
	}
}

// read returns the JSON report of a run.
func read(t *testing.T, args ...string) (report.Report, commandtest.Outcome) {
	t.Helper()
	seen := commandtest.Run(t.Context(), nil, append([]string{"verify", "--report", "json=-"}, args...)...)
	var found report.Report
	if err := json.Unmarshal([]byte(seen.Stdout), &found); err != nil {
		t.Fatalf("%v: %s", err, seen.All())
	}
	return found, seen
}

func TestFailFast(t *testing.T) {
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken) // lets everybody in
		mock.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	whole, _ := read(t, "--url", server.URL+"/platform", "--run", "^auth/")
	found, seen := read(t, "--url", server.URL+"/platform", "--run", "^auth/", "--fail-fast")
	told := slices.ContainsFunc(found.Notes, func(note string) bool { return strings.Contains(note, "(--fail-fast)") })
	if seen.Code != 1 || found.Verdict != report.Violates || !told || len(found.Checks) >= len(whole.Checks)/2 {
		t.Errorf("%d after %d of %d checks: %q", seen.Code, len(found.Checks), len(whole.Checks), found.Notes)
	}
	if len(found.LeftBehind) > 0 {
		t.Errorf("left behind: %q", found.LeftBehind)
	}
}

// Coverage is what was judged, and not what was planned or selected.
func TestCoverage(t *testing.T) {
	found, seen := read(t, "--run", "^envelope/strategies/")
	if seen.Code != 0 || found.Coverage == nil || found.Coverage.Rules.Judged != len(found.Checks) || found.Coverage.Percent > 5 {
		t.Fatalf("%d: %+v", seen.Code, found.Coverage)
	}
	if len(found.Coverage.Operations.Judged) == 0 || len(found.Coverage.Operations.Missing) == 0 {
		t.Errorf("%+v", found.Coverage.Operations)
	}
	if found, seen = read(t, "--run", "^envelope/strategies/", "--min-coverage", "50"); seen.Code != 3 ||
		!strings.Contains(found.Reason, "too little was judged") {
		t.Errorf("%d: %s", seen.Code, found.Reason)
	}
	found, seen = read(t, "--url", "http://127.0.0.1:9/platform", "--min-coverage", "1")
	if seen.Code != 3 || found.Coverage.Percent != 0 || len(found.Coverage.Statuses.Judged) != 0 {
		t.Errorf("a target that is not there: %d %+v", seen.Code, found.Coverage)
	}
}

func TestRateIsKept(t *testing.T) {
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const rate = 400
	var first, last atomic.Int64
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.CompareAndSwap(0, time.Now().UnixNano())
		last.Store(time.Now().UnixNano())
		count.Add(1)
		mock.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	found, seen := read(t, "--url", server.URL+"/platform", "--run", few, "--rate", "400")
	least := time.Duration(count.Load()-10) * time.Second / rate
	if took := time.Duration(last.Load() - first.Load()); seen.Code != 0 || took < least || len(found.Notes) != 1 {
		t.Errorf("%d: %d requests took %s, owed %s at least; %q", seen.Code, count.Load(), took, least, found.Notes)
	}
}

func TestRunFailsFast(t *testing.T) {
	wrong := commandtest.Write(t, "a.txtar", "request GET /v1/authcredentials/strategies\nstatus 418\n")
	right := commandtest.Write(t, "b.txtar", "request GET /v1/authcredentials/strategies\nstatus 200\n")
	seen := commandtest.Run(t.Context(), nil, "run", "--fail-fast", wrong, right)
	if seen.Code != 1 || !strings.Contains(seen.Stdout, "ended at its first failure") || !strings.Contains(seen.Stdout, "1 scenario:") {
		t.Errorf("%d: %s", seen.Code, seen.All())
	}
}
