import ELK from "elkjs/lib/elk.bundled.js";
import { expect, it } from "vitest";
import { type ElkNode, layout } from "../src/core/layout";
import { sample, types } from "./samples";
import { nodeSize } from "../src/core/summary";

const elk = new ELK();
const engine = async (graph: ElkNode): Promise<ElkNode> => (await elk.layout(graph as never)) as unknown as ElkNode;

it("lays the flow out from left to right with no two nodes on each other", async () => {
  const positions = await layout(sample, types, engine);
  expect(positions["start"]?.x).toBeLessThan(positions["main"]?.x ?? NaN);
  expect(positions["main"]?.x).toBeLessThan(positions["bye"]?.x ?? NaN);
  const boxes = sample.nodes.map((node) => ({ ...positions[node.id], ...nodeSize(sample, types, node) }));
  for (const a of boxes) {
    for (const b of boxes) {
      if (a === b) continue;
      const apart =
        (a.x ?? 0) + a.width <= (b.x ?? 0) || (b.x ?? 0) + b.width <= (a.x ?? 0) ||
        (a.y ?? 0) + a.height <= (b.y ?? 0) || (b.y ?? 0) + b.height <= (a.y ?? 0);
      expect(apart).toBe(true);
    }
  }
});

it("lays out a part where it stands", async () => {
  const positions = await layout(sample, types, engine, new Set(["main", "bye"]));
  expect(Object.keys(positions).toSorted()).toEqual(["bye", "main"]);
  expect(positions["main"]?.x).toBe(320);
});
