package interop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// signers are programs that sign requests with AWS Signature Version 4.
var signers = []clientSetup{
	{"aws-sdk-go-v2", "github.com/aws/aws-sdk-go-v2", withSDK, ""},
	{"aws4", "aws4", nil, ""},
	{"@smithy/signature-v4", "@smithy/signature-v4", nil, ""},
	{"curl --aws-sigv4", "", withCurl, ""},
}

func withSDK(ctx context.Context, ask ask) outcome {
	request, err := http.NewRequestWithContext(ctx, ask.Method, ask.URL, strings.NewReader(ask.Body))
	if err != nil {
		return outcome{Text: err.Error()}
	}
	hash := sha256.Sum256([]byte(ask.Body))
	payload := hex.EncodeToString(hash[:])
	signer := v4.NewSigner(func(options *v4.SignerOptions) { options.DisableURIPathEscaping = ask.Service == "s3" })
	if ask.Service == "s3" {
		request.Header.Set("X-Amz-Content-Sha256", payload)
	}
	keys := aws.Credentials{AccessKeyID: ask.ID, SecretAccessKey: ask.Secret, SessionToken: ask.SessionToken}
	if err := signer.SignHTTP(ctx, keys, request, payload, ask.Service, ask.Region, time.Now()); err != nil {
		return outcome{Text: err.Error()}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return outcome{Text: err.Error()}
	}
	defer response.Body.Close()
	return read(response.Header.Get("X-Amzn-ErrorType"), response.Body)
}

// read returns the outcome that an answer of the mock tells.
func read(kind string, body io.Reader) outcome {
	var answer struct {
		Verified        bool
		Message, Likely string
		Type            string `json:"__type"`
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return outcome{Text: err.Error()}
	}
	if kind != answer.Type {
		return outcome{Text: "The header has another type of the error."}
	}
	return outcome{Token: answer.Verified, Code: answer.Type, Text: answer.Message + " " + answer.Likely}
}

func withCurl(ctx context.Context, ask ask) outcome {
	arguments := []string{"--silent", "--show-error", "--globoff", "--path-as-is", "--dump-header", "/dev/stderr", "--request", ask.Method,
		"--aws-sigv4", "aws:amz:" + ask.Region + ":" + ask.Service, "--user", ask.ID + ":" + ask.Secret}
	if ask.SessionToken != "" {
		arguments = append(arguments, "--header", "x-amz-security-token: "+ask.SessionToken)
	}
	if ask.Body != "" {
		arguments = append(arguments, "--header", "content-type: application/json", "--data-binary", ask.Body)
	}
	if ask.Service == "s3" {
		arguments = append(arguments, "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD")
	}
	command := exec.CommandContext(ctx, "curl", append(arguments, ask.URL)...)
	var head strings.Builder
	command.Stderr = &head
	text, err := command.Output()
	if err != nil {
		return outcome{Text: err.Error() + head.String()}
	}
	kind := ""
	if found := regexp.MustCompile(`(?im)^x-amzn-errortype: *(\S+)`).FindStringSubmatch(head.String()); found != nil {
		kind = found[1]
	}
	return read(kind, bytes.NewReader(text))
}

// signingTrials are the columns of the table of signers.
var signingTrials = []struct {
	name, method, service, path, body string
	session                           bool
	change                            func(*ask)
	want                              string // text that the client can read; empty for a verified request
}{
	{"GET", http.MethodGet, "execute-api", "?a=1&a=2&b=x%20y", "", false, nil, ""},
	{"POST, session token", http.MethodPost, "execute-api", "fhir/Patient?_count=1", `{"resourceType":"Patient"}`, true, nil, ""},
	{"encoded path", http.MethodPut, "execute-api", "a%20b/%C3%BC", `{"a":"ü"}`, false, nil, ""},
	{"s3", http.MethodGet, "s3", "a%20b/c?list-type=2", "", false, nil, ""},
	{"s3, PUT", http.MethodPut, "s3", "c.txt", `{"a":1}`, true, nil, ""},
	{"wrong secret", http.MethodGet, "execute-api", "?a=1", "", false, func(a *ask) { a.Secret = "another" }, "InvalidSignatureException"},
	{"wrong region", http.MethodGet, "execute-api", "?a=1", "", false, func(a *ask) { a.Region = "eu-west-1" }, "awsRegion"},
	{"unknown key", http.MethodGet, "execute-api", "?a=1", "", false, func(a *ask) { a.ID = "AKIAOTHER" }, "UnrecognizedClientException"},
}

// Requests that other makes sign are verified, and a signer can read why one is refused.
func TestSigners(t *testing.T) {
	t.Parallel()
	m := start(t)
	heading, rows := []string{"signer"}, [][]string{}
	for _, trial := range signingTrials {
		heading = append(heading, trial.name)
	}
	for _, signer := range signers {
		var asks []ask
		for _, trial := range signingTrials {
			one := ask{Client: signer.name, ID: "AKIA" + strings.ToUpper(strings.ReplaceAll(newID(), "-", "")), Secret: "wJalr+XU/tn=FEMI%41&K:7~",
				Method: trial.method, Service: trial.service, Region: "us-east-1", Body: trial.body, URL: m.root + "/__sigv4/" + trial.path}
			fields := members{"authStrategy": "AwsSigv4", "grantType": nil, "accessKey": one.ID, "secretKey": one.Secret,
				"awsRegion": one.Region, "serviceName": one.Service}
			if trial.session {
				one.SessionToken = "IQoJb3JpZ2luX2VjE+/=" + newID()
				fields["sessionToken"] = one.SessionToken
			}
			m.put(fields)
			if trial.change != nil {
				trial.change(&one)
			}
			asks = append(asks, one)
		}
		row := []string{strings.TrimSpace(signer.name + " " + versionOf(t, signer.version))}
		for i, got := range outcomesOf(t, signer, asks) {
			trial := signingTrials[i]
			if oldCurl := !got.Token && signer.version == "" && strings.Contains(asks[i].URL, "%C3"); oldCurl {
				if !strings.Contains(got.Text, "encoded once") {
					t.Errorf("%s, %s: %+v", signer.name, trial.name, got)
				}
				got.Token = true
			}
			if got.Token != (trial.want == "") || !strings.Contains(got.Code+" "+got.Text, trial.want) {
				t.Errorf("%s, %s: %+v, want %q", signer.name, trial.name, got, trial.want)
			}
			word := "verified"
			if signer.version == "" && trial.name == "encoded path" {
				word = "by version"
			}
			row = append(row, map[bool]string{true: word, false: "`" + got.Code + "`"}[got.Token])
		}
		rows = append(rows, row)
	}
	compare(t, heading, rows)
}
