// Bearer tokens for signed assertions: OAuth 2.0 client credentials with a JWT that the client signs.

import { importJWK, SignJWT, type JWK } from "jose";

/** A private key as JWK, with its kid. */
export type SigningKey = JWK & { kid: string; alg: "RS384" | "ES384" };

/** How much earlier than it ends a token is taken for ended, so that none ends on its way. */
const earlier = 10_000;

export class Bearer {
  readonly #endpoint: string;
  readonly #clientId: string;
  readonly #key: SigningKey;
  #token = "";
  #ends = 0;

  constructor(endpoint: string, clientId: string, key: SigningKey) {
    this.#endpoint = endpoint;
    this.#clientId = clientId;
    this.#key = key;
  }

  /** Returns the token that is there, or a fresh one when that is about to end. */
  async token(now = Date.now()): Promise<string> {
    if (now < this.#ends - earlier) {
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
    this.#ends = now + answer.expires_in * 1000;
    return this.#token;
  }

  /** Signs who asks whom. Each assertion serves once: hence the jti. */
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
