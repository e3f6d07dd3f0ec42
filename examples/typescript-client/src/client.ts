// This file is a small client of the auth-credential API. It gets the host of the service, so a test gives it the host of
// the mock instead.

import { Bearer, type SigningKey } from "./bearer.js";

/** The body of a create or an update. Members that are left out keep their values. */
export interface Draft {
  name?: string;
  environmentId?: string;
  grantType: "client_credentials";
  url: string;
  clientId?: string;
  clientSecret?: string;
  scopes?: string | null;
}

/** A credential in an answer. It has a flag in place of the secret. */
export interface Credential {
  id: string;
  name: string;
  environmentId: string;
  url: string;
  clientId?: string;
  scopes?: string;
  hasClientSecret: boolean;
}

/** One mistake in a request. */
export interface Violation {
  message: string;
  pointer?: string;
}

/** An answer that is not a success. A program should decide by the status; the violations are for people. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly violations: Violation[],
  ) {
    super([`refused with ${status}`, ...violations.map((violation) => violation.message)].join("; "));
  }
}

export class Client {
  readonly #host: string;
  readonly #bearer: Bearer;

  constructor(host: string, clientId: string, key: SigningKey) {
    this.#host = host;
    this.#bearer = new Bearer(`${host}/v2/auth/token`, clientId, key);
  }

  create(draft: Draft): Promise<Credential> {
    return this.#call("POST", "/v1/authcredentials", draft);
  }

  get(id: string): Promise<Credential> {
    return this.#call("GET", `/v1/authcredentials/${encodeURIComponent(id)}`);
  }

  /** Changes the members of the draft. The API requires grantType and url in each update, changed or not. */
  update(id: string, draft: Draft): Promise<Credential> {
    return this.#call("PATCH", `/v1/authcredentials/${encodeURIComponent(id)}`, draft);
  }

  async remove(id: string): Promise<void> {
    await this.#call("DELETE", `/v1/authcredentials/${encodeURIComponent(id)}`);
  }

  async list(environmentId: string): Promise<Pick<Credential, "id" | "name">[]> {
    const path = `/v1/environments/${encodeURIComponent(environmentId)}/authcredentials`;
    const { credentials } = await this.#call<{ credentials: Credential[] }>("GET", path);
    return credentials;
  }

  async #call<Payload>(method: string, path: string, body?: unknown): Promise<Payload> {
    const headers: Record<string, string> = {
      Authorization: `Bearer ${await this.#bearer.token()}`,
      Accept: "application/json",
    };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    const response = await fetch(`${this.#host}/platform${path}`, { method, headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as { payload: Payload; errors?: Violation[] };
    if (!response.ok) {
      throw new Refusal(response.status, answer.errors ?? []);
    }
    return answer.payload;
  }
}
