/** ELK in a worker of its own, loaded when a layout is first asked for. */
import type { ElkNode, LayoutEngine } from "../../core/layout";

let engine: Promise<LayoutEngine> | undefined;

async function load(): Promise<LayoutEngine> {
  const [{ default: ELK }, { default: workerUrl }] = await Promise.all([
    import("elkjs/lib/elk-api.js"),
    import("elkjs/lib/elk-worker.min.js?url"),
  ]);
  const elk = new ELK({ workerFactory: () => new Worker(workerUrl) });
  return async (graph) => (await elk.layout(graph as never)) as unknown as ElkNode;
}

export const elkEngine: LayoutEngine = async (graph) => (await (engine ??= load()))(graph);
