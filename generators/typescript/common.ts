// The mock that the generated clients are run against, and a credential to create.

const environment = process.env;

export const host = environment.CREDMOCK_HOST ?? "";
export const token = environment.CREDMOCK_TOKEN ?? "";
export const environmentId = environment.CREDMOCK_ENVIRONMENT ?? "";

export const draft = {
  name: "orders",
  environmentId,
  authStrategy: "OAuth_2.0_2-legged" as const,
  grantType: "client_credentials" as const,
  url: "https://login.example.com/token",
  clientSecret: "not-a-real-secret",
};
