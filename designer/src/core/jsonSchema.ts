/** The part of JSON Schema that node fields use, and which widget edits a field. */
import type { LocalizedText } from "./flow";
import { pickText } from "./flow";

export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly "x-widget"?: string;
  readonly "x-title"?: LocalizedText;
  readonly "x-help"?: LocalizedText;
  readonly "x-options"?: Readonly<Record<string, LocalizedText>>;
  readonly "x-advanced"?: boolean;
}

export const WIDGETS = [
  "prompt",
  "expression",
  "variable",
  "flow",
  "queue",
  "keys",
  "duration",
  "multiline",
  "node",
  "texts",
  "sql",
  "vxml",
  "language",
  "timezone",
  "selection",
  "switch",
  "choices",
  "rows",
  "number",
  "map",
  "list",
  "object",
  "text",
] as const;
export type Widget = (typeof WIDGETS)[number];

/** Follows `$ref` and the wrappers that generators put around one real schema (`allOf` of one, "or null"). */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let current = schema;
  for (let depth = 0; depth < 16; depth += 1) {
    if (current.$ref) {
      const target = root.$defs?.[current.$ref.replace(/^#\/\$defs\//, "")] ?? {};
      const { $ref: _dropped, ...own } = current;
      current = { ...target, ...own };
      continue;
    }
    const alternatives = (current.anyOf ?? current.oneOf ?? current.allOf)?.filter((item) => item.type !== "null");
    const only = alternatives?.[0];
    if (alternatives?.length === 1 && only && !current.properties) {
      const { anyOf: _any, oneOf: _one, allOf: _all, ...own } = current;
      current = { ...only, ...own };
      continue;
    }
    return current;
  }
  return {};
}

export function allowsNull(schema: JsonSchema): boolean {
  return [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].some((item) => item.type === "null");
}

/** Named properties in the order of the schema, each resolved. */
export function propertiesOf(schema: JsonSchema, root: JsonSchema): [string, JsonSchema][] {
  return Object.entries(resolve(schema, root).properties ?? {}).map(([name, property]) => [
    name,
    resolve(property, root),
  ]);
}

const typeName = (schema: JsonSchema): string => {
  if (typeof schema.type === "string") return schema.type;
  return schema.type?.find((name) => name !== "null") ?? "";
};

/** The widget that edits a field: `x-widget` if it names one we have, else what the JSON type asks for. */
export function widgetOf(schema: JsonSchema, root: JsonSchema): Widget {
  const wanted = schema["x-widget"];
  if (wanted && (WIDGETS as readonly string[]).includes(wanted)) return wanted as Widget;
  if (schema.enum) return "selection";
  const alternatives = (schema.anyOf ?? schema.oneOf ?? []).map((item) => resolve(item, root).type);
  if (alternatives.includes("string") && alternatives.includes("object")) return "texts";
  switch (typeName(schema)) {
    case "boolean":
      return "switch";
    case "integer":
    case "number":
      return "number";
    case "array":
      if (schema.items?.enum) return "choices";
      return typeName(resolve(schema.items ?? {}, root)) === "object" ? "rows" : "list";
    case "object":
      if (schema.properties) return "object";
      return looksLocalized(schema) ? "texts" : "map";
    default:
      return "text";
  }
}

/** A map from language to text: the default, or the schema's own name, says so. */
function looksLocalized(schema: JsonSchema): boolean {
  const keys = Object.keys((schema.default ?? {}) as object);
  return keys.some((key) => /^[a-z]{2,3}-[A-Z]{2}$/.test(key)) || /text|label|title/i.test(schema.title ?? "");
}

/** The value a new field or row begins with; undefined when the schema gives none. */
export function defaultOf(schema: JsonSchema, root: JsonSchema): unknown {
  const found = resolve(schema, root);
  if (found.default !== undefined) return structuredClone(found.default);
  if (found.const !== undefined) return found.const;
  return undefined;
}

/** A value for a new row of an array: defaults where given, empty values for what is required. */
export function newRow(items: JsonSchema, root: JsonSchema): unknown {
  const schema = resolve(items, root);
  const given = defaultOf(schema, root);
  if (given !== undefined) return given;
  switch (typeName(schema)) {
    case "object": {
      const row: Record<string, unknown> = {};
      for (const [name, property] of propertiesOf(schema, root)) {
        const value = defaultOf(property, root) ?? (schema.required?.includes(name) ? newRow(property, root) : undefined);
        if (value !== undefined && value !== null) row[name] = value;
      }
      return row;
    }
    case "array":
      return Array.from({ length: schema.items?.enum ? 0 : (schema.minItems ?? 0) }, () => newRow(schema.items ?? {}, root));
    case "boolean":
      return false;
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    default:
      return schema.enum?.[0] ?? "";
  }
}

export function fieldTitle(name: string, schema: JsonSchema, language: string): string {
  return pickText(schema["x-title"], language) || schema.title || name;
}

export function fieldHelp(schema: JsonSchema, language: string): string {
  return pickText(schema["x-help"], language) || schema.description || "";
}
