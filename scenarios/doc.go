// Package scenarios runs scenario files: scripts that send requests to an implementation of the API and assert on its
// answers. A file is a txtar archive. The script comes first, a command a line; the sections below it are its files:
//
//	# Create a credential.
//	request POST /v1/authcredentials create.json
//	status 2xx
//	json /payload/hasClientSecret true
//	capture id /payload/id
//
//	# Its secret is not shown.
//	request GET /v1/authcredentials/$id
//	conforms
//	! body not-a-real-secret
//
//	-- create.json --
//	{
//	  "name": "Lab results",
//	  "environmentId": "$ENVIRONMENT",
//	  "grantType": "client_credentials",
//	  "url": "https://auth.example.com/oauth/token",
//	  "clientSecret": "not-a-real-secret"
//	}
//
// A line that begins with # names a phase. Arguments are separated by blanks; single quotes hold one together and keep
// its $ from being expanded, and two of them inside stand for one.
//
// # Commands
//
// The script language is that of package [github.com/rogpeppe/go-internal/testscript]. Of its commands a script may use cmp, cmpenv,
// env, exists, grep, skip, stderr, stdout, stop and unquote, and these:
//
//	mock [--spec FILE] [--fixtures FILE] [--seed N] [--deliver]
//		Starts a fresh mock for this script. The first request does so by itself where no URL was given. A script
//		that says mock depends on the mock, so it is skipped when it is run against a URL. $MOCK is then the root URL of the
//		mock. With --deliver the verification of a destination delivers a request to it.
//
//	request METHOD PATH [BODYFILE]
//		Sends a request with the script's token and remembers the answer. PATH stands below the base URL, as the
//		document writes it. With BODYFILE the body is the file's text, its variables replaced, and the content type
//		is application/json.
//
//	header NAME VALUE
//		Sets a header of the next request. An empty VALUE, written '', leaves the header out. A header that the client
//		cannot send as it is asked for, such as Content-Length, is refused.
//
//	token engineer|viewer|other|none|TOKEN
//		Says who sends the next request: one of the principals, nobody, or the bearer of the given token. Without
//		it, the engineer does. A script that asks for a principal whose token was not given is skipped.
//
//	[!] status CODE|CLASS
//		The answer has (not) the status, such as 201 or 4xx.
//
//	json POINTER VALUE
//		The value at the JSON pointer (RFC 6901) equals VALUE: JSON, or else a bare word as a string. The string "true" is
//		written '"true"'. Numbers are compared exactly. The placeholders of cmpjson are known.
//
//	! json POINTER
//		Nothing is at the pointer.
//
//	capture NAME POINTER
//		Sets $NAME to the value at the pointer: a string as its text, anything else as JSON.
//
//	[!] body TEXT
//		The raw answer, status line and headers included, contains TEXT (does not).
//
//	cmpjson FILE
//		The body equals FILE, the order of members apart. Variables are replaced. The strings "<any>", "<uuid>" and
//		"<time>" match any value, any UUID and any RFC 3339 time. With [Params].Update a file that differs is
//		rewritten in the script: what still holds stays as it is written, and ids and times become placeholders.
//
//	[!] conforms
//		The last answer keeps the document: the status is described, the body is valid for it, and no secret is in it,
//		neither under its own key nor as a value that this script sent. Further members are fine.
//
//	token-request CREDENTIAL [QUERY]
//		Asks the mock for the token request that the credential of this id describes. What the mock shows is then the last
//		answer. QUERY is grant=refresh, basic=encoded or another one that the mock knows; with send=true the mock sends the
//		request, too. A script that says token-request should say mock first: it is skipped when it is run against a URL.
//
//	[!] verify [--accept NAME,…] [--strict] [--run REGEXP] [--skip REGEXP] [--seed N] [--timeout D]
//		Runs the conformance suite against the server of this script. Its text report becomes the script's stdout.
//
// # Variables
//
// $NAME and ${NAME} are replaced in arguments, in body files and in the files of cmpjson; $$ is a dollar sign. Every
// script has $ENVIRONMENT (an environment's id), $ORGANIZATION (its number) and $SCRIPTDIR (the script's own folder, for
// the files that lie beside it). A name that nothing sets fails the script.
//
// # What a script may touch
//
// A scenario is often written by a program from what a server answered. So it touches nothing of the machine: it reads the
// files of its own sections and those in $SCRIPTDIR, and changes its own sections alone. A script that does more is
// refused before its first line runs, with the line and the command: the other commands of testscript, such as exec, cp and
// rm; the conditions [exec:NAME] and [symlink]; a command that comes from a variable; a file elsewhere, also by a symbolic
// link; a change of $PATH, $HOME, $WORK or $SCRIPTDIR. [Params].AllowExec and `credmock run --allow-exec` allow it all. No
// section lies outside of the script's own folder, whatever is allowed.
//
// # Failures
//
// Phases that passed collapse to their headings; the one that failed is shown whole, with the answer. The message
// names the line, what was seen and what was owed:
//
//	FAIL rotate.txtar 12ms
//	    # Create a credential. (0.004s)
//	    # Rotate its secret. (0.002s)
//	    > request PATCH /v1/authcredentials/$id rotate.json
//	    PATCH /v1/authcredentials/1c9d4f0e-2a63-4f1b-9a52-5b0c6f1a7e21 400
//	    {
//	      "meta": {
//	        "version": "1.0.0"
//	      },
//	      "errors": [
//	        {
//	          "code": "required",
//	          "message": "grantType is required; send \"client_credentials\".",
//	          "pointer": "/grantType"
//	        }
//	      ]
//	    }
//	    > status 200
//	    FAIL: rotate.txtar:8: PATCH /v1/authcredentials/1c9d4f0e-2a63-4f1b-9a52-5b0c6f1a7e21: seen status 400, owed 200
//
// Here the update named the new secret alone; with grantType and url beside it, it passes.
//
// # What is never shown
//
// A transcript holds no token and no secret. Tokens, Authorization headers and the values of every member that the
// document calls secret are masked wherever they turn up, in part and in common encodings too, in what the script
// says as well as in what the server answers.
//
// A transcript is printable text: control characters, marks of direction and bytes that are not UTF-8 are written as
// escapes, whoever sent them.
//
// # Bounds
//
// An answer is read up to 8 MiB and 500,000 JSON values. Of a larger one nothing is said: the run is inconclusive. JSON that
// is nested deeper than 512 levels is no answer of this API, and fails what asks for its value. A captured value has at most
// 16 KiB, and [Params].Timeout bounds the run.
//
// # A server that others use
//
// What a script creates under a URL is deleted when it ends, last in, first out, also after a failure or an
// interruption. A script should change nothing that it did not create, and rely on nothing that it finds.
package scenarios
