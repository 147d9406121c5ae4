import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "node_modules"] },
  js.configs.recommended,
  ...ts.configs.strict,
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
    },
  },
  {
    files: ["src/core/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      // The core runs without a browser, so that every rule of the editor is tested in plain Node.
      "no-restricted-globals": ["error", "window", "document", "navigator", "localStorage", "fetch"],
      "no-restricted-imports": [
        "error",
        { patterns: ["react", "react-dom", "@xyflow/*", "../ui/*", "../../ui/*"] },
      ],
    },
  },
  {
    files: ["src/i18n/*.ts"],
    rules: { "max-lines": "off" },
  },
  {
    files: ["src/ui/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks, "jsx-a11y": a11y },
    rules: {
      ...a11y.flatConfigs.recommended.rules,
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
    },
  },
  { files: ["dev/**/*.ts", "*.ts"], languageOptions: { globals: { ...globals.node } } },
);
