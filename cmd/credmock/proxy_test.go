package main_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// proxyTo returns the URL of a proxy that leads every name to one mock, and the number of its requests.
func proxyTo(t *testing.T, mock *mockserver.Running) (address string, asked *atomic.Int64) {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(mock.URL, "/platform"))
	if err != nil {
		t.Fatal(err)
	}
	asked = &atomic.Int64{}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, asked
}

// noProxy empties what the environment of the test may say.
var noProxy = []string{"HTTP_PROXY=", "http_proxy=", "HTTPS_PROXY=", "https_proxy=", "ALL_PROXY=", "all_proxy=", "NO_PROXY=", "no_proxy="}

// The commands that send requests go by the proxy of the environment or of --proxy, and say so where a proxy is not used.
func TestCommandsUseTheProxy(t *testing.T) {
	proxy, asked := proxyTo(t, mockserver.Start(t))
	script := filepath.Join(t.TempDir(), "one.txtar")
	write(t, script, "request GET /v1/authcredentials/strategies\nstatus 200\n")
	const far, near = "http://api.mock.example/platform", "http://127.0.0.1:1/platform"
	for name, row := range map[string]struct {
		environment, more []string
		target            string
		used              bool
		stderr            string
	}{
		"environment":        {[]string{"HTTP_PROXY=" + proxy}, nil, far, true, ``},
		"flag":               {nil, []string{"--proxy", proxy}, far, true, ``},
		"flag, this machine": {nil, []string{"--proxy", proxy}, near, true, ``},
		"exception": {[]string{"HTTP_PROXY=" + proxy, "NO_PROXY=.mock.example"}, nil, far, false,
			`HTTP_PROXY is set and not used, for NO_PROXY`},
		"this machine": {[]string{"HTTP_PROXY=" + proxy}, nil, near, false,
			`HTTP_PROXY is set and not used, for the target is on this machine`},
		"of the other scheme": {[]string{"https_proxy=" + proxy}, nil, far, false, `https_proxy is set and not used for a target of http://`},
		"none":                {nil, nil, near, false, `refused`},
	} {
		for command, arguments := range map[string][]string{
			"healthcheck": nil, "token": nil, "verify": {"--run", "^envelope/list/version$"}, "run": {script},
		} {
			t.Run(name+", "+command, func(t *testing.T) {
				before := asked.Load()
				arguments = append([]string{command, "--url", row.target}, append(arguments, row.more...)...)
				code, stdout, stderr := run(t, append(noProxy[:len(noProxy):len(noProxy)], row.environment...), arguments...)
				if used := asked.Load() > before; used != row.used || row.used != (code == 0) && command != "token" {
					t.Errorf("exit code %d, used: %t\n%s%s", code, used, stdout, stderr)
				}
				if !regexp.MustCompile(row.stderr).MatchString(stdout + stderr) {
					t.Errorf("stderr is\n%s%s", stdout, stderr)
				}
			})
		}
	}
}

// A proxy that is none is refused, and no message shows its password.
func TestProxyIsAURL(t *testing.T) {
	for _, proxy := range []string{"proxy.example.com:3128", "ftp://proxy.example.com", "http://", "http://user:hush-hush@"} {
		code, _, stderr := run(t, nil, "healthcheck", "--proxy", proxy)
		if code != 2 || !strings.HasPrefix(stderr, "credmock: --proxy must be the URL of a proxy") || strings.Contains(stderr, "hush") {
			t.Errorf("%s: exit code %d, %s", proxy, code, stderr)
		}
	}
	code, _, stderr := run(t, nil, "healthcheck", "--proxy", "http://user:hush-hush@127.0.0.1:1", "--url", "http://api.mock.example/platform")
	if code != 1 || strings.Contains(stderr, "hush") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}
