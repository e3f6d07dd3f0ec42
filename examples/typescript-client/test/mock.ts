// This file starts credmock for a test file.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { SigningKey } from "../src/bearer.js";

export interface Mock {
  host: string;
  clientId: string;
  keys: SigningKey[];
  stop(): Promise<void>;
}

/** Returns the path of the program: the variable CREDMOCK, or a new build of this checkout. */
function program(folder: string): string {
  if (process.env.CREDMOCK) {
    return process.env.CREDMOCK;
  }
  const built = join(folder, "credmock");
  execFileSync("go", ["build", "-o", built, "./cmd/credmock"], { cwd: join(process.cwd(), "..", "..") });
  return built;
}

export async function startMock(): Promise<Mock> {
  const folder = mkdtempSync(join(tmpdir(), "credmock-"));
  const credmock = program(folder);
  const { keys } = JSON.parse(execFileSync(credmock, ["token", "--print-key"], { encoding: "utf8" })) as { keys: SigningKey[] };
  const server = spawn(credmock, ["serve", "--addr", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const first = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).once("line", resolve);
    server.once("error", reject);
    server.once("exit", () => reject(new Error("the mock does not start")));
  });
  return {
    host: new URL(first.replace("listening on ", "")).origin,
    clientId: "development-client",
    keys,
    async stop() {
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
