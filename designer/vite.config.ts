import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockServer } from "./dev/mock";

// `vite --mode mock` answers /api from memory (dev/mock.ts); otherwise /api goes to a running platform.
const platform = process.env["VXMLPLAT_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockServer()] : [])],
  server: mode === "mock" ? {} : { proxy: { "/api": { target: platform, ws: true } } },
  build: { target: "es2022", outDir: "dist", assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  test: { include: ["src/**/*.test.ts", "tests/**/*.test.ts"], environment: "node" },
}));
