/** Requests to the server (docs/api.md). */
export class ApiError extends Error {
  constructor(
    /** 0 when no answer came at all. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
  get offline(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export interface Answer<T> {
  readonly data: T;
  /** The revision that the answer's ETag names, without its quotes. */
  readonly revision: string | null;
}

type Body = object | readonly unknown[];

const signedOutListeners = new Set<() => void>();
/** Tells when the server no longer knows us; returns how to stop listening. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

interface Options {
  readonly body?: Body | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function readError(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: { code?: string; message?: string; detail?: Record<string, unknown> } };
    return new ApiError(response.status, error.code ?? "unknown", error.message ?? text, error.detail ?? {});
  } catch {
    return new ApiError(response.status, "unknown", response.statusText || text.slice(0, 200));
  }
}

/** The answer as it came; what is no success is thrown as an {@link ApiError}. */
async function exchange(method: string, path: string, options: Options): Promise<Response> {
  const { body, headers, signal } = options;
  const form = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        "X-Requested-With": "vxmlplat",
        ...(body && !form ? { "Content-Type": "application/json" } : {}),
        ...headers,
      },
      ...(body ? { body: form ? body : JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "network", String(error));
  }
  if (!response.ok) {
    if (response.status === 401 && path !== "/api/session") signedOutListeners.forEach((listener) => listener());
    throw await readError(response);
  }
  return response;
}

export async function request<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  const response = await exchange(method, path, options);
  const text = await response.text();
  const revision = response.headers.get("ETag")?.replace(/^(W\/)?"(.*)"$/, "$2") ?? null;
  return { data: (text ? JSON.parse(text) : undefined) as T, revision };
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await request<T>("GET", path, signal ? { signal } : {})).data;
export const post = async <T>(path: string, body: Body = {}, signal?: AbortSignal): Promise<T> =>
  (await request<T>("POST", path, { body, ...(signal ? { signal } : {}) })).data;
export const put = async <T>(path: string, body: Body): Promise<T> => (await request<T>("PUT", path, { body })).data;
export const bytes = async (method: "GET" | "POST", path: string, body?: Body): Promise<ArrayBuffer> =>
  (await exchange(method, path, body ? { body } : {})).arrayBuffer();
export const upload = async <T>(path: string, form: FormData): Promise<T> => (await request<T>("POST", path, { body: form })).data;
export const remove = async (path: string): Promise<void> => void (await request("DELETE", path));

/** An answer of one JSON value a line (`application/x-ndjson`), as the lines come. */
export async function* lines<T>(path: string, body: Body, signal?: AbortSignal): AsyncGenerator<T, void> {
  const response = await exchange("POST", path, { body, headers: { Accept: "application/x-ndjson" }, ...(signal ? { signal } : {}) });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (reader) {
    const { done, value } = await reader.read();
    const parts = (rest + (value ?? "")).split("\n");
    rest = done ? "" : (parts.pop() ?? "");
    for (const part of parts) if (part.trim()) yield JSON.parse(part) as T;
    if (done) return;
  }
}

/** An address with its query, leaving out what is empty. */
export function address(path: string, query: Readonly<Record<string, string | number | null | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
