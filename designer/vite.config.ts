import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const platform = process.env["VXMLPLAT_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": { target: platform, ws: true } } },
  build: { target: "es2022", outDir: "dist", assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 30_000 },
});
