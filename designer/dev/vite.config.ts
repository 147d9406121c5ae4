import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { mockServer } from "./mock";

/** The pages over dev/mock.ts instead of a running platform: `npm run mock`. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  plugins: [react(), mockServer()],
});
