// A small client of the auth-credential API. All that it knows of where the service is, is its host: give it that of
// the mock, and nothing else changes.

import { Bearer, type SigningKey } from "./bearer.js";

/** What is sent to create or change a credential. What is left out keeps its value. */
export interface Draft {
  name?: string;
  environmentId?: string;
  grantType: "client_credentials";
  url: string;
  clientId?: string;
  clientSecret?: string;
  scopes?: string | null;
}

/** What comes back: of a secret, only whether there is one. */
export interface Credential {
  id: string;
  name: string;
  environmentId: string;
  url: string;
  clientId?: string;
  scopes?: string;
  hasClientSecret: boolean;
}

/** One thing that was wrong with a request. */
export interface Fault {
  message: string;
  pointer?: string;
}

/** An answer that is no success. A program should decide by the status: the faults are for people. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly faults: Fault[],
  ) {
    super([`refused with ${status}`, ...faults.map((fault) => fault.message)].join("; "));
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

  /** Changes what the draft says. The API wants grantType and url in each update, changed or not. */
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
    const answer = (await response.json()) as { payload: Payload; errors?: Fault[] };
    if (!response.ok) {
      throw new Refusal(response.status, answer.errors ?? []);
    }
    return answer.payload;
  }
}
