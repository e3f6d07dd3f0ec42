// Starts the authorization servers that run in Node.js, prints the URLs of their token endpoints, and runs until its input ends.

import { createServer } from "node:http";
import Provider from "oidc-provider";
import { OAuth2Server } from "oauth2-mock-server";

const { clients, keys } = JSON.parse(process.env.INPUT);

const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

const registered = ({ id, secret, method, signs }) => ({
  client_id: id,
  token_endpoint_auth_method: method,
  grant_types: ["client_credentials"],
  response_types: [],
  redirect_uris: [],
  scope: "a b",
  ...(secret ? { client_secret: secret } : { jwks_uri: keys, token_endpoint_auth_signing_alg: signs }),
});

async function startProvider() {
  const server = createServer();
  const issuer = `http://127.0.0.1:${await listen(server)}`;
  const provider = new Provider(issuer, {
    clients: clients.map(registered),
    scopes: ["a", "b", "z"],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    // The default refuses keys on loopback.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    enabledJWA: { clientAuthSigningAlgValues: ["RS384", "ES384"] },
  });
  server.on("request", provider.callback());
  return `${issuer}/token`;
}

async function startMockServer() {
  const server = new OAuth2Server();
  await server.issuer.keys.generate("RS256");
  await server.start(0, "127.0.0.1");
  return `http://127.0.0.1:${server.address().port}/token`;
}

// The servers say on standard output that they are for development.
console.info = console.warn = console.log = () => {};
process.stdout.write(`${JSON.stringify({ "oidc-provider": await startProvider(), "oauth2-mock-server": await startMockServer() })}\n`);
process.stdin.resume().on("end", () => process.exit());
