/**
 * A stand-in for the server while the pages are worked on: docs/api.md from memory, no telephone behind it.
 * `npx vite --mode mock`; any user name signs in, with all roles. Node types are asked from the Python package.
 */
import { execFileSync } from "node:child_process";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { WebSocketServer } from "ws";
import type { Plugin } from "vite";
import type { Flow } from "../src/core/flow";
import { parseFlow } from "../src/core/flow";
import { type NodeType, indexTypes } from "../src/core/nodeTypes";
import { checkFlow } from "./mockChecks";
import { callOf, callsOf, reportOf } from "./mockReports";
import { simulate } from "./mockSimulator";
import { largeFlow, sampleFlow } from "./sampleFlows";

interface Stored {
  flow: Flow;
  revision: number;
  published: number | null;
  changed: string;
  versions: { version: number; published_at: string; published_by: string; note: string; flow: Flow }[];
}

const PYTHON = process.env["PYTHON"] ?? "../.venv/bin/python";
const readTypes = (): NodeType[] =>
  JSON.parse(
    execFileSync(PYTHON, ["-c", "import json; from vxmlplat.flows.node_type import describe_node_types as d; print(json.dumps(d()))"], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
    }),
  ) as NodeType[];

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: object = {},
  ) {
    super(code);
  }
}

type Handler = (match: string[], body: unknown, request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => unknown;

export function mockServer(): Plugin {
  const types = readTypes();
  const index = indexTypes(types);
  let user: string | null = null;
  let agentState = "signed_out";
  const now = (): string => new Date().toISOString();
  const store = new Map<string, Stored>();
  const put = (flow: Flow, published: number | null): void => {
    const versions = published ? [{ version: 1, published_at: now(), published_by: "wang", note: "第一版 / First version", flow }] : [];
    store.set(flow.id, { flow, revision: 1, published, changed: now(), versions });
  };
  put(sampleFlow, 1);
  put(largeFlow(1000), null);
  const numbers = [{ number: "12319", flow: "hotline-12319", document: null, ccxml: null }];
  const lists: Record<string, Record<string, unknown>[]> = {
    queues: [{ id: "repairs", skills: { mandarin: 1 }, priority: 1, ring_time: 15, wrap_up: 10, max_wait: 600, strategy: "longest-idle" }],
    agents: [{ id: "li", name: "李娜", address: "sip:li@127.0.0.1", skills: { mandarin: 3, english: 1 }, state: "ready" }],
    users: [{ name: "admin", roles: ["admin"], language: "zh-CN" }, { name: "li", roles: ["agent"], language: "zh-CN" }],
  };
  const named = (id: string): Stored => {
    const found = store.get(id);
    if (!found) throw new Refusal(404, "flow.unknown");
    return found;
  };

  const routes: [string, RegExp, Handler][] = [
    ["GET", /^\/api\/session$/, () => {
      if (!user) throw new Refusal(401, "session.none");
      return { user, roles: ["agent", "analyst", "author", "operator", "admin"], language: null };
    }],
    ["POST", /^\/api\/session$/, (_m, body) => {
      user = (body as { user: string }).user;
      return { user, roles: ["agent", "analyst", "author", "operator", "admin"], language: null };
    }],
    ["DELETE", /^\/api\/session$/, () => void (user = null)],
    ["GET", /^\/api\/node-types$/, () => types],
    ["GET", /^\/api\/flows$/, () =>
      [...store.values()].map(({ flow, revision, published, changed }) => ({ id: flow.id, name: flow.name, languages: flow.languages, revision, published, changed, changed_by: "wang" }))],
    ["POST", /^\/api\/flows$/, (_m, body, _q, response) => {
      const flow = parseFlow(JSON.stringify(body));
      if (store.has(flow.id)) throw new Refusal(409, "flow.taken");
      put(flow, null);
      response.statusCode = 201;
      return {};
    }],
    ["GET", /^\/api\/flows\/([^/]+)$/, ([id = ""], _b, _q, response) => {
      const { flow, revision, published } = named(id);
      response.setHeader("ETag", `"${revision}"`);
      return { flow, revision, published };
    }],
    ["PUT", /^\/api\/flows\/([^/]+)$/, ([id = ""], body, request, response) => {
      const stored = named(id);
      if (request.headers["if-match"] !== `"${stored.revision}"`) throw new Refusal(412, "flow.conflict");
      Object.assign(stored, { flow: body, revision: stored.revision + 1, changed: now() });
      response.setHeader("ETag", `"${stored.revision}"`);
      return { revision: stored.revision };
    }],
    ["DELETE", /^\/api\/flows\/([^/]+)$/, ([id = ""]) => void store.delete(id)],
    ["POST", /^\/api\/flows\/([^/]+)\/check$/, (_m, body) => ({ problems: checkFlow(body as Flow, index) })],
    ["GET", /^\/api\/flows\/([^/]+)\/compiled$/, (_m, _b, _q, _r, query) => ({ documents: { "main.vxml": `<form id="${query.get("node")}">\n  <!-- only the real server compiles -->\n</form>` } })],
    ["POST", /^\/api\/flows\/([^/]+)\/publish$/, ([id = ""], body) => {
      const stored = named(id);
      const { revision, note } = body as { revision: number; note: string };
      if (revision !== stored.revision) throw new Refusal(409, "flow.stale");
      const problems = checkFlow(stored.flow, index);
      if (problems.some((problem) => problem.severity === "error")) throw new Refusal(422, "flow.problems", { problems });
      const version = stored.versions.length + 1;
      stored.versions.push({ version, published_at: now(), published_by: user ?? "", note, flow: stored.flow });
      stored.published = version;
      return { version };
    }],
    ["GET", /^\/api\/flows\/([^/]+)\/versions$/, ([id = ""]) =>
      named(id).versions.toReversed().map(({ flow: _flow, ...version }) => ({ ...version, current: version.version === named(id).published }))],
    ["GET", /^\/api\/flows\/([^/]+)\/versions\/(\d+)$/, ([id = "", n]) => ({ flow: named(id).versions[Number(n) - 1]?.flow })],
    ["POST", /^\/api\/flows\/([^/]+)\/rollback$/, ([id = ""], body) => void (named(id).published = (body as { version: number }).version)],
    ["GET", /^\/api\/numbers$/, () => numbers],
    ["PUT", /^\/api\/numbers$/, (_m, body) => void numbers.splice(0, numbers.length, ...(body as typeof numbers))],
    ["GET", /^\/api\/prompts$/, () => [{ name: "welcome", language: "zh-CN" }]],
    ["GET", /^\/api\/acd\/live$/, () => ({ queues: [{ id: "repairs", waiting: 3, longest_wait: 42 }], agents: [{ id: user, state: agentState, since: now(), call: agentState === "ready" ? "c-1007" : "" }] })],
    ["POST", /^\/api\/agents\/[^/]+\/state$/, (_m, body) => void (agentState = (body as { state: string }).state)],
    ["GET", /^\/api\/(queues|agents|users)$/, ([kind = ""]) => lists[kind]],
    ["PUT", /^\/api\/(queues|agents|users)\/([^/]+)$/, ([kind = "", id], body) => {
      const key = kind === "users" ? "name" : "id";
      lists[kind] = [...(lists[kind] ?? []).filter((item) => item[key] !== id), { ...(body as object), [key]: id }];
    }],
    ["GET", /^\/api\/calls\/[^/]+\/data$/, () => ({ ani: "+8613900001234", language: "zh-CN", service: "repair", kind: "road", ticket: "R-20260105-0042" })],
    ["GET", /^\/api\/analytics\/nodes$/, (_m, _b, _q, _r, query) => reportOf(named(query.get("flow") ?? "").flow, index)],
    ["GET", /^\/api\/analytics\/calls$/, (_m, _b, _q, _r, query) => callsOf(named(query.get("flow") ?? "").flow, index)],
    ["GET", /^\/api\/analytics\/calls\/([^/]+)$/, ([call = ""]) => callOf(sampleFlow, index, call)],
  ];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://mock");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    response.setHeader("Content-Type", "application/json");
    try {
      for (const [method, path, handle] of routes) {
        const match = method === request.method ? path.exec(url.pathname) : null;
        if (!match) continue;
        if (!user && !url.pathname.endsWith("/session")) throw new Refusal(401, "session.none");
        const result = handle(match.slice(1).map(decodeURIComponent), text ? JSON.parse(text) : undefined, request, response, url.searchParams);
        response.end(JSON.stringify(result ?? {}));
        return;
      }
      throw new Refusal(404, "unknown");
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, String(error));
      response.statusCode = refusal.status;
      response.end(JSON.stringify({ error: { code: refusal.code, message: refusal.code, detail: refusal.detail } }));
    }
  }

  function attach(http: Server | null): void {
    const sockets = new WebSocketServer({ noServer: true });
    http?.on("upgrade", (request, socket, head) => {
      if (request.url === "/api/simulator") sockets.handleUpgrade(request, socket, head, (opened) => simulate(opened, index));
    });
  }
  type Middlewares = { use(path: string, handler: (request: IncomingMessage, response: ServerResponse) => void): void };
  const install = (middlewares: Middlewares): void =>
    middlewares.use("/api", (request, response) => {
      request.url = `/api${request.url ?? ""}`;
      void answer(request, response);
    });
  return {
    name: "mock-server",
    configureServer: ({ middlewares, httpServer }) => {
      install(middlewares);
      attach(httpServer as Server | null);
    },
    configurePreviewServer: ({ middlewares, httpServer }) => {
      install(middlewares);
      attach(httpServer as Server | null);
    },
  };
}
