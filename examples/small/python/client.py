"""This program creates, changes, reads and deletes a credential, with the standard library alone."""

import json
import os
import urllib.error
import urllib.request


def call(method, path, body=None):
    """Sends a request and returns the payload of the answer. An answer that is not a success raises HTTPError."""
    request = urllib.request.Request(
        os.environ["CREDMOCK_URL"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["CREDMOCK_TOKEN"],
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["payload"]


def main():
    created = call("POST", "/v1/authcredentials", {
        "name": "orders",
        "environmentId": os.environ["CREDMOCK_ENVIRONMENT"],
        "authStrategy": "OAuth_2.0_2-legged",
        "grantType": "client_credentials",
        "url": "https://login.example.com/token",
        "clientSecret": "not-a-real-secret",
    })
    path = "/v1/authcredentials/" + created["id"]
    # An update needs grantType and url, and keeps what it leaves out.
    call("PATCH", path, {"grantType": "client_credentials", "url": "https://login.example.com/v2/token"})
    read = call("GET", path)
    print(read["name"], read["url"], json.dumps(read["hasClientSecret"]))
    call("DELETE", path)
    try:
        call("GET", path)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return
    raise SystemExit("it is still there")


if __name__ == "__main__":
    main()
