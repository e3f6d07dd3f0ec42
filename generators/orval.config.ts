import { defineConfig } from "orval";

export default defineConfig({
  zod: { input: "./build/clients.yaml", output: { target: "./build/orval/zod.ts", client: "zod" } },
});
