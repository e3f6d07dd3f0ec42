// This file gets bearer tokens for signed assertions: OAuth 2.0 client credentials with a JWT that the client signs.

import { importJWK, SignJWT, type JWK } from "jose";

/** A private key as a JWK, with its kid. */
export type SigningKey = JWK & { kid: string; alg: "RS384" | "ES384" };

/** The client renews a token so many milliseconds before it expires, so that no token expires during a request. */
const margin = 10_000;

export class Bearer {
  readonly #endpoint: string;
  readonly #clientId: string;
  readonly #key: SigningKey;
  #token = "";
  #expires = 0;

  constructor(endpoint: string, clientId: string, key: SigningKey) {
    this.#endpoint = endpoint;
    this.#clientId = clientId;
    this.#key = key;
  }

  /** Returns the current token, or a new one if the current token is about to expire. */
  async token(now = Date.now()): Promise<string> {
    if (now < this.#expires - margin) {
      return this.#token;
    }
    const response = await fetch(this.#endpoint, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: await this.#assertion(),
      }),
    });
    const answer = (await response.json()) as { access_token: string; expires_in: number; error?: string };
    if (!response.ok) {
      throw new Error(`no bearer token: ${response.status} ${answer.error ?? ""}`);
    }
    this.#token = answer.access_token;
    this.#expires = now + answer.expires_in * 1000;
    return this.#token;
  }

  /** Signs an assertion. The endpoint accepts each jti once, so every assertion gets its own. */
  async #assertion(): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: this.#key.alg, kid: this.#key.kid })
      .setIssuer(this.#clientId)
      .setSubject(this.#clientId)
      .setAudience(this.#endpoint)
      .setIssuedAt()
      .setExpirationTime("1 minute")
      .setJti(crypto.randomUUID())
      .sign(await importJWK(this.#key));
  }
}
