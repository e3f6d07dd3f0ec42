package main_test

import (
	"os"
	"os/exec"
	"testing"
)

// bigBodies sends bodies that are refused, ten times each, and ends with 1 where a client does not see why. The clients of
// Python and Node send the whole body before they read the answer.
var bigBodies = map[string][]string{
	"python3": {"-c", `
import os, sys, urllib.request, urllib.error
base, right = os.environ["CREDMOCK_URL"], "Bearer " + os.environ["CREDMOCK_TOKEN"]
for size, token, media, want in [(1048577, right, "application/json", 413), (600000, "Bearer wrong", "application/json", 401),
        (5000000, "Bearer wrong", "application/json", 401), (600000, right, "text/plain", 415)]:
    for attempt in range(10):
        request = urllib.request.Request(base + "/v1/authcredentials", data=b"x" * size, method="POST",
            headers={"Authorization": token, "Content-Type": media})
        try:
            seen = urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            seen = error.code
        except Exception as error:
            seen = repr(error)
        if seen != want:
            sys.exit("%d bytes: %s instead of %d" % (size, seen, want))
`},
	"node": {"-e", `
const base = process.env.CREDMOCK_URL, right = "Bearer " + process.env.CREDMOCK_TOKEN;
(async () => {
	for (const [size, token, media, want] of [[1048577, right, "application/json", 413], [600000, "Bearer wrong", "application/json", 401],
			[5000000, "Bearer wrong", "application/json", 401], [600000, right, "text/plain", 415]]) {
		for (let attempt = 0; attempt < 10; attempt++) {
			const seen = await fetch(base + "/v1/authcredentials", {method: "POST", body: "x".repeat(size),
				headers: {Authorization: token, "Content-Type": media}}).then(answer => answer.status, error => String(error.cause));
			if (seen !== want) throw new Error(size + " bytes: " + seen + " instead of " + want);
		}
	}
})().catch(error => { console.error(error.message); process.exitCode = 1; });
`},
}

// Real clients read the refusal of a body that they send whole.
func TestClientsReadTheirRefusal(t *testing.T) {
	for client, arguments := range bigBodies {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(client); err != nil && os.Getenv("CI") == "" {
				t.Skipf("%s is not installed, and its standard library is the client", client)
			}
			if code, stdout, stderr := run(t, nil, append([]string{"serve", "--", client}, arguments...)...); code != 0 {
				t.Errorf("exit code %d, %s\n%.2000s", code, stdout, stderr)
			}
		})
	}
}
