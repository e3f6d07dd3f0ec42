// Runs clients of other makes: each is asked for one token or one signed request. Prints an outcome for each, as JSON.

import { createPrivateKey } from "node:crypto";
import { request } from "node:http";
import { Sha256 } from "@aws-crypto/sha256-js";
import { OAuth2Client } from "@badgateway/oauth2-client";
import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";
import ClientOAuth2 from "client-oauth2";
import { ExternalAccountClient } from "google-auth-library";
import * as openid from "openid-client";
import { ClientCredentials } from "simple-oauth2";

// A client without an issuer is told the token endpoint.
const discoverAndGrant = async (ask, authenticate, algorithm = "oauth2") => {
  const allow = { execute: [openid.allowInsecureRequests], algorithm };
  const known = { issuer: new URL(ask.url).origin, token_endpoint: ask.url };
  const found = ask.issuer
    ? await openid.discovery(new URL(ask.issuer), ask.id, undefined, authenticate, allow)
    : new openid.Configuration(known, ask.id, undefined, authenticate);
  openid.allowInsecureRequests(found);
  const token = await openid.clientCredentialsGrant(found, ask.scope ? { scope: ask.scope } : {});
  if (!ask.refresh) return token.access_token;
  return (await openid.refreshTokenGrant(found, token.refresh_token)).access_token;
};

// Node.js reads the key, and the standard API for keys in browsers takes it.
const keyOf = async (jwk) => {
  const algorithm = jwk.kty === "EC" ? { name: "ECDSA", namedCurve: "P-384" } : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384" };
  const der = createPrivateKey({ key: jwk, format: "jwk" }).export({ format: "der", type: "pkcs8" });
  return { key: await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]), kid: jwk.kid };
};

const signed = async (ask, options) => discoverAndGrant(ask, openid.PrivateKeyJwt(await keyOf(ask.key), options));

const simple = (options) => async ({ url, id, secret, scope, refresh }) => {
  const { origin, pathname } = new URL(url);
  const client = new ClientCredentials({ client: { id, secret }, auth: { tokenHost: origin, tokenPath: pathname }, options });
  const given = await client.getToken(scope ? { scope } : {});
  return (refresh ? await given.refresh() : given).token.access_token;
};

const badgateway = (authenticationMethod) => async ({ url, id, secret, scope, refresh }) => {
  const client = new OAuth2Client({ tokenEndpoint: url, clientId: id, clientSecret: secret, authenticationMethod });
  const token = await client.clientCredentials(scope ? { scope: scope.split(" ") } : {});
  return (refresh ? await client.refreshToken(token) : token).accessToken;
};

const google = async ({ audience, tokenURL, accountURL, subject, scope }) => {
  const client = ExternalAccountClient.fromJSON({
    type: "external_account",
    audience,
    token_url: tokenURL,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    subject_token_supplier: { getSubjectToken: async () => subject },
    ...(accountURL ? { service_account_impersonation_url: accountURL } : {}),
  });
  client.scopes = scope.split(" ");
  return (await client.getAccessToken()).token;
};

const send = ({ host, port, method, path, headers, body }) =>
  new Promise((done, fail) => {
    const sent = request({ host, port, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => {
        const answer = JSON.parse(text);
        if (answer.verified) return done("verified");
        fail(Object.assign(new Error(answer.message), { code: response.headers["x-amzn-errortype"] }));
      });
    });
    sent.on("error", fail);
    sent.end(body);
  });

const credentialsOf = ({ id, secret, sessionToken }) => ({
  accessKeyId: id,
  secretAccessKey: secret,
  ...(sessionToken ? { sessionToken } : {}),
});

const withAws4 = (ask) => {
  const { hostname, port, host, pathname, search } = new URL(ask.url);
  const { method, service, region, body } = ask;
  const headers = { host, ...(body ? { "content-type": "application/json" } : {}) };
  const made = aws4.sign({ method, service, region, headers, path: pathname + search, body }, credentialsOf(ask));
  return send({ host: hostname, port, method, path: made.path, headers: made.headers, body });
};

const withSmithy = async (ask) => {
  const { hostname, port, host, pathname, search, searchParams } = new URL(ask.url);
  const { method, service, region, body } = ask;
  const query = {};
  for (const name of searchParams.keys()) query[name] = searchParams.getAll(name);
  const signer = new SignatureV4({ credentials: credentialsOf(ask), region, service, sha256: Sha256, uriEscapePath: service !== "s3" });
  const headers = { host, ...(body ? { "content-type": "application/json" } : {}) };
  const made = await signer.sign({ method, protocol: "http:", hostname, port, path: pathname, query, headers, body });
  return send({ host: hostname, port, method, path: pathname + search, headers: made.headers, body });
};

const clients = {
  "openid-client, ClientSecretBasic": (ask) => discoverAndGrant(ask, openid.ClientSecretBasic(ask.secret)),
  "openid-client, ClientSecretPost": (ask) => discoverAndGrant(ask, openid.ClientSecretPost(ask.secret), "oidc"),
  "openid-client, PrivateKeyJwt": (ask) => signed(ask),
  "openid-client, PrivateKeyJwt with aud": (ask) =>
    signed(ask, { [openid.modifyAssertion]: (_, claims) => (claims.aud = ask.url) }),
  "simple-oauth2, header": simple({ authorizationMethod: "header" }),
  "simple-oauth2, header, loose": simple({ authorizationMethod: "header", credentialsEncodingMode: "loose" }),
  "simple-oauth2, body": simple({ authorizationMethod: "body" }),
  "@badgateway/oauth2-client, basic": badgateway("client_secret_basic"),
  "@badgateway/oauth2-client, post": badgateway("client_secret_post"),
  "client-oauth2": async ({ url, id, secret, scope, refresh }) => {
    const client = new ClientOAuth2({ clientId: id, clientSecret: secret, accessTokenUri: url, scopes: scope ? scope.split(" ") : [] });
    const token = await client.credentials.getToken();
    return (refresh ? await token.refresh() : token).accessToken;
  },
  "google-auth-library": google,
  "aws4": withAws4,
  "@smithy/signature-v4": withSmithy,
};

// reasonOf returns what a program that uses the client can read about a refusal.
const reasonOf = async (failure) => {
  const unread = failure.response?.bodyUsed === false; // beside a challenge openid-client leaves the body to the program
  const answer = unread ? await failure.response.json() : failure.data?.payload ?? failure.body ?? failure.response?.data ?? {};
  const code = failure.oauth2Code ?? failure.error ?? answer.error?.status ?? answer.error ?? failure.code;
  return { challenged: unread, code: String(code ?? ""), text: `${failure.message} ${failure.error_description ?? answer.error_description ?? ""}` };
};

const run = async (ask) => {
  try {
    return { token: Boolean(await clients[ask.client](ask)) };
  } catch (failure) {
    return { token: false, ...(await reasonOf(failure)) };
  }
};

const outcomes = await Promise.all(JSON.parse(process.env.INPUT).map(run));
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
