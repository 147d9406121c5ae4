/** Where a simulated call of a flow is to stop; kept by the browser, for breakpoints are no part of the flow. */
import { type StoreApi, createStore } from "zustand/vanilla";
import { type Flow, nodeIds } from "./flow";

export interface Breakpoint {
  readonly node: string;
  /** An expression; empty: stop always. */
  readonly condition: string;
  readonly enabled: boolean;
}

export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const keyOf = (flow: string): string => `vxmlplat.breakpoints.${flow}`;

function read(memory: Memory, flow: string): Breakpoint[] {
  try {
    const found: unknown = JSON.parse(memory.getItem(keyOf(flow)) ?? "[]");
    if (!Array.isArray(found)) return [];
    return found.flatMap((one: Partial<Breakpoint> | null) =>
      typeof one?.node === "string" ? [{ node: one.node, condition: typeof one.condition === "string" ? one.condition : "", enabled: one.enabled !== false }] : [],
    );
  } catch {
    return []; // written by something else, or the memory is shut: there are none then
  }
}

export class Breakpoints {
  readonly store: StoreApi<readonly Breakpoint[]>;
  readonly #memory: Memory;
  readonly #flow: string;

  constructor(memory: Memory, flow: string) {
    this.#memory = memory;
    this.#flow = flow;
    this.store = createStore<readonly Breakpoint[]>()(() => read(memory, flow));
  }

  at(node: string): Breakpoint | undefined {
    return this.store.getState().find((one) => one.node === node);
  }

  toggle(node: string): void {
    if (this.at(node)) this.remove(node);
    else this.put({ node, condition: "", enabled: true });
  }

  /** Sets the breakpoint of a node, in the place of the one it had. */
  put(breakpoint: Breakpoint): void {
    const all = this.store.getState();
    const at = all.findIndex((one) => one.node === breakpoint.node);
    this.#take(at < 0 ? [...all, breakpoint] : all.with(at, breakpoint));
  }

  remove(node: string): void {
    this.#take(this.store.getState().filter((one) => one.node !== node));
  }

  clear(): void {
    this.#take([]);
  }

  /** Those that can be met: of nodes that the flow has. */
  active(flow: Flow): { node: string; condition: string }[] {
    const nodes = nodeIds(flow);
    return this.store
      .getState()
      .filter((one) => one.enabled && nodes.has(one.node))
      .map(({ node, condition }) => ({ node, condition }));
  }

  #take(all: readonly Breakpoint[]): void {
    this.store.setState(all, true);
    try {
      if (all.length) this.#memory.setItem(keyOf(this.#flow), JSON.stringify(all));
      else this.#memory.removeItem(keyOf(this.#flow));
    } catch {
      // The memory is full or shut: they live as long as the page.
    }
  }
}
